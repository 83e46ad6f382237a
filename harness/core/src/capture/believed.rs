//! What is believed of a capture that was read: its texts pass the gate, and it must not contradict itself. Whether it fits
//! a plan is not asked here.

use std::collections::BTreeSet;
use std::mem;

use crate::query::{Output, Query};
use crate::record::order;
use crate::redaction::redact;

use super::{Capture, CapturedLook, CapturedStep, ReadError};

impl Capture {
    /// The same capture after its texts passed the gate, as another program may have written them, or somebody else.
    ///
    /// # Errors
    /// [`ReadError::Contradiction`] where no run leaves such steps; [`ReadError::Shape`] where it is no capture any more,
    /// as a key or a time was taken for a secret.
    pub fn believed(mut self) -> Result<Self, ReadError> {
        // Outputs pass the gate by their type, and are nearly all that a capture has.
        let outputs = self.outputs();
        let texts: Vec<_> = outputs
            .map(|output| (mem::take(&mut output.text), mem::take(&mut output.error)))
            .collect();
        let text = serde_json::to_string(&self)?;
        let redacted = redact(&text);
        let mut believed = if redacted == text {
            self
        } else {
            serde_json::from_str(&redacted)?
        };
        for (output, (text, error)) in believed.outputs().zip(texts) {
            output.text = text;
            output.error = error;
        }
        match believed.own_contradiction() {
            Some(what) => Err(ReadError::Contradiction { what }),
            None => Ok(believed),
        }
    }

    fn outputs(&mut self) -> impl Iterator<Item = &mut Output> {
        self.steps.iter_mut().flat_map(|step| {
            let earlier = step.earlier.iter_mut().flat_map(|check| &mut check.looks);
            let looks = step.looks.iter_mut().chain(&mut step.others);
            looks.chain(earlier).flat_map(|look| &mut look.outputs)
        })
    }

    fn own_contradiction(&self) -> Option<String> {
        let steps = self.steps.iter();
        order::contradiction(steps.map(|step| (step.id.as_str(), Some(step.started)))).or_else(
            || {
                let mut steps = self.steps.iter();
                steps.find_map(CapturedStep::contradiction)
            },
        )
    }
}

impl CapturedStep {
    /// A query with two answers, or a check with two looks of its own: which one is judged would be chance.
    fn contradiction(&self) -> Option<String> {
        let mut checks = BTreeSet::new();
        let check = self
            .earlier
            .iter()
            .find(|check| !checks.insert(&check.that));
        if let Some(check) = check {
            return Some(format!("step {} has `{}` twice", self.id, check.that));
        }
        let mut own = self.earlier.iter();
        let own = own.find_map(|check| answered_twice(&check.looks));
        let twice = answered_twice(self.looks.iter().chain(&self.others)).or(own)?;
        Some(format!("step {} has two answers to {twice}", self.id))
    }
}

fn answered_twice<'a>(looks: impl IntoIterator<Item = &'a CapturedLook>) -> Option<&'a Query> {
    let mut queries = BTreeSet::new();
    let mut asked = looks.into_iter().map(|look| &look.query);
    asked.find(|query| !queries.insert(*query))
}
