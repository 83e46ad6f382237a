//! A pod's addresses on each interface, by all witnesses: `ip -j address` in its namespace, the CNI annotation,
//! `network-status`, `status.podIP`, the host-local lease, and the range in that node's configuration file.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cni_configuration::BlockRange;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodAddresses {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The interfaces besides `lo`, exactly these.
    pub interfaces: Vec<Interface>,
}

/// One interface and the network it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Interface {
    /// Such as `eth0`.
    pub name: String,
    /// The network as `network-status` names it, such as `kube-system/net-calico`.
    pub network: String,
    /// The address's prefix length.
    pub prefix_length: u8,
    /// The part of the node's own block that the address is from; the node's configuration file must say the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<ConfiguredRange>,
    /// The subnet that the address is inside, where it is the same on each node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub subnet: Option<Ipv4Net>,
    /// The host-local network name under `/var/lib/cni/networks` whose lease the address is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<String>,
}

/// A range and the file on the node that sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConfiguredRange {
    /// Absolute path of the CNI configuration on the node.
    pub file: String,
    /// The range.
    pub block: BlockRange,
}
