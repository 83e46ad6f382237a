//! What came of the steps of a replay, in the parts that a record has.

use std::collections::BTreeMap;

use rehearse_core::check::{Detail, Failure};
use rehearse_core::plan::{self, Plan};
use rehearse_core::record::{self, Class, Moment, Outcome, StepTiming};

use super::notes;

/// What came of the steps: the record's parts that a replay makes.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// The steps of the plan so far, in order.
    pub steps: Vec<record::Step>,
    /// By step id.
    pub timing: BTreeMap<String, StepTiming>,
    /// By step id and check.
    pub failures: BTreeMap<String, BTreeMap<String, Vec<Failure>>>,
    /// By step id and check.
    pub details: BTreeMap<String, BTreeMap<String, Vec<Detail>>>,
    /// By step id.
    pub evidence: BTreeMap<String, Vec<String>>,
    /// A line each.
    pub retries: Vec<String>,
    /// When steps began and ended.
    pub marks: Vec<Moment>,
    /// The step that later ones wait for in vain.
    pub(super) blocked_by: Option<String>,
}

impl Replayed {
    /// The parts of a run whose cluster never came to be: its first step is broken for this reason, all others blocked.
    pub fn without_cluster(plan: &Plan, class: Class, why: &str) -> Self {
        let mut replayed = Self::default();
        let mut blocked_by: Option<&str> = None;
        for step in &plan.steps {
            let outcome = match blocked_by {
                Some(by) => Outcome::Blocked {
                    by: by.to_owned(),
                    why: None,
                },
                None => Outcome::Broken {
                    class,
                    why: why.to_owned(),
                },
            };
            replayed.not_performed(step, outcome);
            blocked_by.get_or_insert(&step.id);
        }
        replayed
    }

    /// Whether there is a step, and all passed.
    pub fn all_passed(&self) -> bool {
        let mut steps = self.steps.iter();
        !self.steps.is_empty() && steps.all(|step| step.outcome == Outcome::Passed)
    }

    /// Records a step that was not performed.
    pub(super) fn not_performed(&mut self, step: &plan::Step, outcome: Outcome) {
        self.record(notes::not_performed(step, outcome));
    }

    /// Records a step.
    pub(super) fn record(&mut self, assembled: record::AssembledStep) {
        let id = assembled.step.id.clone();
        if !assembled.failures.is_empty() {
            self.failures.insert(id.clone(), assembled.failures);
        }
        if !assembled.details.is_empty() {
            self.details.insert(id, assembled.details);
        }
        self.steps.push(assembled.step);
    }
}
