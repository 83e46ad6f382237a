//! What came of the steps of a replay: what the judge says of them, and what a run adds.

use std::collections::BTreeMap;

use rehearse_core::judge::JudgedSteps;
use rehearse_core::record::{Moment, StepTiming};

/// What came of the steps of a replay, of which its record is made.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// The steps of the plan so far.
    pub judged: JudgedSteps,
    /// By step id.
    pub timing: BTreeMap<String, StepTiming>,
    /// By step id.
    pub evidence: BTreeMap<String, Vec<String>>,
    /// A line each.
    pub retries: Vec<String>,
    /// When steps began and ended.
    pub marks: Vec<Moment>,
}

impl From<JudgedSteps> for Replayed {
    fn from(judged: JudgedSteps) -> Self {
        Self {
            judged,
            ..Self::default()
        }
    }
}
