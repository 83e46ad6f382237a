//! What all reports tell alike: the one-line verdict, what went wrong in order, and where it is
//! written.

use std::fmt;

use crate::check::Failure;
use crate::problem::Location;
use crate::record::{CAPTURE, Check, Record, State, Step, Tally, Verdict};
use crate::scenario::DocumentLines;

use super::text::{count, document_lines, one_line};

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
            let why = check.verdict.reason();
            match check.verdict {
                Verdict::Failed | Verdict::Broken { .. } => {}
                Verdict::Blocked { .. } if why.is_some() => {}
                Verdict::Passed | Verdict::Blocked { .. } | Verdict::Skipped { .. } => return None,
            }
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

/// Where a step is told to be that has these troubles: where its first failing check is written, else where it is itself.
pub(super) fn told_at<'record>(
    place: Place<'record>,
    troubles: &[Trouble<'record>],
) -> Option<&'record Location> {
    let first = troubles.first().and_then(|trouble| trouble.place.scenario);
    first.or(place.scenario)
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
        Self {
            scenario: record.location(step, None),
            document: step.document.as_ref(),
        }
    }

    pub(super) fn of_check(
        record: &'record Record,
        step: &'record Step,
        check: &'record Check,
    ) -> Self {
        Self {
            scenario: record.location(step, Some(check)),
            document: step.document.as_ref(),
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
