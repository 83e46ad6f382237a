//! Plays a capture: the plan's checks on the outputs that an earlier run kept. The same rules make the verdicts as in a
//! run, and what the capture cannot answer is blocked with the reason, never passed.

use crate::plan::{Plan, PlannedCheck, Step};
use crate::record::{AssembledStep, JudgedCheck, Judgement, Outcome, StepHead, THE_CAPTURE};

use super::state::{Found, Walk};
use super::{Capture, CapturedStep, context, judge_check};

/// Every step of the plan, in order, as the capture answers it.
pub fn play(plan: &Plan, capture: &Capture) -> Vec<AssembledStep> {
    if let Some(why) = capture.contradiction(plan) {
        return unanswered(plan, &why);
    }
    let mut walk = Walk::new(capture);
    let mut past = None;
    let mut failed: Option<&str> = None;
    let mut steps = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let assembled = match (past, walk.next(step)) {
            (Some(until), _) => not_judged(step, not_asked_for(until)),
            (None, Found::Step(captured)) => of_step(plan, step, captured),
            (None, Found::Nothing { by, why }) => {
                let earlier = by.or_else(|| {
                    // The run stopped there: what a live run says of the steps after it.
                    let stopped = capture.step(&step.id).is_none();
                    failed.filter(|_| stopped).map(str::to_owned)
                });
                let outcome = match earlier {
                    Some(by) => Outcome::Blocked { by, why: None },
                    None => blocked(why),
                };
                not_judged(step, outcome)
            }
        };
        if failed.is_none() && has_waited_in_vain(step, &assembled) {
            failed = Some(&step.id);
        }
        if plan.until.as_deref() == Some(step.id.as_str()) {
            past = plan.until.as_deref();
        }
        steps.push(assembled);
    }
    steps
}

/// Every step of the plan blocked for one reason: what is recorded where no capture fits.
pub fn unanswered(plan: &Plan, why: &str) -> Vec<AssembledStep> {
    let steps = plan.steps.iter();
    steps
        .map(|step| not_judged(step, blocked(why.to_owned())))
        .collect()
}

fn of_step(plan: &Plan, step: &Step, captured: &CapturedStep) -> AssembledStep {
    let context = context(plan, captured);
    let observations = captured.observations();
    let judged = step.checks.iter().map(|check| {
        let before = captured.observations_before(&check.that);
        judge_check(check, before.as_ref().unwrap_or(&observations), &context)
    });
    AssembledStep::judged(head(step, captured.acts.clone()), judged.collect())
}

/// Whether a check that a run waits for is not true: a run ends with such a step.
fn has_waited_in_vain(step: &Step, assembled: &AssembledStep) -> bool {
    let waited = step.checks.iter().filter(|check| check.until.is_some());
    waited
        .into_iter()
        .any(|check| assembled.failures.contains_key(&check.that))
}

fn blocked(why: String) -> Outcome {
    Outcome::Blocked {
        by: THE_CAPTURE.to_owned(),
        why: Some(why),
    }
}

fn not_asked_for(until: &str) -> Outcome {
    Outcome::Skipped {
        why: format!("not asked for: the run ends after {until}"),
    }
}

fn not_judged(step: &Step, outcome: Outcome) -> AssembledStep {
    let checks = step.checks.iter().map(not_looked_at).collect();
    AssembledStep::ended(head(step, Vec::new()), outcome, checks)
}

fn not_looked_at(check: &PlannedCheck) -> JudgedCheck {
    JudgedCheck {
        that: check.that.clone(),
        kind: check.check.kind().to_owned(),
        judgement: match &check.skipped {
            Some(why) => Judgement::Skipped { why: why.clone() },
            None => Judgement::Blocked { why: None },
        },
    }
}

fn head(step: &Step, acts: Vec<String>) -> StepHead {
    StepHead {
        id: step.id.clone(),
        title: step.title.clone(),
        document: step.document.clone(),
        acts,
    }
}
