//! A file, written on each node from a template.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReadFile, Rule};
use crate::template;
use crate::written::Written;

/// A file on each node. The template knows `node.name`, `node.block` (such as `10.244.19.0/24`), `node.prefix` (the
/// block without its last octet, such as `10.244.19`) and `cluster.service_address` (the API's, such as `10.96.0.1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeFile {
    /// Absolute path on the node.
    pub path: String,
    /// Path of the template inside the scenario's folder.
    pub template: String,
}

impl Rule for NodeFile {
    fn problems(&self, written: Written<'_>) {
        written.key("path").on_node(&self.path);
    }

    fn file(&self) -> Option<ReadFile<'_>> {
        Some(ReadFile {
            key: "template",
            path: &self.template,
            problems: |source| template::check(&source.file, &source.text),
        })
    }
}
