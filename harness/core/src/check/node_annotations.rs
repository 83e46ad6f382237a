//! Each node has the named annotations, and tunnel addresses in them are inside that node's block.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::nodes::{self, Node};
use crate::observation::{Inability, Observations, block_affinities};
use crate::query::Query;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeAnnotations {
    /// Annotation names that every node has, such as `projectcalico.org/IPv4Address`.
    pub present: Vec<String>,
    /// An annotation whose value is an address inside the node's block, such as `projectcalico.org/IPv4VXLANTunnelAddr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_block: Option<String>,
}

impl Rule for NodeAnnotations {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let mut queries = vec![nodes::query()];
        if self.in_block.is_some() {
            queries.push(block_affinities::query());
        }
        queries
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let nodes = nodes::read(observations)?;
        let mut evaluation = Evaluation::default();
        evaluation.require_nodes(nodes.len(), context);
        if self.present.is_empty() && self.in_block.is_none() {
            evaluation.fail(
                "each node",
                "at least one annotation",
                "none",
                "a check that names nothing proves nothing",
            );
        }
        for annotation in &self.present {
            judge_present(&mut evaluation, &nodes, annotation);
        }
        if let Some(annotation) = &self.in_block {
            let blocks = block_affinities::read(observations)?;
            let mut values = Vec::new();
            for node in &nodes {
                let of_node = blocks.get(node.name()).map_or(&[][..], Vec::as_slice);
                let is_inside = judge_in_block(&mut evaluation, node, annotation, of_node);
                values.push(if is_inside {
                    "an address of the node's block"
                } else {
                    "no address of the node's block"
                });
            }
            evaluation.fact("each node", format!("annotation {annotation}"), values);
        }
        Ok(evaluation)
    }
}

fn judge_present(evaluation: &mut Evaluation, nodes: &[Node], annotation: &str) {
    let has = |node: &Node| {
        let value = node.metadata.annotations.get(annotation);
        value.is_some_and(|value| !value.is_empty())
    };
    for node in nodes.iter().filter(|node| !has(node)) {
        evaluation.fail(
            node.subject(),
            format!("annotation {annotation}"),
            "absent",
            "calico-node has not written it on this node",
        );
    }
    let values = nodes
        .iter()
        .map(|node| if has(node) { "present" } else { "absent" });
    evaluation.fact("each node", format!("annotation {annotation}"), values);
}

fn judge_in_block(
    evaluation: &mut Evaluation,
    node: &Node,
    annotation: &str,
    blocks: &[Ipv4Net],
) -> bool {
    let value = node.metadata.annotations.get(annotation);
    let value = value.map_or("absent", String::as_str);
    let address: Option<Ipv4Addr> = value.parse().ok();
    let is_inside = |block: &Ipv4Net| address.is_some_and(|address| block.contains(&address));
    if blocks.iter().any(is_inside) {
        return true;
    }
    evaluation.fail(
        node.subject(),
        format!("annotation {annotation} is an address in {}", list(blocks)),
        value,
        "a tunnel address outside the node's block is not routed to this node",
    );
    false
}
