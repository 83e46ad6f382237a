//! The `NetworkAttachmentDefinition`s. What their configuration means is [`super::cni_configuration`]'s business.

pub(super) mod mutants;

use serde::Deserialize;

use super::objects::{self, Metadata};
use super::{Inability, Observations, Reading};
use crate::query::Query;

/// One `NetworkAttachmentDefinition` of `k8s.cni.cncf.io/v1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct NetworkAttachment {
    /// Its namespace and name, by which pods name it.
    #[serde(default)]
    pub metadata: Metadata,
    /// Its configuration.
    #[serde(default)]
    pub spec: Spec,
}

/// The configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// JSON text; empty where Multus is to take a file of this name on the pod's node.
    pub config: String,
}

/// The query for all of them.
pub fn query() -> Query {
    objects::query(
        "k8s.cni.cncf.io/v1",
        "NetworkAttachmentDefinition",
        None,
        None,
    )
}

/// All of them, by namespace and name.
///
/// # Errors
/// [`Inability`] where they were not asked for or are no objects.
pub fn read(observations: &Observations) -> Result<Reading<NetworkAttachment>, Inability> {
    objects::read_each("network attachment definitions", observations, &query())
}
