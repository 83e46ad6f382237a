//! A folder, made on each node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Rule;
use crate::written::Written;

/// A folder on each node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeDirectory {
    /// Absolute path on the node.
    pub path: String,
}

impl Rule for NodeDirectory {
    fn problems(&self, written: Written<'_>) {
        written.key("path").on_node(&self.path);
    }
}
