//! One object, patched.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReadFile, Rule};
use crate::problem::{Problems, SourceText};
use crate::yaml::Reading;

/// A strategic merge patch, `kubectl patch`'s default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Patch {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// Path of the patch inside the scenario's folder (YAML or JSON).
    pub file: String,
}

impl Rule for Patch {
    fn file(&self) -> Option<ReadFile<'_>> {
        Some(ReadFile {
            key: "file",
            path: &self.file,
            problems: patch_problems,
        })
    }
}

fn patch_problems(source: &SourceText) -> Problems {
    let reading = Reading::of(source);
    match reading.tree() {
        Ok(node) if node.is_mapping() => {}
        Ok(node) => reading.problem(node.span(), "a patch is a mapping"),
        Err(problems) => return problems,
    }
    reading.finish()
}
