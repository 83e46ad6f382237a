//! Calico's IPAM blocks: another block, another node's, another size, not confirmed, given up, gone, one more.

use ipnet::Ipv4Net;
use serde_json::json;

use crate::mutant::{FactId, FactKind, Maker, Site, address, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "blocks.cidr",
        "blocks.deleted",
        "blocks.node",
        "blocks.others",
        "blocks.present",
        "blocks.state",
    ],
    make: |site, query| {
        let is_mine = matches!(query, Query::Objects { kind, .. } if kind == "BlockAffinity");
        if is_mine {
            affinities(site);
        }
        is_mine
    },
};

/// The output's `BlockAffinity` objects.
fn affinities(site: &mut Site<'_>) {
    let affinities = site.elements();
    for (index, affinity) in affinities.iter().enumerate() {
        let node = text(affinity, "/spec/node");
        let fact = |key: &'static str| FactId::new(FactKind::Block, key, format!("node {node}"));
        site.remove(&fact("blocks.present"), "gone", format!("/{index}"));
        let at = |key: &str| format!("/{index}/spec/{key}");
        site.set(&fact("blocks.node"), "nobody's", at("node"), "nobody");
        site.set(
            &fact("blocks.state"),
            "not confirmed",
            at("state"),
            "pending",
        );
        site.set(&fact("blocks.deleted"), "given up", at("deleted"), "true");
        if let Ok(block) = text(affinity, "/spec/cidr").parse::<Ipv4Net>() {
            let fact = fact("blocks.cidr");
            for (mutation, other) in others(block, site) {
                site.set(&fact, mutation, at("cidr"), other);
            }
        }
    }
    if let Some(first) = affinities.first() {
        let mut another = first.clone();
        another["spec"]["cidr"] = json!("10.9.8.0/24");
        let fact = FactId::new(
            FactKind::Block,
            "blocks.others",
            format!("node {}", text(first, "/spec/node")),
        );
        site.insert(
            &fact,
            "a second block, of another pool",
            "",
            affinities.len(),
            another,
        );
    }
}

fn others(block: Ipv4Net, site: &Site<'_>) -> Vec<(&'static str, String)> {
    let mut others = vec![
        ("outside the pool", "10.9.9.0/24".to_owned()),
        ("other prefix length", format!("{}/26", block.network())),
    ];
    if let Some(other) = address::other_node(block.network(), block, site.surroundings) {
        others.push((
            "another node's block",
            format!("{other}/{}", block.prefix_len()),
        ));
    }
    others
}
