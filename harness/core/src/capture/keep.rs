//! What is kept of a step that was performed: enough that judging it again gives what the run said.
//!
//! Checks of one step may look at the same thing at different times, and only the last answer to each query is kept. Each
//! check is therefore judged once more on what will be kept; where that would be recorded otherwise than the run recorded
//! it, what this check saw is kept beside it.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::check::Context;
use crate::judge::{Look, Performed, Unfetched, judge};
use crate::plan::{PlannedAct, Step};
use crate::query::{Output, Query};

use super::{CapturedCheck, CapturedLook, CapturedStep};

/// The step with the answers to its checks' queries. `last` has the step's last answers, those to
/// others' queries than its checks' are left out; `others` has the answers to what else is known to be asked.
pub fn keep(
    step: &Step,
    context: &Context,
    performed: &Performed,
    last: &Look,
    others: &Look,
) -> CapturedStep {
    let meant = || step.checks.iter().filter(|check| check.skipped.is_none());
    let queries: BTreeSet<Query> = meant()
        .flat_map(|check| check.check.queries(context))
        .collect();
    let asked = others.observations().iter().map(|(query, _)| query.clone());
    let unasked = asked.filter(|query| !queries.contains(query)).collect();
    let others = looks(others, unasked)
        .into_iter()
        .filter(|look| look.unfetched.is_none());
    let mut captured = CapturedStep {
        id: step.id.clone(),
        started: context.step_started,
        acts: performed.acts.clone(),
        act_digests: act_digests(step),
        others: others.collect(),
        looks: looks(last, queries),
        earlier: Vec::new(),
    };
    let mut earlier: Vec<CapturedCheck> = meant()
        .filter_map(|check| {
            let concluded = performed.concluded.get(&check.that)?;
            let kept = captured.look(&check.that, &check.check.queries(context));
            let again = judge(check, &kept, context);
            (!again.records_as(&concluded.judgement)).then(|| CapturedCheck {
                that: check.that.clone(),
                looks: looks(
                    &concluded.saw,
                    check.check.queries(context).into_iter().collect(),
                ),
            })
        })
        .collect();
    earlier.sort_by(|left, right| left.that.cmp(&right.that));
    captured.earlier = earlier;
    captured
}

/// The sha256 of each act of a step with the text of its file, in lower-case hex.
pub(super) fn act_digests(step: &Step) -> Vec<String> {
    step.acts.iter().map(act_digest).collect()
}

fn act_digest(act: &PlannedAct) -> String {
    sha256(serde_json::json!(act).to_string().as_bytes())
}

/// The sha256 of bytes in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The answers of a look to these queries, those that there are, sorted by query.
fn looks(look: &Look, queries: BTreeSet<Query>) -> Vec<CapturedLook> {
    queries
        .into_iter()
        .filter_map(|query| {
            let captured = match look.answer(&query)? {
                Ok(outputs) => CapturedLook::of(query, sorted(outputs)),
                Err(unfetched @ Unfetched::Failed { .. }) => CapturedLook {
                    unfetched: Some(unfetched.clone()),
                    ..CapturedLook::of(query, Vec::new())
                },
                Err(Unfetched::NotKept { .. }) => return None,
            };
            Some(captured)
        })
        .collect()
}

fn sorted(outputs: &[Output]) -> Vec<Output> {
    let mut outputs = outputs.to_vec();
    outputs.sort_by(|left, right| left.subject.cmp(&right.subject));
    outputs
}
