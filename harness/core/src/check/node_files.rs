//! Which files a folder has on each node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check; names without the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeFiles {
    /// Absolute path on the node.
    pub directory: String,
    /// Names that are there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Names that are not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Exactly the names of regular files that are there, in any order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exactly: Option<Vec<String>>,
}
