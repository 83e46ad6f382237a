//! A file, renamed on each node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Rule;
use crate::written::Written;

/// A file that gets another name on each node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RenameNodeFile {
    /// Absolute path on the node.
    pub from: String,
    /// Absolute path on the node.
    pub to: String,
}

impl Rule for RenameNodeFile {
    fn problems(&self, written: Written<'_>) {
        written.key("from").on_node(&self.from);
        written.key("to").on_node(&self.to);
    }

    fn renamed(&self) -> Option<(&str, &str)> {
        Some((&self.from, &self.to))
    }
}
