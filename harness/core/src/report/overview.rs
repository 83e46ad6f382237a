//! What all reports tell alike: outcomes as words, counts, the one-line verdict, and what went wrong in order.

use crate::check::Failure;
use crate::record::{CAPTURE, Check, Class, Outcome, Record, Step, Verdict};

use super::text::count;

/// How a step or a check ended, without the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Passed,
    Failed,
    Broken,
    Blocked,
    Skipped,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Broken => "broken",
            Self::Blocked => "blocked",
            Self::Skipped => "skipped",
        }
    }

    /// One character that differs in shape, not only in colour.
    pub(super) fn mark(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Failed => '✗',
            Self::Broken => '!',
            Self::Blocked => '⊘',
            Self::Skipped => '–',
        }
    }
}

impl From<&Outcome> for State {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed => Self::Failed,
            Outcome::Broken { .. } => Self::Broken,
            Outcome::Blocked { .. } => Self::Blocked,
            Outcome::Skipped { .. } => Self::Skipped,
        }
    }
}

impl From<&Verdict> for State {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Passed,
            Verdict::Failed => Self::Failed,
            Verdict::Broken { .. } => Self::Broken,
            Verdict::Blocked { .. } => Self::Blocked,
            Verdict::Skipped { .. } => Self::Skipped,
        }
    }
}

/// Why a step ended as it did, where its checks do not say it.
pub(super) fn reason(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Passed | Outcome::Failed => None,
        Outcome::Broken { class, why } => Some(format!("{} ({})", why, class_word(*class))),
        Outcome::Blocked { by, why: None } => Some(format!("blocked by {by}")),
        Outcome::Blocked { by, why: Some(why) } => Some(format!("blocked by {by}: {why}")),
        Outcome::Skipped { why } => Some(why.clone()),
    }
}

pub(super) fn class_word(class: Class) -> &'static str {
    match class {
        Class::Harness => "harness",
        Class::Machine => "machine",
        Class::Cluster => "cluster",
    }
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) broken: usize,
    pub(super) blocked: usize,
    pub(super) skipped: usize,
}

impl Tally {
    pub(super) fn of(states: impl Iterator<Item = State>) -> Self {
        let mut tally = Self::default();
        for state in states {
            match state {
                State::Passed => tally.passed += 1,
                State::Failed => tally.failed += 1,
                State::Broken => tally.broken += 1,
                State::Blocked => tally.blocked += 1,
                State::Skipped => tally.skipped += 1,
            }
        }
        tally
    }

    pub(super) fn steps(record: &Record) -> Self {
        let steps = &record.canonical.steps;
        Self::of(steps.iter().map(|step| State::from(&step.outcome)))
    }

    pub(super) fn all_checks(record: &Record) -> Self {
        let checks = record.canonical.steps.iter().flat_map(|step| &step.checks);
        Self::of(checks.map(|check| State::from(&check.verdict)))
    }

    pub(super) fn checks(step: &Step) -> Self {
        Self::of(step.checks.iter().map(|check| State::from(&check.verdict)))
    }

    pub(super) fn total(self) -> usize {
        self.passed + self.failed + self.broken + self.blocked + self.skipped
    }

    /// `3 passed, 2 failed, 1 skipped`; what there is none of is left out.
    pub(super) fn words(self) -> String {
        let parts = [
            (self.passed, State::Passed),
            (self.failed, State::Failed),
            (self.broken, State::Broken),
            (self.blocked, State::Blocked),
            (self.skipped, State::Skipped),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, state)| format!("{number} {}", state.word()))
            .collect();
        if parts.is_empty() {
            "none".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

/// The run as one state: passed, failed, or broken for what could not be found out.
pub(super) fn run_state(record: &Record) -> State {
    match record.exit_code() {
        0 => State::Passed,
        1 => State::Failed,
        _ => State::Broken,
    }
}

/// The run in one line, such as `Failed: 2 of 11 steps failed, 1 blocked`.
pub(super) fn headline(record: &Record) -> String {
    let steps = Tally::steps(record);
    let total = count(steps.total(), "step");
    match run_state(record) {
        State::Passed if steps.passed == steps.total() && steps.total() > 1 => {
            format!("Passed: all {total}")
        }
        State::Passed => format!(
            "Passed: {} of {total}, {} skipped",
            steps.passed, steps.skipped
        ),
        State::Failed => format!("Failed: {}", of_all(steps, &total)),
        _ if steps.total() == 0 => "Not found out: the plan has no steps".to_owned(),
        _ => format!("Not found out: {}", of_all(steps, &total)),
    }
}

fn of_all(steps: Tally, total: &str) -> String {
    format!("{} of {total}", Tally { passed: 0, ..steps }.words())
}

/// A check that failed, with its failures; or with none, one that broke or that a capture has no answer to.
pub(super) struct Trouble<'record> {
    pub(super) step: &'record Step,
    pub(super) check: &'record Check,
    pub(super) state: State,
    pub(super) failures: &'record [Failure],
    /// Why the check broke or is blocked.
    pub(super) why: Option<&'record str>,
}

/// What was played, as a sentence, where the record is of a capture.
pub(super) fn played(record: &Record) -> Option<String> {
    let canonical = &record.canonical;
    if canonical.stage != CAPTURE {
        return None;
    }
    let what = match &canonical.capture {
        Some(played) => format!("capture {}, sha256 {}", played.name, played.sha256),
        None => "no capture, as none fits".to_owned(),
    };
    Some(format!(
        "Played again from the outputs of an earlier run ({what}): nothing was started, no cluster was looked at."
    ))
}

/// What went wrong in one step, in the order of its checks.
pub(super) fn troubles<'record>(
    record: &'record Record,
    step: &'record Step,
) -> Vec<Trouble<'record>> {
    let failures = record.run.failures.get(&step.id);
    step.checks
        .iter()
        .filter_map(|check| {
            let why = match &check.verdict {
                Verdict::Failed => None,
                Verdict::Broken { why } | Verdict::Blocked { why: Some(why) } => Some(why.as_str()),
                Verdict::Passed | Verdict::Blocked { why: None } | Verdict::Skipped { .. } => {
                    return None;
                }
            };
            Some(Trouble {
                step,
                check,
                state: State::from(&check.verdict),
                failures: failures
                    .and_then(|failures| failures.get(&check.that))
                    .map_or(&[], Vec::as_slice),
                why,
            })
        })
        .collect()
}

/// Failures that differ only in their subject, together.
pub(super) fn grouped(failures: &[Failure]) -> Vec<(Vec<&str>, &Failure)> {
    let mut groups: Vec<(Vec<&str>, &Failure)> = Vec::new();
    for failure in failures {
        let same = groups.last_mut().filter(|(_, first)| {
            (&first.expected, &first.observed, &first.why)
                == (&failure.expected, &failure.observed, &failure.why)
        });
        match same {
            Some((subjects, _)) => subjects.push(&failure.subject),
            None => groups.push((vec![&failure.subject], failure)),
        }
    }
    groups
}

/// What a reader should know although nothing failed: step and remark, in order.
pub(super) fn remarks(record: &Record) -> Vec<(&Step, &str)> {
    let steps = record.canonical.steps.iter();
    steps
        .flat_map(|step| {
            let remarks = step.checks.iter().flat_map(|check| &check.remarks);
            remarks.map(move |remark| (step, remark.as_str()))
        })
        .collect()
}
