//! Deployments and DaemonSets: how many pods are wanted, and how many are there, current and ready.

pub(super) mod mutants;

use serde::Deserialize;

use super::objects::{self, Metadata};
use super::pods::Pod;
use super::{Inability, Observations, Reading};
use crate::query::Query;

/// The annotation in which the DaemonSet controller counts the revisions of the pods' template (Kubernetes,
/// pkg/controller/daemon).
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// One Deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Deployment {
    /// Name and generation.
    pub metadata: Metadata,
    /// What is wanted.
    pub spec: DeploymentSpec,
    /// What is there.
    pub status: DeploymentStatus,
}

/// What is wanted of a Deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DeploymentSpec {
    /// How many pods; the server fills in 1.
    pub replicas: Option<u32>,
}

/// What is there of a Deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DeploymentStatus {
    /// The generation that these numbers are about.
    pub observed_generation: i64,
    /// Pods of all revisions.
    pub replicas: u32,
    /// Pods of the current revision.
    pub updated_replicas: u32,
    /// Ready pods of all revisions.
    pub ready_replicas: u32,
    /// Pods that are ready for long enough.
    pub available_replicas: u32,
}

/// One DaemonSet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DaemonSet {
    /// Name and generation.
    pub metadata: Metadata,
    /// What is wanted.
    pub spec: DaemonSetSpec,
    /// What is there.
    pub status: DaemonSetStatus,
}

/// What is wanted of a DaemonSet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DaemonSetSpec {
    /// Its pods.
    pub template: PodTemplate,
}

/// The pods of a DaemonSet as they are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodTemplate {
    /// What is wanted of each.
    pub spec: PodTemplateSpec,
}

/// What is wanted of a DaemonSet's pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodTemplateSpec {
    /// Their volumes.
    pub volumes: Vec<Volume>,
}

/// A volume of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Volume {
    /// The folder of the node that it is, where it is one.
    pub host_path: Option<HostPath>,
}

/// A folder of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct HostPath {
    /// Its path on the node.
    pub path: String,
}

/// What is there of a DaemonSet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DaemonSetStatus {
    /// The generation that these numbers are about.
    pub observed_generation: i64,
    /// On how many nodes a pod should run.
    pub desired_number_scheduled: u32,
    /// On how many a pod of the current revision runs.
    pub updated_number_scheduled: u32,
    /// On how many a pod is ready.
    pub number_ready: u32,
    /// On how many a pod is ready for long enough.
    pub number_available: u32,
}

impl DaemonSet {
    /// Whether its pods see the folder of CNI configurations on their node: what a network plugin needs, and nothing else.
    pub fn writes_cni_configuration(&self) -> bool {
        let mut volumes = self.spec.template.spec.volumes.iter();
        volumes.any(|volume| {
            let path = volume
                .host_path
                .as_ref()
                .map(|path| path.path.trim_end_matches('/'));
            path.is_some_and(|path| path == "/etc/cni" || path.starts_with("/etc/cni/"))
        })
    }

    /// Whether each of its nodes has a ready pod of what is wanted now.
    pub fn is_rolled_out(&self) -> bool {
        let status = &self.status;
        status.observed_generation >= self.metadata.generation
            && status.updated_number_scheduled >= status.desired_number_scheduled
            && status.number_ready >= status.desired_number_scheduled
    }

    /// Whether a pod is one of its own.
    pub fn owns(&self, pod: &Pod) -> bool {
        pod.metadata.namespace == self.metadata.namespace
            && pod
                .metadata
                .owner_references
                .iter()
                .any(|owner| owner.kind == "DaemonSet" && owner.name == self.metadata.name)
    }

    /// Whether a pod of its own is of an older revision, which a rolling update still replaces.
    pub fn has_outdated(&self, pod: &Pod) -> bool {
        let wanted = self.metadata.annotations.get(TEMPLATE_GENERATION);
        let has = pod.metadata.labels.get("pod-template-generation");
        wanted.zip(has).is_some_and(|(wanted, has)| wanted != has)
    }
}

/// The query for a namespace's Deployments.
pub fn deployments_query(namespace: &str) -> Query {
    objects::query("apps/v1", "Deployment", Some(namespace), None)
}

/// The query for a namespace's DaemonSets.
pub fn daemon_sets_query(namespace: &str) -> Query {
    objects::query("apps/v1", "DaemonSet", Some(namespace), None)
}

/// A namespace's Deployments.
///
/// # Errors
/// [`Inability`] where they were not asked for or are no objects.
pub fn deployments(
    observations: &Observations,
    namespace: &str,
) -> Result<Reading<Deployment>, Inability> {
    objects::read_each("deployments", observations, &deployments_query(namespace))
}

/// A namespace's DaemonSets.
///
/// # Errors
/// [`Inability`] where they were not asked for or are no objects.
pub fn daemon_sets(
    observations: &Observations,
    namespace: &str,
) -> Result<Reading<DaemonSet>, Inability> {
    objects::read_each("daemonsets", observations, &daemon_sets_query(namespace))
}
