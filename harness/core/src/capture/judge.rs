//! Judges a step's checks on outputs that are there already. What is not there is not guessed: the check is blocked.

use crate::check::Context;
use crate::observation::Observations;
use crate::plan::{Plan, PlannedCheck, Step};
use crate::record::{Class, JudgedCheck, Judgement};

use super::CapturedStep;

/// What a step's checks may know besides outputs: the plan's cluster and versions, and when the captured step began.
pub fn context(plan: &Plan, step: &CapturedStep) -> Context {
    Context {
        nodes: plan.nodes.clone(),
        pod_subnet: plan.pod_subnet,
        components: plan.versions(),
        step_started: step.started,
    }
}

/// Judges all checks of a step on the same outputs.
pub fn judge(step: &Step, observations: &Observations, context: &Context) -> Vec<JudgedCheck> {
    let checks = step.checks.iter();
    checks
        .map(|check| judge_check(check, observations, context))
        .collect()
}

/// Judges one check: skipped where it is not meant for these versions, blocked where one of its queries has no outputs,
/// broken where an output is not what its tool prints.
pub fn judge_check(
    check: &PlannedCheck,
    observations: &Observations,
    context: &Context,
) -> JudgedCheck {
    JudgedCheck {
        that: check.that.clone(),
        kind: check.check.kind().to_owned(),
        judgement: judgement(check, observations, context),
    }
}

fn judgement(check: &PlannedCheck, observations: &Observations, context: &Context) -> Judgement {
    if let Some(why) = &check.skipped {
        return Judgement::Skipped { why: why.clone() };
    }
    let queries = check.check.queries(context);
    let unanswered = queries
        .iter()
        .find(|query| observations.outputs(query).is_err());
    if let Some(query) = unanswered {
        return Judgement::Blocked {
            why: Some(format!("the capture has no output of {query}")),
        };
    }
    match check.check.evaluate(observations, context) {
        Ok(evaluation) => Judgement::Evaluated(evaluation),
        Err(inability) => Judgement::Broken {
            class: Class::Harness,
            why: format!("failed to judge {}: {inability}", check.check.kind()),
        },
    }
}
