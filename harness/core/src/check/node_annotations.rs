//! Each node has the named annotations; those that are addresses are addresses of that node alone, and a tunnel's is inside
//! that node's block.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, list_of_many};
use super::{Context, Evaluation, Rule};
use crate::observation::addresses::Family;
use crate::observation::nodes::{self, Node};
use crate::observation::{Inability, Observations, block_affinities};
use crate::query::Query;
use crate::written::Written;

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

    fn problems(&self, written: Written<'_>) {
        for (index, name) in self.present.iter().enumerate() {
            written.key("present").item(index).annotation(name);
        }
        if let Some(name) = &self.in_block {
            written.key("in-block").annotation(name);
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let nodes = evaluation.nodes(nodes::read(observations)?);
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
            let affinities = block_affinities::read(observations)?;
            let affinities = evaluation.understood("the cluster", "block affinities", affinities);
            let blocks = block_affinities::by_node(&affinities);
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
        let all = self.present.iter().chain(&self.in_block);
        for annotation in all.collect::<BTreeSet<&String>>() {
            judge_own(&mut evaluation, &nodes, annotation);
        }
        Ok(evaluation)
    }
}

/// Annotations of Calico's whose value is an address, and of which family.
const ADDRESSES: [(&str, Family); 8] = [
    ("projectcalico.org/IPv4Address", Family::V4),
    ("projectcalico.org/IPv4IPIPTunnelAddr", Family::V4),
    ("projectcalico.org/IPv4VXLANTunnelAddr", Family::V4),
    ("projectcalico.org/IPv4WireguardInterfaceAddr", Family::V4),
    ("projectcalico.org/IPv6Address", Family::V6),
    ("projectcalico.org/IPv6IPIPTunnelAddr", Family::V6),
    ("projectcalico.org/IPv6VXLANTunnelAddr", Family::V6),
    ("projectcalico.org/IPv6WireguardInterfaceAddr", Family::V6),
];

/// Such an annotation's family; none for one that is something else.
fn family(annotation: &str) -> Option<Family> {
    let known = ADDRESSES.iter().find(|(name, _)| *name == annotation);
    known.map(|(_, family)| *family)
}

/// The value of an annotation; none where it is absent or blank.
fn value<'a>(node: &'a Node, annotation: &str) -> Option<&'a str> {
    let value = node.metadata.annotations.get(annotation)?.trim();
    (!value.is_empty()).then_some(value)
}

/// An address, with or without a prefix length.
fn address(text: &str) -> Option<IpAddr> {
    let net = text.parse::<IpNet>().map(|net| net.addr());
    net.or_else(|_| text.parse::<IpAddr>()).ok()
}

fn judge_present(evaluation: &mut Evaluation, nodes: &[Node], annotation: &str) {
    let wanted = family(annotation);
    let mut words = Vec::new();
    for node in nodes {
        let (word, observed) = match (value(node, annotation), wanted) {
            (None, _) => ("absent", "absent"),
            (Some(value), Some(family)) if address(value).map(Family::of) != Some(family) => {
                ("no address", value)
            }
            (Some(value), _) => ("present", value),
        };
        words.push(word);
        if word == "present" {
            continue;
        }
        let expected = match wanted {
            Some(family) => format!("annotation {annotation}, an {family} address"),
            None => format!("annotation {annotation}"),
        };
        let why = if word == "absent" {
            "calico-node has not written it on this node"
        } else {
            "what Calico writes there is an address of that family"
        };
        evaluation.fail(node.subject(), expected, observed, why);
    }
    evaluation.fact("each node", format!("annotation {annotation}"), words);
}

/// An address is one node's: no other has it in the same annotation, or as its own address. Told once for each address.
fn judge_own(evaluation: &mut Evaluation, nodes: &[Node], annotation: &str) {
    if family(annotation).is_none() {
        return;
    }
    let of = |node: &Node| value(node, annotation).and_then(address);
    let mut annotated: BTreeMap<IpAddr, Vec<&Node>> = BTreeMap::new();
    let mut owners: BTreeMap<IpAddr, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        if let Some(address) = of(node) {
            annotated.entry(address).or_default().push(node);
        }
        for address in node.addresses().collect::<BTreeSet<IpAddr>>() {
            owners.entry(address).or_default().push(node);
        }
    }
    for (address, annotated) in annotated {
        let Some((node, same)) = annotated.split_first() else {
            continue;
        };
        let subjects = |node: &&Node| node.subject();
        let same: Vec<String> = same.iter().map(subjects).collect();
        let owners = owners.get(&address).into_iter().flatten();
        let own: Vec<String> = owners
            .filter(|owner| of(owner) != Some(address))
            .map(subjects)
            .collect();
        for (others, whose) in [(same, "the same annotation"), (own, "its own address")] {
            if others.is_empty() {
                continue;
            }
            let have = if others.len() == 1 { "has" } else { "have" };
            let others = list_of_many(&others);
            evaluation.fail(
                node.subject(),
                format!("annotation {annotation} is an address of this node"),
                format!("{address}, which {others} {have} too, as {whose}"),
                "what is sent to it reaches one of them only",
            );
        }
    }
}

fn judge_in_block(
    evaluation: &mut Evaluation,
    node: &Node,
    annotation: &str,
    blocks: &[IpNet],
) -> bool {
    let value = value(node, annotation).unwrap_or("absent");
    let is_inside = |block: &IpNet| address(value).is_some_and(|address| block.contains(&address));
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
