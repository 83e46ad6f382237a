//! Pods that show what a new sandbox is given, one on each node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Rule;
use crate::written::Written;

/// One pod on each node, labelled `rehearse.probe=NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProbePods {
    /// Lower-case letters, digits and hyphens.
    pub name: String,
    /// Such as `praqma/network-multitool:latest`.
    pub image: String,
}

impl Rule for ProbePods {
    fn problems(&self, written: Written<'_>) {
        written.key("name").name(&self.name);
    }

    fn probe(&self) -> Option<&str> {
        Some(&self.name)
    }
}
