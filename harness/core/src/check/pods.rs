//! How many pods are ready, on how many nodes, with none of an older revision left.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pods {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// Exactly how many pods there are, all of them ready and none being deleted.
    pub ready: usize,
    /// On how many nodes at least.
    pub nodes: usize,
}
