//! Does the same on all nodes at once.

use anyhow::{Context as _, bail};
use futures::future::try_join_all;

use rehearse_core::redaction::RawText;

use super::Surroundings;
use crate::stage::{Cluster, Node};

/// Runs a program on each node, all nodes at once.
///
/// # Errors
/// With the node, and the program's last words where it failed.
pub async fn run(command: &[&str], surroundings: &Surroundings<'_>) -> anyhow::Result<()> {
    let cluster = surroundings.cluster;
    try_join_all(
        cluster
            .nodes()
            .iter()
            .map(|node| one(cluster, node, command)),
    )
    .await?;
    Ok(())
}

/// Runs a program on one node and gives its standard output, which may hold secrets.
///
/// # Errors
/// As [`run`].
pub async fn one(cluster: &Cluster, node: &Node, command: &[&str]) -> anyhow::Result<RawText> {
    let line = command.join(" ");
    let ended = cluster
        .run_on_node(node, command)
        .await
        .with_context(|| format!("failed to run `{line}` on {}", node.name))?;
    if ended.status != 0 {
        bail!(
            "failed to run `{line}` on {}: status {}: {}",
            node.name,
            ended.status,
            ended.error().redacted().trim()
        );
    }
    Ok(ended.output())
}
