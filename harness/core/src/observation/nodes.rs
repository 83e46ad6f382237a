//! Kubernetes nodes: role, taints, annotations, readiness and what the kubelet says of itself.

use serde::Deserialize;

use super::objects::{self, Condition, Metadata};
use super::{Inability, Observations};
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
    /// What runs on it.
    pub node_info: NodeInfo,
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

    /// Whether pods may run there. The taints of a node that is not ready yet do not count: they go by themselves.
    pub fn is_schedulable(&self) -> bool {
        let kept_free = |taint: &Taint| taint.key == CONTROL_PLANE && taint.effect == "NoSchedule";
        !self.spec.unschedulable && !self.spec.taints.iter().any(kept_free)
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
/// [`Inability`] where they were not asked for or are not nodes.
pub fn read(observations: &Observations) -> Result<Vec<Node>, Inability> {
    objects::read("nodes", observations, &query())
}
