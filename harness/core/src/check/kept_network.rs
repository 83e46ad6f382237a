//! Pods made before a switch keep the network and the address that they were given: the CNI result that the runtime
//! keeps, the interface in the pod, and the pod's status still agree.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeptNetwork {
    /// The name of the probe pods.
    pub probe: String,
    /// The network that they were given, such as `k8s-pod-network`.
    pub network: String,
}
