//! Whether a step or a check was looked at, and how it ended, in words.

use crate::record::{Check, Class, Outcome, Step, Verdict};

/// Whether a step's checks can be compared.
pub(super) enum Reached<'record> {
    /// It was performed; its checks say the rest.
    Yes,
    /// It was not, with why and the step that is the cause.
    No {
        why: String,
        by: Option<&'record str>,
    },
}

pub(super) fn reached(step: &Step) -> Reached<'_> {
    match &step.outcome {
        Outcome::Passed | Outcome::Failed | Outcome::Broken { .. } => Reached::Yes,
        Outcome::Blocked { by, .. } => Reached::No {
            why: format!("blocked by {by}"),
            by: Some(by),
        },
        // A step none of whose checks is meant for these versions was performed; its checks tell so.
        Outcome::Skipped { .. } if step.checks.iter().all(is_skipped) => Reached::Yes,
        Outcome::Skipped { why } => Reached::No {
            why: format!("skipped: {why}"),
            by: None,
        },
    }
}

fn is_skipped(check: &Check) -> bool {
    matches!(check.verdict, Verdict::Skipped { .. })
}

/// Whether a check was evaluated: its facts are those that were seen.
pub(super) fn is_evaluated(check: &Check) -> bool {
    matches!(check.verdict, Verdict::Passed | Verdict::Failed)
}

/// The outcome with its reason, as far as that is the same in two runs: not what a capture lacks.
pub(super) fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Blocked { by, .. } => format!("blocked by {by}"),
        outcome => outcome.words(),
    }
}

/// Whether the machine is to blame, so that nothing can be concluded about components.
pub(super) fn is_of_the_machine(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Broken {
            class: Class::Machine,
            ..
        }
    )
}
