//! The `Installation` (operator.tigera.io/v1) as the server holds it, defaults filled in.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check, named as in the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Installation {
    /// `spec.calicoNetwork.bgp`.
    pub bgp: String,
    /// `spec.calicoNetwork.containerIPForwarding`.
    pub container_ip_forwarding: String,
    /// The one pool's `cidr`.
    #[schemars(with = "String")]
    pub pool: Ipv4Net,
    /// The pool's `blockSize`.
    pub block_size: u8,
    /// The pool's `encapsulation`.
    pub encapsulation: String,
    /// The pool's `natOutgoing`.
    pub nat_outgoing: String,
}
