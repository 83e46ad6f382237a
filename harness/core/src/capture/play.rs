//! The stage `capture`: gives the one judge the outputs that an earlier run kept, step by step. What the capture cannot
//! answer is blocked with the reason, never passed. Nothing is judged here.

use crate::judge::{Conclusion, JudgedSteps, Next, Performed};
use crate::plan::{Plan, Step};
use crate::record::{Outcome, THE_CAPTURE};

use super::state::{Found, Walk};
use super::{Capture, CapturedStep};

/// Every step of the plan, in order, as the capture answers it.
pub fn play(plan: &Plan, capture: &Capture) -> JudgedSteps {
    if let Some(why) = capture.contradiction(plan) {
        return unanswered(plan, &why);
    }
    let mut walk = Walk::new(capture);
    let mut steps = JudgedSteps::default();
    while let Some((step, next)) = steps.next(plan) {
        match (next, walk.next(step)) {
            (Next::Record(outcome), _) | (Next::Perform, Found::Nothing(outcome)) => {
                steps.not_performed(step, outcome);
            }
            (Next::Perform, Found::Step(captured)) => {
                let performed = performed(plan, step, captured);
                // A captured run that went on after a check says that the state it waited for was reached.
                let is_last = capture.steps.last().is_some_and(|last| last.id == step.id);
                let goes_on = !is_last || !has_waited_in_vain(step, &performed);
                steps.performed(step, &performed, goes_on);
            }
        }
    }
    steps
}

/// Every step of the plan blocked for one reason: what is recorded where no capture fits.
pub fn unanswered(plan: &Plan, why: &str) -> JudgedSteps {
    let mut steps = JudgedSteps::default();
    for step in &plan.steps {
        steps.not_performed(
            step,
            Outcome::Blocked {
                by: THE_CAPTURE.to_owned(),
                why: Some(why.to_owned()),
            },
        );
    }
    steps
}

fn performed(plan: &Plan, step: &Step, captured: &CapturedStep) -> Performed {
    let context = plan.context(captured.started);
    let meant = step.checks.iter().filter(|check| check.skipped.is_none());
    let concluded = meant.map(|check| {
        let saw = captured.look(&check.that, &check.check.queries(&context));
        (check.that.clone(), Conclusion::of(check, saw, &context))
    });
    Performed {
        acts: captured.acts.clone(),
        broken: None,
        concluded: concluded.collect(),
    }
}

/// Whether a check that a run waits for is not true: a run ends with such a step.
fn has_waited_in_vain(step: &Step, performed: &Performed) -> bool {
    let waited = step.checks.iter().filter(|check| check.until.is_some());
    let mut judgements = waited.filter_map(|check| {
        let concluded = performed.concluded.get(&check.that)?;
        Some(&concluded.judgement)
    });
    judgements.any(|judgement| judgement.has_failed() || judgement.is_broken())
}
