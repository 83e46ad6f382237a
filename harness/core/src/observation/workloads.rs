//! Deployments and DaemonSets: how many pods are wanted, and how many are there, current and ready.

use serde::Deserialize;

use super::objects::{self, Metadata};
use super::{Inability, Observations};
use crate::query::Query;

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
    /// What is there.
    pub status: DaemonSetStatus,
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
/// [`Inability`] where they were not asked for or are none.
pub fn deployments(
    observations: &Observations,
    namespace: &str,
) -> Result<Vec<Deployment>, Inability> {
    objects::read("deployments", observations, &deployments_query(namespace))
}

/// A namespace's DaemonSets.
///
/// # Errors
/// [`Inability`] where they were not asked for or are none.
pub fn daemon_sets(
    observations: &Observations,
    namespace: &str,
) -> Result<Vec<DaemonSet>, Inability> {
    objects::read("daemonsets", observations, &daemon_sets_query(namespace))
}
