//! A real cluster on this machine: kind's nodes with CRI-O, a registry beside them, and a lease that says whose they are.
//!
//! Creation leaves nothing behind where it fails or is broken off. Nothing is ever removed that rehearse did not make,
//! and the user's own kubeconfig is never touched.

mod claim;
mod configuration;
mod creation;
mod journal;
mod lease;
mod listing;
mod node;
mod node_file;
mod owner;
mod registry;
mod removal;
mod resources;
mod reuse;
mod shell;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bollard::Docker;
use k8s_openapi::api::core::v1::Node as NodeObject;
use kube::api::ListParams;
use kube::{Api, Client};
use rehearse_core::plan::Plan;
use tokio_util::sync::CancellationToken;

use crate::stage::StageError;
use rehearse_stack::Stack;

pub use claim::refuse_taken;
pub use configuration::judge_name;
pub(crate) use journal::Line;
pub use listing::{Listed, list};
pub use node::{Node, Role};
pub use removal::{sweep, take_down};
pub use resources::Resource;
pub(crate) use resources::{Resources, is_not_served};
pub use shell::Ended;

/// What a run wants of its cluster.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The cluster's name.
    pub name: String,
    /// The run's id.
    pub run_id: String,
    /// What is to be performed: nodes, ranges and component versions.
    pub plan: &'a Plan,
    /// What the cluster is made from.
    pub stack: &'a Stack,
    /// The run's folder: the kubeconfig, kind's configuration and log are written there.
    pub directory: PathBuf,
    /// How long the lease is.
    pub deadline: Duration,
    /// The repository's `kind` folder.
    pub catalogue_folder: PathBuf,
    /// Whether the cluster is to outlive this process.
    pub keep: bool,
}

/// A running kind cluster that this run may use.
pub struct Cluster {
    name: String,
    engine: Docker,
    client: Client,
    nodes: Vec<Node>,
    kubeconfig: PathBuf,
    resources: Arc<Resources>,
    journals: journal::Journals,
    shells: shell::Shells,
    /// Whether somebody has said what is to become of it.
    settled: bool,
}

/// The engine that `DOCKER_HOST` names, else the machine's own.
pub fn engine() -> Result<Docker, StageError> {
    Docker::connect_with_defaults().map_err(|error| StageError::engine("reach the engine", error))
}

