//! Each node has its Calico IPAM block: of the right size, inside the pool, and none overlaps another.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Blocks {
    /// The pool that every block is inside.
    #[schemars(with = "String")]
    pub pool: Ipv4Net,
    /// Each block's prefix length.
    pub prefix_length: u8,
}
