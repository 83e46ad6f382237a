//! Taking, finding and giving back leases.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result};
use bollard::Docker;
use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListVolumesOptionsBuilder, RemoveVolumeOptions,
};
use jiff::Timestamp;

use super::lease::{self, Decision, Lease};
use super::node::{count_nodes, nodes_of};
use super::owner::Machine;
use crate::stage::StageError;

/// Takes the lease of a cluster that is not there yet.
///
/// # Errors
/// [`StageError::Owned`] with the owner's name where somebody else has the cluster, or where a cluster of that name is
/// there that rehearse did not make.
pub(crate) async fn take(engine: &Docker, wanted: &Lease) -> Result<()> {
    let found = create(engine, wanted).await?;
    if found != wanted.labels() {
        return Err(owned_by(engine, "create", &wanted.cluster, &found)
            .await?
            .into());
    }
    if nodes_of(engine, &wanted.cluster).await?.is_empty() {
        return Ok(());
    }
    give_back(engine, &wanted.cluster).await?;
    Err(StageError::Owned {
        operation: "create",
        cluster: wanted.cluster.clone(),
        owner: "a kind cluster of that name is there which rehearse did not make".to_owned(),
        hint: "take another name".to_owned(),
    }
    .into())
}

/// Takes over the lease of a cluster that is there and that nobody works with.
pub(crate) async fn take_over(engine: &Docker, wanted: &Lease) -> Result<()> {
    give_back(engine, &wanted.cluster).await?;
    let found = create(engine, wanted).await?;
    if found == wanted.labels() {
        return Ok(());
    }
    Err(owned_by(engine, "reuse", &wanted.cluster, &found)
        .await?
        .into())
}

/// Removes a lease; one that is not there is no error.
pub(crate) async fn give_back(engine: &Docker, cluster: &str) -> Result<(), StageError> {
    let removed = engine
        .remove_volume(&lease::volume(cluster), None::<RemoveVolumeOptions>)
        .await;
    match removed {
        Ok(())
        | Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(()),
        Err(error) => Err(StageError::engine(
            format!("give back the lease of cluster {cluster}"),
            error,
        )),
    }
}

/// All leases by cluster. Where somebody pruned the volumes, the registry container still tells of its cluster's lease.
pub(crate) async fn all(engine: &Docker) -> Result<BTreeMap<String, Result<Lease>>> {
    let by_label = HashMap::from([("label", vec![lease::CLUSTER])]);
    let volumes = ListVolumesOptionsBuilder::new().filters(&by_label).build();
    let containers = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&by_label)
        .build();
    let (volumes, containers) = tokio::try_join!(
        engine.list_volumes(Some(volumes)),
        engine.list_containers(Some(containers))
    )
    .map_err(|error| StageError::engine("list the leases of clusters", error))?;
    let of_containers = containers
        .into_iter()
        .filter_map(|container| container.labels);
    let of_volumes = volumes
        .volumes
        .unwrap_or_default()
        .into_iter()
        .map(|volume| volume.labels);
    Ok(of_containers
        .chain(of_volumes)
        .filter_map(|labels| Some((labels.get(lease::CLUSTER)?.clone(), Lease::of(&labels))))
        .collect())
}

/// What is to be done about each lease that can be read.
pub(crate) async fn decide(
    engine: &Docker,
    leases: &BTreeMap<String, Result<Lease>>,
) -> Result<BTreeMap<String, Decision>> {
    let readable = || leases.values().filter_map(|lease| lease.as_ref().ok());
    let machine = Machine::here(readable().map(|lease| lease.owner.process))?;
    let nodes = count_nodes(engine).await?;
    let now = Timestamp::now();
    let decision = |lease: &Lease| {
        let nodes = nodes.get(&lease.cluster).copied().unwrap_or(0);
        (lease.cluster.clone(), lease.decide(&machine, now, nodes))
    };
    Ok(readable().map(decision).collect())
}

/// The labels of the volume after it was asked for: somebody else's where it was there before.
async fn create(engine: &Docker, wanted: &Lease) -> Result<HashMap<String, String>, StageError> {
    let volume = engine
        .create_volume(VolumeCreateRequest {
            name: Some(lease::volume(&wanted.cluster)),
            labels: Some(wanted.labels()),
            ..VolumeCreateRequest::default()
        })
        .await
        .map_err(|error| {
            StageError::engine(
                format!("take the lease of cluster {}", wanted.cluster),
                error,
            )
        })?;
    Ok(volume.labels)
}

/// Refuses a name that somebody has, before anything is looked at or made for it.
///
/// # Errors
/// [`StageError::Owned`] with the owner's name.
pub async fn refuse_taken(engine: &Docker, cluster: &str) -> Result<()> {
    match all(engine).await?.remove(cluster) {
        Some(lease) => Err(owned_by(engine, "create", cluster, &lease?.labels())
            .await?
            .into()),
        None => Ok(()),
    }
}

async fn owned_by(
    engine: &Docker,
    operation: &'static str,
    cluster: &str,
    labels: &HashMap<String, String>,
) -> Result<StageError> {
    let lease =
        Lease::of(labels).with_context(|| format!("failed to see who owns cluster {cluster}"))?;
    let run = lease.run.clone();
    let leases = [(cluster.to_owned(), Ok(lease))].into();
    let (owner, hint) = match decide(engine, &leases).await?.remove(cluster) {
        Some(Decision::InUse { by }) => (by, "take another name, or wait for that run".to_owned()),
        Some(Decision::Orphaned { why }) => (
            format!("run {run} left it behind: {why}"),
            "`rehearse cluster sweep`".to_owned(),
        ),
        Some(Decision::Kept) | None => (
            format!("run {run} kept it"),
            format!("`--reuse {cluster}`, or `rehearse cluster down {cluster}`"),
        ),
    };
    Ok(StageError::Owned {
        operation,
        cluster: cluster.to_owned(),
        owner,
        hint,
    })
}
