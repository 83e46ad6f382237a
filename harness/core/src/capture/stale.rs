//! Which steps of a plan a capture answers, and which it does not answer any more since the scenario was edited.

use std::fmt;

use crate::plan::Plan;
use crate::record::{Outcome, Verdict};

use super::{Capture, play};

/// How far a capture answers a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// How many steps the plan has.
    pub steps: usize,
    /// How many of them are answered to the last check.
    pub answered: usize,
    /// Where the captured run ended, when it did not come to the plan's end.
    pub ended_before: Option<String>,
    /// The first thing that makes it stale, with its step; none where it answers all that the captured run reached.
    pub stale: Option<String>,
}

impl Capture {
    /// How far the capture answers a plan. That its run ended early does not make it stale.
    pub fn answers(&self, plan: &Plan) -> Answers {
        let mut answers = Answers {
            steps: plan.steps.len(),
            stale: self.contradiction(plan),
            ..Answers::default()
        };
        if answers.stale.is_some() {
            return answers;
        }
        let mut reached = self.steps.len();
        for step in play(plan, self).steps {
            let is_captured = self.step(&step.id).is_some();
            reached = reached.saturating_sub(usize::from(is_captured));
            let is_answered = !step
                .checks
                .iter()
                .any(|check| matches!(check.verdict, Verdict::Blocked { .. }));
            match step.outcome {
                _ if is_captured && is_answered => answers.answered += 1,
                Outcome::Blocked { why: Some(_), .. } if !is_captured && reached == 0 => {
                    answers.ended_before.get_or_insert(step.id);
                }
                Outcome::Blocked { why: Some(why), .. } => {
                    answers.stale.get_or_insert(format!("{}: {why}", step.id));
                }
                Outcome::Blocked { why: None, .. }
                | Outcome::Passed
                | Outcome::Failed
                | Outcome::Broken { .. }
                | Outcome::Skipped { .. } => {}
            }
        }
        answers
    }
}

impl fmt::Display for Answers {
    /// Such as `stale, answers 1 of 11 steps (install-calico: …)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.stale.is_some() {
            formatter.write_str("stale, ")?;
        }
        write!(
            formatter,
            "answers {} of {} steps",
            self.answered, self.steps
        )?;
        match (&self.stale, &self.ended_before) {
            (Some(why), _) => write!(formatter, " ({why})"),
            (None, Some(step)) => write!(formatter, " (its run ended before {step})"),
            (None, None) => Ok(()),
        }
    }
}
