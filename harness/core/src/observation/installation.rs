//! The operator's `Installation`, as far as it sets the network.

pub(super) mod mutants;

use ipnet::IpNet;
use serde::Deserialize;

use super::objects::{self, Metadata};
use super::{Inability, Observations, Reading};
use crate::query::Query;

/// One `Installation`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Installation {
    /// Its name; the operator knows `default` only.
    pub metadata: Metadata,
    /// What is wanted, with the operator's defaults filled in.
    pub spec: Spec,
}

/// What is wanted of Calico.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Spec {
    /// Its network; none before the operator has filled it in.
    pub calico_network: Option<CalicoNetwork>,
}

/// Calico's network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CalicoNetwork {
    /// `Enabled` or `Disabled`.
    pub bgp: String,
    /// `Enabled` or `Disabled`.
    #[serde(rename = "containerIPForwarding")]
    pub container_ip_forwarding: String,
    /// The address pools.
    pub ip_pools: Vec<Pool>,
}

/// One address pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Pool {
    /// Such as `10.244.0.0/16`, in whatever writing it was applied.
    pub cidr: String,
    /// A block's prefix length.
    pub block_size: u8,
    /// Such as `VXLAN`.
    pub encapsulation: String,
    /// `Enabled` or `Disabled`.
    pub nat_outgoing: String,
}

impl Pool {
    /// The pool itself; none where what is written is none.
    pub fn net(&self) -> Option<IpNet> {
        self.cidr.parse().ok()
    }
}

/// The query for it.
pub fn query() -> Query {
    objects::query("operator.tigera.io/v1", "Installation", None, None)
}

/// All that there are; one is right.
///
/// # Errors
/// [`Inability`] where they were not asked for or are no objects.
pub fn read(observations: &Observations) -> Result<Reading<Installation>, Inability> {
    objects::read_each("installations", observations, &query())
}
