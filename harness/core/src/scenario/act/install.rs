//! A component's manifest, applied.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Rule;

/// A manifest that belongs to a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Install {
    /// The component in the catalogue.
    pub component: String,
    /// The manifest's name in the catalogue.
    pub manifest: String,
    /// Texts that are replaced in the manifest first, as the document does with `sed`; each must occur.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replace: BTreeMap<String, String>,
}

impl Rule for Install {}
