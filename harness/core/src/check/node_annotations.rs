//! Each node has the named annotations, and tunnel addresses in them are inside that node's block.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeAnnotations {
    /// Annotation names that every node has, such as `projectcalico.org/IPv4Address`.
    pub present: Vec<String>,
    /// An annotation whose value is an address inside the node's block, such as `projectcalico.org/IPv4VXLANTunnelAddr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_block: Option<String>,
}
