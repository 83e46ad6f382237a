//! What went wrong in a step as messages that stand alone, each at its line: for what shows files, and knows no runs.

use super::overview::{Place, grouped, troubles};
use super::text::append;
use crate::record::{Outcome, Record, Severity, State, Step};

/// What a step that went wrong outside of its checks is told under, where a check's kind stands otherwise.
const STEP: &str = "step";

/// One message.
pub(super) struct Message<'record> {
    pub(super) severity: Severity,
    /// The check's kind, such as `pod-routes`.
    pub(super) kind: &'record str,
    pub(super) place: Place<'record>,
    /// Of what step, what is wrong, and the document's lines.
    pub(super) title: String,
    /// All that is said about it.
    pub(super) text: String,
}

/// An error for each check that failed or broke, a warning for what was not reached; the step itself where no check says
/// why.
pub(super) fn of_step<'record>(
    record: &'record Record,
    step: &'record Step,
) -> Vec<Message<'record>> {
    let troubles = troubles(record, step);
    let is_told = troubles.iter().any(|trouble| trouble.why.is_some());
    let mut messages: Vec<_> = troubles
        .into_iter()
        .map(|trouble| {
            let mut text = String::new();
            if let Some(why) = trouble.why {
                append(&mut text, format_args!("{why}\n"));
            }
            for (subjects, failure) in grouped(trouble.failures) {
                let subjects = subjects.join(", ");
                let (expected, observed) = (&failure.expected, &failure.observed);
                append(
                    &mut text,
                    format_args!("{subjects}\n  expected: {expected}\n  observed: {observed}\n"),
                );
                append(&mut text, format_args!("  why: {}\n", failure.why));
            }
            let that = format!("{} {}", trouble.check.that, trouble.state.word());
            Message {
                severity: match trouble.state {
                    State::Blocked => Severity::Warning,
                    _ => Severity::Error,
                },
                kind: &trouble.check.kind,
                title: title(step, trouble.place, &that),
                place: trouble.place,
                text,
            }
        })
        .collect();
    let of_step = match &step.outcome {
        Outcome::Broken { .. } => Some((Severity::Error, "could not be found out")),
        Outcome::Blocked { .. } => Some((Severity::Warning, "was not reached")),
        Outcome::Passed | Outcome::Failed | Outcome::Skipped { .. } => None,
    };
    if let (Some((severity, that)), Some(text), false) = (of_step, step.outcome.reason(), is_told) {
        let place = Place::of_step(record, step);
        messages.push(Message {
            severity,
            kind: STEP,
            title: title(step, place, that),
            place,
            text,
        });
    }
    messages
}

fn title(step: &Step, place: Place<'_>, that: &str) -> String {
    let lines = place.document();
    if lines.is_empty() {
        format!("{}: {that}", step.id)
    } else {
        format!("{}: {that} ({lines})", step.id)
    }
}
