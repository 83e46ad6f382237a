//! Which network is the default on each node, by all witnesses: CRI-O's rule applied to the directory, CRI-O's own last
//! word, and the network that a new sandbox was really given. A disagreement names each witness.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DefaultNetwork {
    /// The network's name, such as `k8s-pod-network`.
    pub name: String,
    /// Whether CRI-O's last word must be newer than the step's start: after a change it must, without one it need not.
    #[serde(default)]
    pub after: After,
    /// The probe pods of this step ([`ProbePods`](crate::scenario::ProbePods)), one new sandbox on each node; without
    /// it the third witness is not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<String>,
}

/// From when CRI-O's last word may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// Since the node came up.
    #[default]
    Start,
    /// Since the step began.
    Step,
}
