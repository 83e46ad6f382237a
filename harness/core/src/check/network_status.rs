//! The `network-status` annotation, typed: its entries in order, one `default`, addresses as in the pod and in its status.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkStatus {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The annotation: `k8s.v1.cni.cncf.io/network-status`, or the older `k8s.v1.cni.cncf.io/networks-status`.
    pub annotation: String,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    /// The network's name, such as `kube-system/net-calico`.
    pub name: String,
    /// The interface whose address the entry must hold, such as `eth0`.
    pub interface: String,
    /// Whether the entry itself names that interface.
    pub names_interface: bool,
    /// Whether it is the default network.
    pub default: bool,
}
