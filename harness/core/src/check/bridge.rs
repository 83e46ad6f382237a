//! A bridge on each node that has a selected pod: its address, and hairpin on each port.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bridge {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The bridge's name, such as `cni5`.
    pub name: String,
    /// Its address, such as `10.1.128.1/24`.
    #[schemars(with = "String")]
    pub address: Ipv4Net,
    /// Whether each port has hairpin on.
    pub hairpin: bool,
}
