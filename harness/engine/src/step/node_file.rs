//! Writes a file on each node from a template of the scenario, filled with what is true of that node.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow};
use futures::future::try_join_all;
use ipnet::IpNet;
use rehearse_core::observation::block_affinities;
use rehearse_core::scenario::NodeFile;
use rehearse_core::template::{self, ClusterVariables, NodeVariables, Variables};

use super::Surroundings;
use crate::look;
use crate::stage::Node;

/// As `tee` leaves a file.
const MODE: u32 = 0o644;

/// Fills the template for each node and writes it there.
pub(super) async fn perform(
    file: &NodeFile,
    text: Option<&str>,
    surroundings: &Surroundings<'_>,
) -> anyhow::Result<()> {
    let text = text.ok_or_else(|| {
        anyhow!(
            "failed to write {}: the plan has no text of {}",
            file.path,
            file.template
        )
    })?;
    // Before Calico is there, no node has a block; a template that needs none can be written all the same.
    let blocks = if text.contains("node.block") || text.contains("node.prefix") {
        blocks(surroundings).await?
    } else {
        BTreeMap::new()
    };
    try_join_all(surroundings.cluster.nodes().iter().map(async |node| {
        let variables = variables(
            node,
            blocks.get(&node.name),
            surroundings.plan.service_subnet.first(),
        );
        let contents = template::fill(&file.template, text, &variables)
            .with_context(|| format!("failed to fill {} for {}", file.template, node.name))?;
        surroundings
            .cluster
            .write_node_file(node, &file.path, contents.as_bytes(), MODE)
            .await
            .with_context(|| format!("failed to write {} on {}", file.path, node.name))
    }))
    .await?;
    Ok(())
}

/// What the template knows of a node.
fn variables(node: &Node, block: Option<&IpNet>, service_subnet: IpNet) -> Variables {
    let prefix = block.and_then(prefix);
    Variables {
        node: NodeVariables {
            name: node.name.clone(),
            block: block.map(ToString::to_string).unwrap_or_default(),
            prefix: prefix.unwrap_or_default(),
        },
        cluster: ClusterVariables {
            service_address: service_subnet
                .hosts()
                .next()
                .map(|address| address.to_string())
                .unwrap_or_default(),
        },
    }
}

/// The first three numbers of a block; none of IPv6.
fn prefix(block: &IpNet) -> Option<String> {
    let IpNet::V4(block) = block else {
        return None;
    };
    let [first, second, third, _] = block.network().octets();
    Some(format!("{first}.{second}.{third}"))
}

/// Each node's block; the IPv4 one with the lowest address where a node has several.
async fn blocks(surroundings: &Surroundings<'_>) -> anyhow::Result<BTreeMap<String, IpNet>> {
    let queries = [block_affinities::query()].into();
    let seen = look::complete(surroundings.cluster, queries).await;
    let seen = seen.context("failed to read the nodes' blocks")?;
    let blocks = block_affinities::by_node(&block_affinities::read(&seen)?.entries);
    surroundings
        .cluster
        .nodes()
        .iter()
        .map(|node| {
            let block = blocks.get(&node.name).and_then(|blocks| blocks.first()).ok_or_else(|| {
                anyhow!(
                    "failed to fill a template for {}: the node has no block yet (hint: an earlier step must wait for Calico's block affinities)",
                    node.name
                )
            })?;
            Ok((node.name.clone(), *block))
        })
        .collect()
}
