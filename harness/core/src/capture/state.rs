//! Which of a plan's steps start, in a capture, from the state that they start from in the plan.
//!
//! A step's state is made by all acts up to its own. Where the scenario now does something else than the captured run
//! did, the capture shows another cluster, and cannot answer from there on.

use crate::plan::Step;
use crate::record::{Outcome, THE_CAPTURE, THE_CAPTURES_END};

use super::keep::act_digests;
use super::{Capture, CapturedStep};

/// Walks a plan and a capture side by side.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    capture: &'a Capture,
    /// How many of the capture's steps are behind.
    passed: usize,
    /// The acts of the plan so far.
    planned: Vec<String>,
    /// The first step after which the cluster is another one.
    parted_at: Option<String>,
}

/// What a capture has of a step.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// Its outputs, on the cluster that the plan makes too.
    Step(&'a CapturedStep),
    /// Outputs that do not answer, or none: the outcome that says why.
    Nothing(Outcome),
}

impl<'a> Walk<'a> {
    pub(super) fn new(capture: &'a Capture) -> Self {
        Self {
            capture,
            passed: 0,
            planned: Vec::new(),
            parted_at: None,
        }
    }

    /// What the capture has of the plan's next step.
    pub(super) fn next(&mut self, step: &Step) -> Found<'a> {
        self.planned.extend(act_digests(step));
        if let Some(by) = &self.parted_at {
            return Found::Nothing(Outcome::Blocked {
                by: by.clone(),
                why: self.index(&step.id).map(|_| {
                    format!("what {by} does now is not what the captured run did, so that what it saw from there on is of another cluster")
                }),
            });
        }
        let Some(index) = self.index(&step.id) else {
            if !step.acts.is_empty() {
                self.parted_at = Some(step.id.clone());
            }
            let by = if self.passed == self.capture.steps.len() {
                THE_CAPTURES_END
            } else {
                THE_CAPTURE
            };
            return lacks(by, format!("it has no step {}", step.id));
        };
        self.passed = index + 1;
        let steps = &self.capture.steps[..=index];
        let captured = steps.iter().flat_map(|step| &step.act_digests);
        if captured.eq(&self.planned) {
            return Found::Step(&self.capture.steps[index]);
        }
        self.parted_at = Some(step.id.clone());
        lacks(THE_CAPTURE, other_acts(step, &self.capture.steps[index]))
    }

    fn index(&self, id: &str) -> Option<usize> {
        self.capture.steps.iter().position(|step| step.id == id)
    }
}

fn lacks<'a>(by: &str, why: String) -> Found<'a> {
    Found::Nothing(Outcome::Blocked {
        by: by.to_owned(),
        why: Some(why),
    })
}

fn other_acts(step: &Step, captured: &CapturedStep) -> String {
    let planned = act_digests(step);
    let changed = planned
        .iter()
        .zip(&captured.act_digests)
        .zip(&captured.acts)
        .find_map(|((planned, digest), act)| (planned != digest).then_some(act));
    match changed {
        Some(act) => format!("the captured run did `{act}` otherwise than the scenario does now"),
        None if planned.len() == captured.act_digests.len() => {
            "the captured run did something else before this step".to_owned()
        }
        None => format!(
            "the captured run did {} acts in this step, and the scenario does {}",
            captured.act_digests.len(),
            planned.len()
        ),
    }
}
