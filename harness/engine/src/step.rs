//! Performs a step's acts: what the document does to the cluster and its nodes. It looks at nothing that a check judges.

use std::sync::Mutex;

use rehearse_core::plan::{Plan, PlannedAct};
use rehearse_core::scenario::Act;
use rehearse_core::trouble::KnownMessages;
use tokio::time::Instant;

use crate::stage::Cluster;
use rehearse_stack::Stack;

mod apply;
mod install;
mod manifest;
mod node_directory;
mod node_file;
pub mod on_nodes;
mod patch;
mod probe_pods;
mod rename_node_file;
pub mod resources;
pub mod undo;

/// What an act may use.
pub struct Surroundings<'a> {
    /// The cluster that is acted on.
    pub cluster: &'a Cluster,
    /// The components' manifests.
    pub stack: &'a Stack,
    /// The whole plan.
    pub plan: &'a Plan,
    /// What the components are known to say while they are on their way.
    pub messages: &'a KnownMessages,
    /// The retries of this run so far, a line each.
    pub retries: &'a Mutex<Vec<String>>,
}

/// Performs one act, until the deadline at most.
///
/// # Errors
/// What was refused, by whom and why.
pub async fn perform(
    act: &PlannedAct,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let text = act.text.as_deref();
    match &act.act {
        Act::Apply(apply) => apply::perform(apply, text, surroundings, deadline).await,
        Act::Install(install) => install::perform(install, surroundings, deadline).await,
        Act::Patch(patch) => patch::perform(patch, text, surroundings, deadline).await,
        Act::NodeDirectory(directory) => node_directory::perform(directory, surroundings).await,
        Act::NodeFile(file) => node_file::perform(file, text, surroundings).await,
        Act::RenameNodeFile(rename) => rename_node_file::perform(rename, surroundings).await,
        Act::ProbePods(probe) => probe_pods::perform(probe, surroundings, deadline).await,
    }
}

/// What an act does, as one line without anything of this one run: `apply manifests/net-calico.yaml`.
pub fn describe(act: &Act) -> String {
    match act {
        Act::Apply(apply) => format!("apply {}", apply.file),
        Act::Install(install) => install::describe(install),
        Act::Patch(patch) => format!(
            "patch {} {}/{} with {}",
            patch.kind, patch.namespace, patch.name, patch.file
        ),
        Act::NodeDirectory(directory) => format!("make {} on each node", directory.path),
        Act::NodeFile(file) => format!("write {} on each node from {}", file.path, file.template),
        Act::RenameNodeFile(rename) => {
            format!("rename {} to {} on each node", rename.from, rename.to)
        }
        Act::ProbePods(probe) => format!(
            "start the probe pods {} of {} on each node",
            probe.name, probe.image
        ),
    }
}

impl Surroundings<'_> {
    /// Writes a retry down: the record says every one.
    fn retried(&self, what: &str, error: &anyhow::Error) {
        tracing::warn!(what, error = format!("{error:#}"), "tried again");
        if let Ok(mut retries) = self.retries.lock() {
            let line = format!("{what}: {error:#}");
            if retries.last() != Some(&line) {
                retries.push(line);
            }
        }
    }
}