impl Cluster {
    /// Creates the cluster. On failure or cancel nothing of it is left behind.
    ///
    /// # Errors
    /// [`StageError`] where the machine or the cluster is at fault; [`StageError::Interrupted`] on cancel.
    pub async fn create(
        wanted: Wanted<'_>,
        cancel: &CancellationToken,
        progress: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Self> {
        creation::create(wanted, cancel, progress).await
    }

    /// Takes over a cluster that is there, after a look whether it is what the plan wants.
    ///
    /// # Errors
    /// [`StageError::Owned`] where somebody works with it, [`StageError::Unfit`] with all differences.
    pub async fn reuse(name: &str, wanted: Wanted<'_>) -> Result<Self> {
        reuse::reuse(name, wanted).await
    }

    /// The cluster's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The client of its API. It retries nothing by itself.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Its nodes, sorted by name.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Its kubeconfig.
    pub fn kubeconfig(&self) -> &std::path::Path {
        &self.kubeconfig
    }

    /// How a kind is served; none where the API server does not serve it (yet).
    pub async fn resource(&self, api_version: &str, kind: &str) -> Result<Option<Resource>> {
        match self.served(api_version, kind).await {
            Ok(resource) => Ok(resource),
            Err(error) => Err(self.blamed(error).await.into()),
        }
    }

    pub(crate) async fn served(
        &self,
        api_version: &str,
        kind: &str,
    ) -> Result<Option<Resource>, StageError> {
        self.resources.find(&self.client, api_version, kind).await
    }

    /// As [`Self::served`] for who must not hold on to the cluster.
    pub(crate) fn resources(&self) -> Arc<Resources> {
        Arc::clone(&self.resources)
    }

    /// Writes a file on a node in place, as `tee` does; its folder must be there.
    pub async fn write_node_file(
        &self,
        node: &Node,
        path: &str,
        contents: &[u8],
        mode: u32,
    ) -> Result<()> {
        match node_file::write_file(&self.shells, &self.engine, node, path, contents, mode).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.blamed(error).await.into()),
        }
    }

    /// Runs a program on a node to its end. A status other than 0 is no error.
    pub async fn run_on_node(&self, node: &Node, command: &[&str]) -> Result<Ended> {
        match self.run(node, command).await {
            Ok(ended) => Ok(ended),
            Err(error) => Err(self.blamed(error).await.into()),
        }
    }

    /// As [`Self::run_on_node`], for who blames for themselves.
    pub(crate) async fn run(&self, node: &Node, command: &[&str]) -> Result<Ended, StageError> {
        self.shells.run(&self.engine, node, command, None).await
    }

    /// The lines of a unit's journal on all nodes from now on.
    pub(crate) fn follow_journal(&self, unit: &str) -> tokio::sync::broadcast::Receiver<Line> {
        self.journals.follow(&self.engine, &self.nodes, unit)
    }

    /// Facts of each node for the record: `address`, `architecture`, `kernel`, `kubelet`, `operating-system`, `role`,
    /// `runtime`.
    pub async fn facts(&self) -> Result<BTreeMap<String, BTreeMap<String, String>>> {
        let nodes = Api::<NodeObject>::all(self.client.clone())
            .list(&ListParams::default())
            .await;
        let nodes = match nodes {
            Ok(nodes) => nodes,
            Err(error) => {
                let error = StageError::api("list the nodes for the record", error);
                return Err(self.blamed(error).await.into());
            }
        };
        let facts = nodes.into_iter().filter_map(|node| {
            let status = node.status?;
            let info = status.node_info?;
            let address = status
                .addresses
                .unwrap_or_default()
                .into_iter()
                .find(|address| address.type_ == "InternalIP")
                .map(|address| address.address);
            let name = node.metadata.name?;
            let role = self.nodes.iter().find(|node| node.name == name);
            let role = match role?.role {
                Role::ControlPlane => "control-plane",
                Role::Worker => "worker",
            };
            let facts = [
                ("address", address.unwrap_or_default()),
                ("architecture", info.architecture),
                ("kernel", info.kernel_version),
                ("kubelet", info.kubelet_version),
                ("operating-system", info.os_image),
                ("role", role.to_owned()),
                ("runtime", info.container_runtime_version),
            ];
            let facts = facts.map(|(name, fact)| (name.to_owned(), fact));
            Some((name, facts.into()))
        });
        Ok(facts.collect())
    }

    /// Removes the cluster, its registry and, last, its lease, within a deadline of its own.
    pub async fn delete(mut self) -> Result<()> {
        self.settled = true;
        self.journals.stop();
        self.shells.close();
        removal::remove(&self.engine, &self.name, removal::Creation::Ended).await?;
        match tokio::fs::remove_file(&self.kubeconfig).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error)
                .with_context(|| format!("failed to remove {}", self.kubeconfig.display())),
            _ => Ok(()),
        }
    }

    /// Leaves the cluster running, as it was asked to be kept. The lease says so.
    pub fn leave(mut self) {
        self.settled = true;
        self.journals.stop();
        self.shells.close();
    }

    /// Whether the engine answers: where it does not, nothing that could not be found out is the cluster's fault.
    pub async fn engine_answers(&self) -> bool {
        self.engine.ping().await.is_ok()
    }

    /// The error, or the engine's own where it does not answer any more.
    pub(crate) async fn blamed(&self, error: StageError) -> StageError {
        blame(&self.engine, error).await
    }

    /// What to give to [`blame`] where the cluster itself must not be held on to.
    pub(crate) fn engine(&self) -> Docker {
        self.engine.clone()
    }
}

/// Nodes and API go silent when the engine does, and then it is the machine's fault: the error, or the engine's own
/// where it does not answer any more.
pub(crate) async fn blame(engine: &Docker, error: StageError) -> StageError {
    let answered = match &error {
        StageError::Api { source, .. } => matches!(**source, kube::Error::Api(_)),
        StageError::Node { .. } => false,
        _ => true,
    };
    if answered {
        return error;
    }
    match engine.ping().await {
        Ok(_) => error,
        Err(silent) => StageError::engine(format!("reach the engine ({error})"), silent),
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.settled {
            tracing::warn!(
                cluster = self.name,
                "dropped without being removed: its lease lets `rehearse cluster sweep` remove it"
            );
        }
    }
}
