//! Tigera's own status objects say available, and neither progressing nor degraded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TigeraStatus {
    /// Names of `tigerastatuses.operator.tigera.io`, such as `calico` and `apiserver`.
    pub available: Vec<String>,
}
