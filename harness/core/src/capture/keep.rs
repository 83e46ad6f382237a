//! What is kept of a step that was performed: enough that judging it again gives what the run said.
//!
//! Checks of one step may look at the same thing at different times, and only the last outputs of each query are kept.
//! Each check is therefore judged once more on what will be kept; where that says something else than the run did, what
//! this check saw is kept beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::check::Context;
use crate::observation::Observations;
use crate::plan::{PlannedAct, Step};
use crate::query::{Output, Query};
use crate::record::Judgement;

use super::{CapturedCheck, CapturedLook, CapturedStep, judge_check};

/// A check that got its verdict.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// What the run said.
    pub judgement: &'a Judgement,
    /// What it was said of: the check's last look.
    pub seen: &'a Observations,
}

/// The step with the outputs of its checks' queries, without secrets. `last` are the step's last outputs of each query,
/// those of others than its checks are left out; `judged` are its checks by their sentence.
pub fn keep(
    step: &Step,
    acts: Vec<String>,
    context: &Context,
    last: &BTreeMap<Query, Vec<Output>>,
    judged: &BTreeMap<String, Judged<'_>>,
) -> CapturedStep {
    let meant = || step.checks.iter().filter(|check| check.skipped.is_none());
    let queries: BTreeSet<Query> = meant()
        .flat_map(|check| check.check.queries(context))
        .collect();
    let looks = queries.into_iter().filter_map(|query| {
        let outputs = last.get(&query)?;
        Some(look(query, outputs))
    });
    let mut captured = CapturedStep {
        id: step.id.clone(),
        started: context.step_started,
        acts,
        act_digests: act_digests(step),
        looks: looks.collect(),
        earlier: Vec::new(),
    };
    let kept = captured.observations();
    let mut earlier: Vec<CapturedCheck> = meant()
        .filter_map(|check| {
            let judged = judged.get(&check.that)?;
            let again = judge_check(check, &kept, context).judgement;
            let seen = judged.seen.iter();
            (!says_the_same(judged.judgement, &again)).then(|| CapturedCheck {
                that: check.that.clone(),
                looks: seen
                    .map(|(query, outputs)| look(query.clone(), outputs))
                    .collect(),
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
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a text cannot fail.
        write!(hex, "{byte:02x}").unwrap_or_default();
    }
    hex
}

/// Whether two judgements give the same canonical record. How a failure is told (a wait that was in vain) may differ.
fn says_the_same(left: &Judgement, right: &Judgement) -> bool {
    match (left, right) {
        (Judgement::Evaluated(left), Judgement::Evaluated(right)) => {
            left.failures.is_empty() == right.failures.is_empty()
                && left.facts == right.facts
                && left.remarks == right.remarks
        }
        (Judgement::Broken { why: left, .. }, Judgement::Broken { why: right, .. }) => {
            left == right
        }
        _ => false,
    }
}

fn look(query: Query, outputs: &[Output]) -> CapturedLook {
    let mut outputs = outputs.to_vec();
    outputs.sort_by(|left, right| left.subject.cmp(&right.subject));
    CapturedLook { query, outputs }
}
