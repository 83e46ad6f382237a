//! How many nodes there are, their runtime, whether they are ready, or why not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check; how many nodes and whether control planes are schedulable come from the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nodes {
    /// The container runtime's name in `nodeInfo.containerRuntimeVersion`, such as `cri-o`.
    pub runtime: String,
    /// Whether every node is Ready.
    pub ready: bool,
    /// Where not ready: a text that the Ready condition's message must contain, such as `NetworkPluginNotReady`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_ready_reason: Option<String>,
}
