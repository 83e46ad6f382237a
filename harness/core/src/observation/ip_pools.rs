//! Calico's `IPPool` objects: the pools as they are in force, beside what the operator was asked for.

use ipnet::IpNet;
use serde::Deserialize;

use super::objects::{self, Metadata};
use super::{Inability, Observations, Reading};
use crate::query::Query;

pub(crate) mod mutants;

/// One `IPPool`, of `crd.projectcalico.org/v1` or of `projectcalico.org/v3`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IpPool {
    /// Its name.
    #[serde(default)]
    pub metadata: Metadata,
    /// The pool.
    pub spec: Spec,
}

/// A pool.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// Such as `10.244.0.0/16`.
    pub cidr: IpNet,
    /// Whether no address is taken from it any more.
    #[serde(default)]
    pub disabled: bool,
    /// A block's prefix length; Calico's default where it is not set.
    #[serde(default)]
    pub block_size: Option<u8>,
    /// `Always`, `CrossSubnet` or `Never`, which is the same as nothing.
    #[serde(default)]
    vxlan_mode: String,
    /// The same of IP in IP.
    #[serde(default)]
    ipip_mode: String,
    /// Whether what leaves the pool gets the node's address.
    #[serde(default)]
    pub nat_outgoing: bool,
}

impl IpPool {
    /// The encapsulation in the operator's words.
    pub fn encapsulation(&self) -> &'static str {
        match (self.spec.vxlan_mode.as_str(), self.spec.ipip_mode.as_str()) {
            ("Always", _) => "VXLAN",
            ("CrossSubnet", _) => "VXLANCrossSubnet",
            (_, "Always") => "IPIP",
            (_, "CrossSubnet") => "IPIPCrossSubnet",
            _ => "None",
        }
    }
}

/// The query for all of them.
pub fn query() -> Query {
    objects::query("crd.projectcalico.org/v1", "IPPool", None, None)
}

/// All of them; none where nobody asked.
///
/// # Errors
/// [`Inability`] where what was fetched is no list.
pub fn read(observations: &Observations) -> Result<Option<Reading<IpPool>>, Inability> {
    if observations.outputs(&query()).is_err() {
        return Ok(None);
    }
    objects::read_each("IP pools", observations, &query()).map(Some)
}
