//! Which steps two cells have in common, so that the second can go on with the cluster of the first.
//!
//! It compares plans. Undoing what the first cell did after these steps, and proving that it is undone, is the program's.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::{Plan, Step};
use crate::scenario::Act;

/// The steps that cells may have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SharedSteps {
    /// The last of them: all that later steps do must be undoable.
    pub until: String,
    /// Why what comes later does not depend on who performed these.
    pub why: String,
}

/// How many leading steps the second plan need not perform on the first one's cluster: those up to `until`, where both
/// plans have the same of them, on the same kind of cluster, and each component whose version differs is installed by a
/// later step. None where one of this does not hold, or a run ends before.
pub fn shared_steps(until: &str, first: &Plan, second: &Plan) -> Option<usize> {
    let number = 1 + first.steps.iter().position(|step| step.id == until)?;
    let same_cluster = first.source == second.source
        && first.nodes == second.nodes
        && first.pod_subnet == second.pod_subnet
        && first.service_subnet == second.service_subnet;
    if !same_cluster || second.steps.get(..number) != first.steps.get(..number) {
        return None;
    }
    let ends_early = [first, second].into_iter().any(|plan| {
        let last = plan.until.as_deref();
        last.is_some_and(|last| plan.steps[..number].iter().any(|step| step.id == last))
    });
    let names: BTreeSet<&String> = first
        .components
        .keys()
        .chain(second.components.keys())
        .collect();
    let version = |plan: &Plan, name: &str| {
        let choice = plan.components.get(name);
        choice.map(|choice| choice.version.clone())
    };
    let comes_later = names
        .into_iter()
        .filter(|name| version(first, name) != version(second, name))
        .all(|name| {
            [first, second].into_iter().all(|plan| {
                !installs(&plan.steps[..number], name) && installs(&plan.steps[number..], name)
            })
        });
    (!ends_early && comes_later).then_some(number)
}

fn installs(steps: &[Step], component: &str) -> bool {
    let mut acts = steps.iter().flat_map(|step| &step.acts);
    acts.any(|act| matches!(&act.act, Act::Install(install) if install.component == component))
}
