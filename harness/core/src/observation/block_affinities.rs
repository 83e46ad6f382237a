//! Which Calico IPAM blocks belong to which node. IPv4 only.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};
use serde::Deserialize;
use serde_json::Value;

use super::objects::{self, Metadata};
use super::{Inability, Observations};
use crate::query::Query;

/// One `BlockAffinity` of `crd.projectcalico.org/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BlockAffinity {
    /// Its name, made of node and block.
    #[serde(default)]
    pub metadata: Metadata,
    /// The block and its node.
    pub spec: Spec,
}

/// A block and its node.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Spec {
    /// The block.
    pub cidr: IpNet,
    /// The node.
    pub node: String,
    /// `confirmed` once the block is the node's.
    #[serde(default)]
    pub state: String,
    /// Calico writes the text `true` or `false`.
    #[serde(default)]
    deleted: Value,
}

impl BlockAffinity {
    /// Whether the block is the node's now: confirmed and not given up.
    pub fn is_in_force(&self) -> bool {
        let deleted = self.spec.deleted == "true" || self.spec.deleted == true;
        self.spec.state == "confirmed" && !deleted
    }
}

/// The query for all of them.
pub fn query() -> Query {
    objects::query("crd.projectcalico.org/v1", "BlockAffinity", None, None)
}

/// Each node's IPv4 blocks, sorted; a node without one is not in it.
///
/// # Errors
/// [`Inability`] where they were not asked for or are none.
pub fn read(observations: &Observations) -> Result<BTreeMap<String, Vec<Ipv4Net>>, Inability> {
    let affinities: Vec<BlockAffinity> = objects::read("block affinities", observations, &query())?;
    let mut blocks: BTreeMap<String, Vec<Ipv4Net>> = BTreeMap::new();
    for affinity in affinities.iter().filter(|affinity| affinity.is_in_force()) {
        if let IpNet::V4(block) = affinity.spec.cidr {
            let blocks_of_node = blocks.entry(affinity.spec.node.clone()).or_default();
            blocks_of_node.push(block);
            blocks_of_node.sort();
        }
    }
    Ok(blocks)
}
