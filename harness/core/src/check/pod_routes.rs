//! A pod's IPv4 main route table, exactly: each route, duplicates in the kernel's order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodRoutes {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The table as `ip route` prints it, in its order. `{{ pod.INTERFACE }}` stands for the pod's own address on that
    /// interface, such as `10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}`.
    pub exactly: Vec<String>,
}
