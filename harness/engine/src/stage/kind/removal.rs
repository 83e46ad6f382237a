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
use jiff::{SignedDuration, Timestamp};

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

/// The longest that a creation takes: one that began longer ago has ended.
pub(crate) const CREATION: SignedDuration = SignedDuration::from_secs(300);

/// A cluster that was swept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept {
    /// The cluster's name.
    pub cluster: String,
    /// Why nobody wants it any more.
    pub why: String,
}

/// How finished a cluster is that is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Creation {
    /// Nothing is added to it any more.
    Ended,
    /// It was broken off: the engine, or a `kind` that outlived its owner, may still add to it.
    BrokenOff,
}

/// Removes nodes, registry and, last, the lease of a cluster, within [`DEADLINE`].
pub(crate) async fn remove(engine: &Docker, cluster: &str, creation: Creation) -> Result<()> {
    let all = async {
        match creation {
            Creation::Ended => remove_what_is_there(engine, cluster).await?,
            Creation::BrokenOff => remove_what_comes(engine, cluster).await?,
        }
        claim::give_back(engine, cluster).await
    };
    let removed = tokio::time::timeout(DEADLINE, all).await;
    removed.map_err(|_| StageError::Late {
        operation: format!("remove cluster {cluster}"),
        limit: DEADLINE,
        hint: format!("`rehearse cluster down {cluster}` tries again"),
    })??;
    Ok(())
}

async fn remove_what_is_there(engine: &Docker, cluster: &str) -> Result<(), StageError> {
    while remove_containers(engine, cluster).await? > 0 {}
    Ok(())
}

async fn remove_what_comes(engine: &Docker, cluster: &str) -> Result<(), StageError> {
    let options = EventsOptionsBuilder::new()
        .filters(&HashMap::from([
            ("type", vec!["container".to_owned()]),
            ("event", vec!["create".to_owned()]),
            ("label", vec![format!("{KIND_CLUSTER}={cluster}")]),
        ]))
        .build();
    let mut created = std::pin::pin!(engine.events(Some(options)));
    remove_what_is_there(engine, cluster).await?;
    while let Ok(Some(event)) = tokio::time::timeout(QUIET, created.next()).await {
        event.map_err(|error| StageError::engine("watch for late containers", error))?;
        remove_what_is_there(engine, cluster).await?;
    }
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
    let now = Timestamp::now();
    let creation = |cluster: &str| match leases.get(cluster) {
        Some(Ok(lease)) if now.duration_since(lease.created) > CREATION => Creation::Ended,
        _ => Creation::BrokenOff,
    };
    let orphaned = claim::decide(engine, &leases)
        .await?
        .into_iter()
        .filter_map(|(cluster, decision)| match decision {
            Decision::Orphaned { why } => Some((creation(&cluster), Swept { cluster, why })),
            Decision::InUse { .. } | Decision::Kept => None,
        });
    try_join_all(orphaned.map(|(creation, swept)| async move {
        remove(engine, &swept.cluster, creation)
            .await
            .with_context(|| format!("failed to sweep cluster {}", swept.cluster))?;
        tracing::info!(cluster = swept.cluster, why = swept.why, "cluster swept");
        Ok(swept)
    }))
    .await
}

/// Removes one cluster by its name, whether it is kept or orphaned.
///
/// # Errors
/// [`StageError::Owned`] where a run works with it and `force` is not given, or where rehearse has no lease of it.
pub async fn take_down(engine: &Docker, cluster: &str, force: bool) -> Result<()> {
    let lease = claim::all(engine).await?.remove(cluster);
    let Some(lease) = lease else {
        return Err(StageError::Owned {
            operation: "remove",
            cluster: cluster.to_owned(),
            owner: "rehearse has no cluster of that name".to_owned(),
            hint: "`rehearse cluster list`".to_owned(),
        }
        .into());
    };
    let leases = [(cluster.to_owned(), lease)].into();
    let decision = claim::decide(engine, &leases).await?.remove(cluster);
    if let (Some(Decision::InUse { by }), false) = (decision, force) {
        return Err(StageError::Owned {
            operation: "remove",
            cluster: cluster.to_owned(),
            owner: by,
            hint: "`--force` takes it from that run".to_owned(),
        }
        .into());
    }
    remove(engine, cluster, Creation::BrokenOff).await
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
