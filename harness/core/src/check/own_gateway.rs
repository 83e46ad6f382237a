//! Whether a default route's gateway is a pod's own address. It is an oddity of a document, so it is a remark in the
//! record and not a failure; that a selected pod has no default route at all is one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnGateway {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
}
