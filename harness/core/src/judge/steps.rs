//! The order of steps: which is performed, which is blocked by an earlier one, and which was not asked for.

use std::collections::BTreeMap;

use crate::check::{Detail, Failure};
use crate::plan::{Plan, Step};
use crate::record::{self, Class, Outcome};

use super::step::{JudgedStep, Performed};

/// The steps of a plan so far, in its order, in the parts that a record has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JudgedSteps {
    /// For [`Canonical::steps`](record::Canonical::steps).
    pub steps: Vec<record::Step>,
    /// By step id and check, for [`Run::failures`](record::Run::failures).
    pub failures: BTreeMap<String, BTreeMap<String, Vec<Failure>>>,
    /// By step id and check, for [`Run::details`](record::Run::details).
    pub details: BTreeMap<String, BTreeMap<String, Vec<Detail>>>,
    /// The step that later ones wait for in vain.
    blocked_by: Option<String>,
}

/// What is done with a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is performed.
    Perform,
    /// It is recorded with this outcome.
    Record(Outcome),
}

impl JudgedSteps {
    /// What is done with the next step of a plan; none where all of them are here.
    pub fn next<'a>(&self, plan: &'a Plan) -> Option<(&'a Step, Next)> {
        let step = plan.steps.get(self.steps.len())?;
        let past = plan.until.as_deref().filter(|until| {
            let before = &plan.steps[..self.steps.len()];
            before.iter().any(|step| step.id == *until)
        });
        let next = match (&self.blocked_by, past) {
            (Some(by), _) => Next::Record(Outcome::Blocked {
                by: by.clone(),
                why: None,
            }),
            (None, Some(until)) => Next::Record(Outcome::Skipped {
                why: format!("not asked for: the run ends after {until}"),
            }),
            (None, None) => Next::Perform,
        };
        Some((step, next))
    }

    /// Records a step that was performed; `goes_on` is whether what it left is a state that the next step starts from.
    /// Gives the step as it is recorded.
    pub fn performed(
        &mut self,
        step: &Step,
        performed: &Performed,
        goes_on: bool,
    ) -> &record::Step {
        if !goes_on && self.blocked_by.is_none() {
            self.blocked_by = Some(step.id.clone());
        }
        self.push(performed.judged(step))
    }

    /// Records a step that was not performed.
    pub fn not_performed(&mut self, step: &Step, outcome: Outcome) {
        self.push(JudgedStep::not_performed(step, outcome));
    }

    /// The steps of a run whose cluster never came to be: its first step is broken for this reason, all others blocked.
    pub fn without_cluster(plan: &Plan, class: Class, why: &str) -> Self {
        let mut steps = Self::default();
        while let Some((step, next)) = steps.next(plan) {
            let outcome = match next {
                Next::Record(outcome) => outcome,
                Next::Perform => Outcome::Broken {
                    class,
                    why: why.to_owned(),
                },
            };
            steps.not_performed(step, outcome);
            steps.blocked_by.get_or_insert_with(|| step.id.clone());
        }
        steps
    }

    /// Whether there is a step, and all passed.
    pub fn all_passed(&self) -> bool {
        let mut steps = self.steps.iter();
        !self.steps.is_empty() && steps.all(|step| step.outcome == Outcome::Passed)
    }

    fn push(&mut self, judged: JudgedStep) -> &record::Step {
        let id = judged.step.id.clone();
        if !judged.failures.is_empty() {
            self.failures.insert(id.clone(), judged.failures);
        }
        if !judged.details.is_empty() {
            self.details.insert(id, judged.details);
        }
        self.steps.push(judged.step);
        &self.steps[self.steps.len() - 1]
    }
}
