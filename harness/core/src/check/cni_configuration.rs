//! One CNI configuration on each node: its name, its plugin's type and its host-local range, inside the node's block.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CniConfiguration {
    /// Absolute path on the node.
    pub path: String,
    /// The configuration's `name`.
    pub name: String,
    /// The (first) plugin's `type`.
    pub plugin: String,
    /// The host-local range, where the configuration has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<BlockRange>,
}

/// A part of a node's own block, by the distance from the block's first address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BlockRange {
    /// Such as 150 for `10.244.19.150` in the block `10.244.19.0/24`.
    pub first: u32,
    /// The last one, included.
    pub last: u32,
}
