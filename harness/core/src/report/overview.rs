//! What all reports tell alike: outcomes as words, counts, the one-line verdict, what went wrong in order, and where it is
//! written.

use std::fmt;

use crate::check::Failure;
use crate::problem::Location;
use crate::record::{CAPTURE, Check, Class, Outcome, Record, Step, Verdict};
use crate::scenario::DocumentLines;

use super::text::{count, document_lines, one_line};

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
    pub(super) place: Place<'record>,
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
                place: Place::of_check(record, step, check),
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

/// What a reader should know although nothing failed.
pub(super) struct Remark<'record> {
    pub(super) step: &'record Step,
    pub(super) check: &'record Check,
    pub(super) place: Place<'record>,
    pub(super) text: &'record str,
}

/// The remarks of all steps, in order.
pub(super) fn remarks(record: &Record) -> impl Iterator<Item = Remark<'_>> {
    let steps = record.canonical.steps.iter();
    steps.flat_map(|step| remarks_of(record, step))
}

/// The remarks of a step, in order.
pub(super) fn remarks_of<'record>(
    record: &'record Record,
    step: &'record Step,
) -> impl Iterator<Item = Remark<'record>> {
    let checks = step.checks.iter();
    checks.flat_map(move |check| {
        check.remarks.iter().map(move |text| Remark {
            step,
            check,
            place: Place::of_check(record, step, check),
            text,
        })
    })
}

/// Where a step or a check is written. `Display` gives all of it, or nothing where nothing is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'record> {
    /// In the scenario; none in a record that does not say it.
    pub(super) scenario: Option<&'record Location>,
    /// In the document, where a step of it is written.
    pub(super) document: Option<&'record DocumentLines>,
}

impl<'record> Place<'record> {
    pub(super) fn of_step(record: &'record Record, step: &'record Step) -> Self {
        let locations = record.run.locations.get(&step.id);
        Self {
            scenario: locations.map(|locations| &locations.step),
            document: step.document.as_ref(),
        }
    }

    pub(super) fn of_check(
        record: &'record Record,
        step: &'record Step,
        check: &'record Check,
    ) -> Self {
        let locations = record.run.locations.get(&step.id);
        let own = locations.and_then(|locations| locations.checks.get(&check.that));
        let of_step = Self::of_step(record, step);
        Self {
            scenario: own.or(of_step.scenario),
            ..of_step
        }
    }

    /// The scenario's file and line; empty where they are not known.
    pub(super) fn scenario(self) -> String {
        self.scenario
            .map_or_else(String::new, |location| one_line(&location.to_string()))
    }

    /// The document's lines; empty where no step of it is written there.
    pub(super) fn document(self) -> String {
        self.document.map_or_else(String::new, document_lines)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.scenario(), self.document()];
        let known: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        formatter.write_str(&known.join(", "))
    }
}
