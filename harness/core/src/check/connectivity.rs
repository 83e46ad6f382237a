//! TCP from pod to pod across nodes and to a Service. A set without a pair on two nodes proves nothing and fails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Connectivity {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The port that each pod listens on.
    pub port: u16,
    /// A Service in the same namespace that is tried from each pod too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}
