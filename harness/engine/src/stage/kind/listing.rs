//! The clusters of rehearse on this machine's engine.

use std::collections::BTreeMap;

use anyhow::Result;
use bollard::Docker;
use jiff::Timestamp;

use super::claim;
use super::lease::Decision;
use super::node::count_nodes;

/// One cluster with its lease.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub cluster: String,
    /// How many nodes it has.
    pub nodes: usize,
    /// The run that made it or used it last.
    pub run: String,
    /// The process of that run.
    pub owner: String,
    /// When the lease was taken.
    pub created: Timestamp,
    /// When the lease ends.
    pub deadline: Timestamp,
    /// Whether it is kept on purpose.
    pub kept: bool,
    /// What `sweep` would think of it.
    pub state: String,
    /// The versions in it by component.
    pub components: BTreeMap<String, String>,
}

/// All clusters that rehearse has a lease of, sorted by name.
///
/// # Errors
/// Also if a lease can't be read.
pub async fn list(engine: &Docker) -> Result<Vec<Listed>> {
    let leases = claim::all(engine).await?;
    let decisions = claim::decide(engine, &leases).await?;
    let nodes = count_nodes(engine).await?;
    let mut listed = Vec::new();
    for (cluster, lease) in leases {
        let lease = lease?;
        let state = match decisions.get(&cluster) {
            Some(Decision::InUse { .. }) => "in use".to_owned(),
            Some(Decision::Kept) => "kept".to_owned(),
            Some(Decision::Orphaned { why }) => format!("orphaned: {why}"),
            None => "unknown".to_owned(),
        };
        listed.push(Listed {
            nodes: nodes.get(&cluster).copied().unwrap_or(0),
            cluster,
            run: lease.run,
            owner: lease.owner.to_string(),
            created: lease.created,
            deadline: lease.deadline,
            kept: lease.keep,
            state,
            components: lease.components,
        });
    }
    Ok(listed)
}
