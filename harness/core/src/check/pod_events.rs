//! The events about each pod: one that matches for every pattern, for every pod.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodEvents {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The events' reason, such as `AddedInterface`.
    pub reason: String,
    /// The messages, one event each; `{{ pod.INTERFACE }}` stands for the pod's own address on that interface.
    pub messages: Vec<String>,
}
