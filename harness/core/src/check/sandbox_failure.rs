//! New pods hang because their sandbox cannot be made, for the reason given, while the older ones stay ready.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SandboxFailure {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// Texts that a `FailedCreatePodSandBox` event about a waiting pod contains, all of them in one message.
    pub contains: Vec<String>,
    /// How many older pods stay ready.
    pub still_ready: usize,
}
