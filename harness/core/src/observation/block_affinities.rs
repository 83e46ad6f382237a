//! Which Calico IPAM blocks belong to which node, IPv4 and IPv6, and whose affinity is left over.

pub(super) mod mutants;

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;

use super::objects::{self, Metadata};
use super::{Inability, Observations, Reading};
use crate::query::Query;

/// One `BlockAffinity`, of `crd.projectcalico.org/v1` or of `projectcalico.org/v3`.
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
    /// What holds the block: `host`, or `virtual` for what is no node, such as the addresses of load balancers.
    #[serde(default, rename = "type")]
    pub holder: String,
    /// In the older API the text `true` or `false`.
    #[serde(default)]
    deleted: Value,
}

impl BlockAffinity {
    /// Whether the block is its holder's now: confirmed and not given up.
    pub fn is_in_force(&self) -> bool {
        let deleted = self.spec.deleted == "true" || self.spec.deleted == true;
        self.spec.state == "confirmed" && !deleted
    }

    /// Whether a node holds it.
    pub fn is_of_node(&self) -> bool {
        matches!(self.spec.holder.as_str(), "" | "host")
    }
}

/// The query for all of them.
pub fn query() -> Query {
    objects::query("crd.projectcalico.org/v1", "BlockAffinity", None, None)
}

/// All of them.
///
/// # Errors
/// [`Inability`] where they were not asked for or are no objects.
pub fn read(observations: &Observations) -> Result<Reading<BlockAffinity>, Inability> {
    objects::read_each("block affinities", observations, &query())
}

/// The blocks that are each node's now, IPv4 before IPv6; a node without one is not in it.
pub fn by_node(affinities: &[BlockAffinity]) -> BTreeMap<String, Vec<IpNet>> {
    let mut blocks: BTreeMap<String, Vec<IpNet>> = BTreeMap::new();
    let in_force = affinities.iter().filter(|affinity| affinity.is_in_force());
    for affinity in in_force.filter(|affinity| affinity.is_of_node()) {
        let of_node = blocks.entry(affinity.spec.node.clone()).or_default();
        of_node.push(affinity.spec.cidr);
        of_node.sort();
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Output, Subject};

    /// Six affinities: two of one node, one given up in each API's form, one not confirmed, one of no node, one of no form.
    const AFFINITIES: &str = r#"[
        {"apiVersion": "projectcalico.org/v3", "metadata": {"name": "quay-1-fd07--40-122"}, "spec":
            {"cidr": "fd07::40/122", "node": "quay-1", "state": "confirmed", "deleted": false}},
        {"metadata": {"name": "quay-1-10-7-1-0-26", "creationTimestamp": null}, "spec":
            {"cidr": "10.7.1.0/26", "node": "quay-1", "state": "confirmed", "deleted": "false", "type": "host"}},
        {"spec": {"cidr": "10.7.1.64/26", "node": "quay-1", "state": "confirmed", "deleted": "true"}},
        {"spec": {"cidr": "10.7.1.128/26", "node": "quay-1", "state": "confirmed", "deleted": true}},
        {"spec": {"cidr": "10.7.2.0/26", "node": "quay-2", "state": "pending"}},
        {"spec": {"cidr": "10.8.0.0/26", "node": "load-balancer", "state": "confirmed", "type": "virtual"}},
        {"metadata": {"name": "cut-off"}, "spec": {"cidr": "10.7.3", "node": "quay-3"}}
    ]"#;

    #[test]
    fn each_node_has_its_blocks_of_both_families() -> Result<(), Inability> {
        let mut observations = Observations::default();
        let output = Output::fetched(Subject::Cluster, 0, AFFINITIES, "");
        observations.insert(query(), vec![output]);
        let reading = read(&observations)?;
        let blocks = by_node(&reading.entries);
        let of_node = |node: &str| -> Vec<String> {
            let blocks = blocks.get(node).into_iter().flatten();
            blocks.map(ToString::to_string).collect()
        };
        assert_eq!(of_node("quay-1"), ["10.7.1.0/26", "fd07::40/122"]);
        assert_eq!(blocks.len(), 1);
        assert_eq!(reading.odd.len(), 1);
        assert!(
            reading.odd[0].reason.starts_with("cut-off: "),
            "{}",
            reading.odd[0]
        );
        Ok(())
    }
}
