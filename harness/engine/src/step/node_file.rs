//! Writes a file on each node from a template of the scenario, filled with what is true of that node.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow, bail};
use futures::future::try_join_all;
use ipnet::IpNet;
use rehearse_core::scenario::NodeFile;
use rehearse_core::template::{self, ClusterVariables, NodeVariables, Variables};

use super::Surroundings;
use crate::look;
use crate::stage::Cluster;

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
    let blocks = if template::needs_blocks(&file.template, text) {
        blocks(surroundings.cluster).await?
    } else {
        BTreeMap::new()
    };
    let service_address = surroundings.plan.service_subnet.first().hosts().next();
    let service_address = service_address
        .context("failed to find the API's address: the Services' range has none")?;
    try_join_all(surroundings.cluster.nodes().iter().map(async |node| {
        let of_node = blocks.get(&node.name).map_or(&[][..], Vec::as_slice);
        let variables = Variables {
            node: NodeVariables::new(&node.name, of_node),
            cluster: ClusterVariables {
                service_address: service_address.to_string(),
            },
        };
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

/// Each node's blocks, where every node has one.
async fn blocks(cluster: &Cluster) -> anyhow::Result<BTreeMap<String, Vec<IpNet>>> {
    let blocks = look::blocks(cluster).await?;
    let mut nodes = cluster.nodes().iter();
    if let Some(without) = nodes.find(|node| !blocks.contains_key(&node.name)) {
        bail!(
            "failed to fill a template for {}: the node has no block yet (hint: an earlier step must wait for Calico's block affinities)",
            without.name
        );
    }
    Ok(blocks)
}
