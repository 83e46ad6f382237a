//! Each node has its Calico IPAM block: of the right size, inside the pool, and none overlaps another.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Detail, Evaluation, Rule};
use crate::observation::nodes;
use crate::observation::{Inability, Observations, block_affinities};
use crate::query::Query;
use crate::written::Written;

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

impl Rule for Blocks {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![nodes::query(), block_affinities::query()]
    }

    fn problems(&self, written: Written<'_>) {
        written.key("pool").pool(self.pool);
        let prefix_length = written.key("prefix-length");
        prefix_length.block_length(self.prefix_length, self.pool);
    }

    fn block(&self) -> Option<(u8, Ipv4Net)> {
        Some((self.prefix_length, self.pool))
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let nodes = nodes::read(observations)?;
        let blocks = block_affinities::read(observations)?;
        let mut evaluation = Evaluation::default();
        evaluation.require_nodes(nodes.len(), context);
        let mut values = Vec::new();
        for node in &nodes {
            let of_node = blocks.get(node.name()).map_or(&[][..], Vec::as_slice);
            if of_node.len() != 1 {
                evaluation.fail(
                    node.subject(),
                    "one confirmed block",
                    list(of_node),
                    "ranges of addresses are taken from the node's one block",
                );
            }
            for block in of_node {
                self.judge(&mut evaluation, &node.subject(), *block);
                evaluation.details.push(Detail::Block {
                    node: node.name().to_owned(),
                    block: block.to_string(),
                });
            }
            values.push(list(of_node.iter().map(|block| self.outline(*block))));
        }
        evaluation.fact("each node", "block", values);
        judge_overlaps(&mut evaluation, &blocks);
        Ok(evaluation)
    }
}

impl Blocks {
    fn judge(&self, evaluation: &mut Evaluation, subject: &str, block: Ipv4Net) {
        if block.prefix_len() != self.prefix_length {
            evaluation.fail(
                subject,
                format!("a block of /{}", self.prefix_length),
                block.to_string(),
                "the pool's blockSize was not used for this block",
            );
        }
        if !self.pool.contains(&block) {
            evaluation.fail(
                subject,
                format!("a block inside {}", self.pool),
                block.to_string(),
                "the block belongs to another pool",
            );
        }
    }

    /// Which block a node gets is random, so only its size and pool are facts.
    fn outline(&self, block: Ipv4Net) -> String {
        let place = if self.pool.contains(&block) {
            "in"
        } else {
            "not in"
        };
        format!("/{} {place} {}", block.prefix_len(), self.pool)
    }
}

fn judge_overlaps(evaluation: &mut Evaluation, blocks: &BTreeMap<String, Vec<Ipv4Net>>) {
    let pairs = blocks
        .iter()
        .flat_map(|(node, blocks)| blocks.iter().map(move |block| (node, block)));
    let pairs: Vec<(&String, &Ipv4Net)> = pairs.collect();
    for (index, (node, block)) in pairs.iter().enumerate() {
        for (other_node, other) in pairs.iter().skip(index + 1) {
            if block.contains(*other) || other.contains(*block) {
                evaluation.fail(
                    format!("node {node}"),
                    "a block of its own",
                    format!("{block} overlaps {other} of node {other_node}"),
                    "an address in both is routed to one node only",
                );
            }
        }
    }
}
