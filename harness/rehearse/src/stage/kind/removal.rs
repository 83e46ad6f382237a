//! Taking clusters away: all of one that we own, or all that nobody wants any more.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bollard::Docker;
use bollard::errors::Error as EngineError;
use bollard::query_parameters::{
    EventsOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
};
use futures::StreamExt as _;
use futures::future::try_join_all;

use super::claim;
use super::lease::{self, Decision};
use super::node::KIND_CLUSTER;
use crate::stage::StageError;

/// The longest that taking one cluster away may take: the engine kills its containers at once, and unmounting three
/// nodes on a busy two-core machine was seen to take some seconds.
pub(crate) const DEADLINE: Duration = Duration::from_secs(90);

/// After a creation was broken off: how long the engine must have made no further container. It goes on with what a
/// killed `kind` had asked for, and needs well under a second for it.
const QUIET: Duration = Duration::from_secs(2);

/// A cluster that was swept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept {
    /// The cluster's name.
    pub cluster: String,
    /// Why nobody wants it any more.
    pub why: String,
}

/// Removes nodes, registry and, last, the lease of a cluster, within [`DEADLINE`].
pub(crate) async fn remove(engine: &Docker, cluster: &str) -> Result<()> {
    let all = async {
        while remove_containers(engine, cluster).await? > 0 {}
        claim::give_back(engine, cluster).await
    };
    let removed = tokio::time::timeout(DEADLINE, all).await;
    removed.map_err(|_| late(cluster))??;
    Ok(())
}

/// Removes a cluster whose creation was broken off, and what the engine was still about to make of it.
pub(crate) async fn remove_unfinished(engine: &Docker, cluster: &str) -> Result<()> {
    let all = async {
        let options = EventsOptionsBuilder::new()
            .filters(&HashMap::from([
                ("type", vec!["container".to_owned()]),
                ("event", vec!["create".to_owned()]),
                ("label", vec![format!("{KIND_CLUSTER}={cluster}")]),
            ]))
            .build();
        let mut created = std::pin::pin!(engine.events(Some(options)));
        while remove_containers(engine, cluster).await? > 0 {}
        while let Ok(Some(event)) = tokio::time::timeout(QUIET, created.next()).await {
            event.map_err(|error| StageError::engine("watch for late containers", error))?;
            while remove_containers(engine, cluster).await? > 0 {}
        }
        claim::give_back(engine, cluster).await
    };
    let removed = tokio::time::timeout(DEADLINE, all).await;
    removed.map_err(|_| late(cluster))??;
    Ok(())
}

/// Removes every cluster that nobody wants any more: its owner is gone or its deadline has passed, and it was not kept.
/// Clusters that rehearse did not make, or whose lease can't be read, are left alone.
pub async fn sweep(engine: &Docker) -> Result<Vec<Swept>> {
    let leases = claim::all(engine).await?;
    for (cluster, lease) in &leases {
        if let Err(error) = lease {
            tracing::warn!(cluster, error = format!("{error:#}"), "cluster left alone");
        }
    }
    let orphaned = claim::decide(&leases)?
        .into_iter()
        .filter_map(|(cluster, decision)| match decision {
            Decision::Orphaned { why } => Some(Swept { cluster, why }),
            Decision::InUse { .. } | Decision::Kept => None,
        });
    try_join_all(orphaned.map(|swept| async move {
        remove(engine, &swept.cluster)
            .await
            .with_context(|| format!("failed to sweep cluster {}", swept.cluster))?;
        tracing::info!(cluster = swept.cluster, why = swept.why, "cluster swept");
        Ok(swept)
    }))
    .await
}

/// Removes what is there now and says how much that was.
async fn remove_containers(engine: &Docker, cluster: &str) -> Result<usize, StageError> {
    let of = |label: String| {
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&HashMap::from([("label", vec![label])]))
            .build();
        engine.list_containers(Some(options))
    };
    let (nodes, registry) = tokio::try_join!(
        of(format!("{KIND_CLUSTER}={cluster}")),
        of(format!("{}={cluster}", lease::CLUSTER))
    )
    .map_err(|error| StageError::engine(format!("list what cluster {cluster} has"), error))?;
    let containers: Vec<String> = nodes
        .into_iter()
        .chain(registry)
        .filter_map(|container| container.id)
        .collect();
    let options = RemoveContainerOptionsBuilder::new()
        .force(true)
        .v(true)
        .build();
    try_join_all(containers.iter().map(|id| {
        let options = options.clone();
        async move {
            match engine.remove_container(id, Some(options)).await {
                Ok(())
                // It is gone, or somebody else is removing it.
                | Err(EngineError::DockerResponseServerError {
                    status_code: 404 | 409,
                    ..
                }) => Ok(()),
                Err(error) => Err(StageError::engine(
                    format!("remove container {id} of cluster {cluster}"),
                    error,
                )),
            }
        }
    }))
    .await?;
    Ok(containers.len())
}

fn late(cluster: &str) -> StageError {
    StageError::Late {
        operation: format!("remove cluster {cluster}"),
        limit: DEADLINE,
        hint: format!("`rehearse cluster down {cluster}` tries again"),
    }
}
