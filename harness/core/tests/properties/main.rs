//! The rules of ranges, routes and order against models that share nothing with them: sets of whole addresses, bags of
//! lines, and a search for the least name byte by byte.

mod order;
mod ranges;
mod routes;

use rehearse_core::check::{Check, Context, Evaluation};
use rehearse_core::observation::{Inability, Observations};
use rehearse_core::query::{Output, Query, Subject};
use rehearse_core::scenario::Nodes;
use serde_json::Value;

/// A raw output about a subject.
fn output(subject: Subject, text: String) -> Output {
    Output::fetched(subject, 0, text, "")
}

/// Judges one check, each query answered by a function; one node is planned.
fn judge(
    check: Value,
    answer: impl Fn(&Query) -> Vec<Output>,
) -> anyhow::Result<Result<Evaluation, Inability>> {
    let check: Check = serde_json::from_value(check)?;
    let context = Context {
        nodes: Nodes {
            control_planes: 1,
            workers: 0,
            schedulable_control_planes: true,
        },
        pod_subnet: "0.0.0.0/0".parse()?,
        service_subnet: "0.0.0.0/0".parse()?,
        components: std::collections::BTreeMap::default(),
        step_started: jiff::Timestamp::UNIX_EPOCH,
    };
    let mut observations = Observations::default();
    for query in check.queries(&context) {
        let outputs = answer(&query);
        observations.insert(query, outputs);
    }
    Ok(check.evaluate(&observations, &context))
}
