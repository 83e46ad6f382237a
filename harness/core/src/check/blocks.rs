//! Each node has its Calico IPAM block, or several: of the right size, inside the pool; none overlaps another, and none is
//! left over from a node that is gone.

use std::collections::BTreeMap;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Detail, Evaluation, Rule};
use crate::observation::block_affinities::{self, BlockAffinity};
use crate::observation::nodes::{self, Node};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Blocks {
    /// The pool that every block is inside.
    #[schemars(with = "String")]
    pub pool: IpNet,
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

    fn block(&self) -> Option<(u8, IpNet)> {
        Some((self.prefix_length, self.pool))
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let nodes = evaluation.nodes(nodes::read(observations)?);
        let affinities = block_affinities::read(observations)?;
        let affinities = evaluation.understood("the cluster", "block affinities", affinities);
        let blocks = block_affinities::by_node(&affinities);
        evaluation.require_nodes(nodes.len(), context);
        let mut values = Vec::new();
        for node in &nodes {
            let of_node = blocks.get(node.name()).map_or(&[][..], Vec::as_slice);
            if !of_node.iter().any(|block| self.is_inside(*block)) {
                evaluation.fail(
                    node.subject(),
                    format!("a confirmed block inside {}", self.pool),
                    list(of_node),
                    "ranges of addresses are taken from the node's block",
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
        judge_left_over(&mut evaluation, &affinities, &nodes);
        Ok(evaluation)
    }
}

impl Blocks {
    /// A block of the pool's family must be the pool's; the other family's pool is another check's business.
    fn judge(&self, evaluation: &mut Evaluation, subject: &str, block: IpNet) {
        if self.is_inside(block) && block.prefix_len() != self.prefix_length {
            evaluation.fail(
                subject,
                format!("a block of /{}", self.prefix_length),
                block.to_string(),
                "a block is as large as its pool's blockSize said when it was made",
            );
        }
        if !self.is_inside(block) && block.addr().is_ipv4() == self.pool.addr().is_ipv4() {
            evaluation.fail(
                subject,
                format!("a block inside {}", self.pool),
                block.to_string(),
                "the block belongs to another pool",
            );
        }
    }

    fn is_inside(&self, block: IpNet) -> bool {
        self.pool.contains(&block)
    }

    /// Which block a node gets is random, so only its size and pool are facts.
    fn outline(&self, block: IpNet) -> String {
        let place = if self.is_inside(block) {
            "in"
        } else {
            "not in"
        };
        format!("/{} {place} {}", block.prefix_len(), self.pool)
    }
}

/// An affinity that outlives its node keeps the block from all others.
fn judge_left_over(evaluation: &mut Evaluation, affinities: &[BlockAffinity], nodes: &[Node]) {
    let is_left_over = |affinity: &&BlockAffinity| {
        let is_of_no_node = nodes.iter().all(|node| node.name() != affinity.spec.node);
        affinity.is_of_node() && affinity.is_in_force() && is_of_no_node
    };
    for affinity in affinities.iter().filter(is_left_over) {
        evaluation.fail(
            format!("block {}", affinity.spec.cidr),
            "a node that is there",
            format!("node {}", affinity.spec.node),
            "no other node can take the block, and no address in it is routed",
        );
    }
}

/// Fails for each block with the smallest other one that it is inside of. In the order of their addresses these are open
/// while one is looked at, so that a thousand equal blocks are a thousand failures and not half a million.
fn judge_overlaps(evaluation: &mut Evaluation, blocks: &BTreeMap<String, Vec<IpNet>>) {
    let of_nodes = blocks
        .iter()
        .flat_map(|(node, blocks)| blocks.iter().map(move |block| (node, *block)));
    let mut sorted: Vec<(usize, (&String, IpNet))> = of_nodes.enumerate().collect();
    sorted.sort_by_key(|(index, (_, block))| (block.network(), block.prefix_len(), *index));
    let mut open: Vec<(usize, (&String, IpNet))> = Vec::new();
    for inner in sorted {
        while open
            .last()
            .is_some_and(|(_, (_, outer))| !outer.contains(&inner.1.1))
        {
            open.pop();
        }
        if let Some(outer) = open.last() {
            // Told of the node that comes first, whichever of its blocks is the wider one.
            let ((_, (node, block)), (_, (other_node, other))) = if outer.0 < inner.0 {
                (*outer, inner)
            } else {
                (inner, *outer)
            };
            evaluation.fail(
                format!("node {node}"),
                "a block of its own",
                format!("{block} overlaps {other} of node {other_node}"),
                "an address in both is routed to one node only",
            );
        }
        open.push(inner);
    }
}
