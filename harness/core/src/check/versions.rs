//! The versions that the nodes report are the ones that the plan asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Versions {
    /// Whether the kubelet's version is checked against the plan's `kubernetes`.
    pub kubelet: bool,
    /// Whether the runtime's version is checked against the plan's `cri-o`.
    pub runtime: bool,
}
