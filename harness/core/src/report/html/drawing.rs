//! The nodes with their blocks, and in them the pods with their interfaces and routes, as inline SVG. Each interface is a
//! line down the pod's left side, and each route hangs on the line of the device that it leaves by.
//!
//! It draws what checks saw (`run.details`) and adds nothing: no link between nodes is drawn, as no detail tells of one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::check::Detail;
use crate::record::{Record, Step};
use crate::report::text::{one_line, shorten};

mod svg;

#[derive(Serialize)]
pub(super) struct Drawing<'record> {
    index: usize,
    step: &'record str,
    title: &'record str,
    is_last: bool,
    nodes: Vec<NodeDrawing>,
}

#[derive(Serialize)]
struct NodeDrawing {
    /// Markup that is already escaped.
    svg: String,
}

/// What one step's details tell of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Network {
    /// By node: its block, and its pods by name.
    nodes: BTreeMap<String, Node>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    block: Option<String>,
    /// Its address, where the run knows it.
    address: Option<String>,
    pods: BTreeMap<String, Pod>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Pod {
    interfaces: Vec<(String, Vec<String>)>,
    routes: Vec<String>,
}

/// A drawing for each step that tells of pods, where it differs from the step's before; in order. Blocks are drawn as they
/// were last told.
pub(super) fn drawings(record: &Record) -> Vec<Drawing<'_>> {
    let mut base = Network::default();
    for (name, facts) in &record.run.node_facts {
        base.nodes.entry(name.clone()).or_default().address = facts.get("address").cloned();
    }
    let mut networks: Vec<(usize, &Step, Network)> = Vec::new();
    for (index, step) in record.canonical.steps.iter().enumerate() {
        let details = record.run.details.get(&step.id);
        let details: Vec<_> = details
            .into_iter()
            .flat_map(BTreeMap::values)
            .flatten()
            .collect();
        for detail in &details {
            if let Detail::Block { node, block } = detail {
                base.nodes.entry(node.clone()).or_default().block = Some(block.clone());
            }
        }
        let mut network = base.clone();
        let mut has_pods = false;
        for detail in &details {
            has_pods |= network.add(detail);
        }
        if has_pods && networks.last().is_none_or(|(_, _, last)| *last != network) {
            networks.push((index, step, network));
        }
    }
    let last = networks.len().saturating_sub(1);
    networks
        .into_iter()
        .enumerate()
        .map(|(number, (index, step, network))| Drawing {
            index,
            step: &step.id,
            title: &step.title,
            is_last: number == last,
            nodes: network
                .nodes
                .iter()
                .enumerate()
                .map(|(node_number, (name, node))| NodeDrawing {
                    svg: svg::node(&format!("drawing-{index}-{node_number}"), name, node),
                })
                .collect(),
        })
        .collect()
}

impl Network {
    /// Whether the detail tells of a pod.
    fn add(&mut self, detail: &Detail) -> bool {
        match detail {
            Detail::Interfaces {
                pod,
                node,
                interfaces,
            } => {
                self.pod(node, pod).interfaces.clone_from(interfaces);
                true
            }
            Detail::Routes { pod, node, lines } => {
                let routes = &mut self.pod(node, pod).routes;
                // A second check may look at the same table, or at that of the other family.
                if !routes.starts_with(lines) && !routes.ends_with(lines) {
                    routes.extend(lines.iter().cloned());
                }
                true
            }
            Detail::Witnesses { .. } | Detail::Block { .. } => false,
        }
    }

    fn pod(&mut self, node: &str, pod: &str) -> &mut Pod {
        let node = self.nodes.entry(node.to_owned()).or_default();
        node.pods.entry(pod.to_owned()).or_default()
    }
}

impl Pod {
    /// The devices that have a line: the interfaces in their order, then what only routes name.
    fn devices(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let interfaces = self.interfaces.iter().map(|(name, _)| name.as_str());
        let routes = self.routes.iter().filter_map(|route| device(route));
        interfaces
            .chain(routes)
            .filter(|name| seen.insert(*name))
            .collect()
    }

    fn addresses(&self, device: &str) -> Option<&[String]> {
        let mut interfaces = self.interfaces.iter();
        interfaces
            .find(|(name, _)| name == device)
            .map(|(_, addresses)| addresses.as_slice())
    }
}

/// The device that a route leaves by: the word after `dev`.
fn device(route: &str) -> Option<&str> {
    let mut words = route.split_whitespace();
    words.find(|word| *word == "dev")?;
    words.next()
}

/// A route in parts: what it is for, the way up to the device, and the rest.
struct RouteParts<'route> {
    destination: &'route str,
    way: String,
    rest: String,
}

fn parts(route: &str) -> RouteParts<'_> {
    let words: Vec<_> = route.split_whitespace().collect();
    let way_end = words
        .iter()
        .position(|word| *word == "dev")
        .map_or(words.len(), |dev| dev + 2);
    let way_end = way_end.clamp(1, words.len().max(1));
    RouteParts {
        destination: words.first().copied().unwrap_or_default(),
        way: words.get(1..way_end).unwrap_or_default().join(" "),
        rest: words.get(way_end..).unwrap_or_default().join(" "),
    }
}

/// The end of a text that is too long: nodes of one cluster begin alike, and their ends tell them apart.
fn fit_end(text: &str, characters: usize) -> String {
    let text = one_line(text);
    let surplus = text.chars().count().saturating_sub(characters);
    if surplus == 0 {
        return text;
    }
    std::iter::once('…')
        .chain(text.chars().skip(surplus + 1))
        .collect()
}

fn fit(text: &str, characters: usize) -> String {
    shorten(&one_line(text), characters)
}
