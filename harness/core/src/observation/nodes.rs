//! Kubernetes nodes: role, taints, annotations, readiness and what the kubelet says of itself.

pub(super) mod mutants;

use std::net::IpAddr;

use serde::Deserialize;

use super::objects::{self, Condition, Metadata};
use super::{Inability, Observations, Reading};
use crate::query::Query;

const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// One node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Name, labels, annotations.
    pub metadata: Metadata,
    /// What is wanted of it.
    pub spec: Spec,
    /// What it says.
    pub status: Status,
}

/// What is wanted of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// Its taints.
    pub taints: Vec<Taint>,
    /// Whether it is cordoned.
    pub unschedulable: bool,
}

/// A taint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Taint {
    /// Such as `node-role.kubernetes.io/control-plane`.
    pub key: String,
    /// Such as `NoSchedule`.
    pub effect: String,
}

/// What a node says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Status {
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// What runs on it.
    pub node_info: NodeInfo,
}

/// One address of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Such as `InternalIP` or `Hostname`.
    #[serde(rename = "type")]
    pub kind: String,
    /// An address, or a name.
    pub address: String,
}

/// What runs on a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeInfo {
    /// Such as `v1.34.4`.
    pub kubelet_version: String,
    /// Such as `cri-o://1.34.0`.
    pub container_runtime_version: String,
}

impl Node {
    /// The node's name.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// `node NAME`, as failures name it.
    pub fn subject(&self) -> String {
        format!("node {}", self.metadata.name)
    }

    /// Whether the node has the control plane's label.
    pub fn is_control_plane(&self) -> bool {
        self.metadata.labels.contains_key(CONTROL_PLANE)
    }

    /// Why no pods may run there; nothing where they may. Where the node is not ready, what Kubernetes itself sets for that
    /// does not count: it goes by itself.
    pub fn closed(&self) -> Vec<String> {
        let is_ready = self.ready().is_some_and(|ready| ready.status == "True");
        let counts = |taint: &&Taint| {
            let keeps_off = matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
            keeps_off && (is_ready || !is_set_for_readiness(&taint.key))
        };
        let taints = self.spec.taints.iter().filter(counts);
        let taints = taints.map(|taint| format!("taint {}:{}", taint.key, taint.effect));
        let cordoned = self.spec.unschedulable.then(|| "cordoned".to_owned());
        // A network plugin and a cloud's controller may each have written one.
        let mut conditions = self.status.conditions.iter();
        let is_without_network = is_ready
            && conditions.any(|condition| {
                condition.kind == "NetworkUnavailable" && condition.status == "True"
            });
        let network = is_without_network.then(|| "NetworkUnavailable is True".to_owned());
        taints.chain(cordoned).chain(network).collect()
    }

    /// Whether pods may run there.
    pub fn is_schedulable(&self) -> bool {
        self.closed().is_empty()
    }

    /// The addresses by which the other nodes reach it.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let addresses = self.status.addresses.iter();
        let addresses = addresses.filter(|address| address.kind == "InternalIP");
        addresses.filter_map(|address| address.address.parse().ok())
    }

    /// The `Ready` condition; none before the kubelet's first word.
    pub fn ready(&self) -> Option<&Condition> {
        objects::condition(&self.status.conditions, "Ready")
    }
}

/// The query for all nodes.
pub fn query() -> Query {
    objects::query("v1", "Node", None, None)
}

/// All nodes.
///
/// # Errors
/// [`Inability`] where they were not asked for or are no objects.
pub fn read(observations: &Observations) -> Result<Reading<Node>, Inability> {
    objects::read_each("nodes", observations, &query())
}

/// Whether Kubernetes sets a taint of this key while a node comes up, and takes it away by itself.
fn is_set_for_readiness(key: &str) -> bool {
    key.starts_with("node.kubernetes.io/")
        || key == "node.cloudprovider.kubernetes.io/uninitialized"
}
