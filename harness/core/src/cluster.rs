//! The cluster that a scenario asks for: how many nodes, and which address ranges.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The cluster's nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nodes {
    /// Nodes that run the control plane.
    pub control_planes: u16,
    /// The other nodes.
    pub workers: u16,
    /// Whether pods may run on the control plane's nodes.
    pub schedulable_control_planes: bool,
}

impl Nodes {
    /// How many nodes there are.
    pub fn count(&self) -> usize {
        usize::from(self.control_planes) + usize::from(self.workers)
    }

    /// On how many of them pods may run.
    pub fn schedulable(&self) -> usize {
        if self.schedulable_control_planes {
            self.count()
        } else {
            usize::from(self.workers)
        }
    }
}

/// The cluster's address ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cluster {
    /// Pods' addresses.
    #[schemars(with = "String")]
    pub pod_subnet: Ipv4Net,
    /// Services' addresses.
    #[schemars(with = "String")]
    pub service_subnet: Ipv4Net,
}
