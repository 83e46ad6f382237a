//! One look at the cluster: queries, each fetched once and all at the same time. What checks make of them is the judge's
//! business, in `rehearse-core`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use futures::future::join_all;
use ipnet::IpNet;
use rehearse_core::judge::{Look, Unfetched};
use rehearse_core::observation::{Observations, block_affinities};
use rehearse_core::query::Query;

use crate::blame::NotFetched;
use crate::observe;
use crate::stage::Cluster;

/// Fetches all queries at the same time. What could not be fetched is in the look with its reason.
pub async fn now(cluster: &Cluster, queries: BTreeSet<Query>) -> Look {
    let fetches = queries.into_iter().map(async |query| {
        let outputs = observe::fetch(cluster, &query).await;
        (query, outputs)
    });
    let mut look = Look::default();
    for (query, outputs) in join_all(fetches).await {
        let answer = outputs.map_err(|error| {
            let NotFetched { class, why } = NotFetched::of(&error);
            tracing::warn!(?query, error = why.as_str(), "failed to fetch");
            Unfetched::Failed { class, why }
        });
        look.insert(query, answer);
    }
    look
}

/// Fetches all queries at the same time.
///
/// # Errors
/// The first query's that could not be fetched.
pub async fn complete(cluster: &Cluster, queries: BTreeSet<Query>) -> anyhow::Result<Observations> {
    let look = now(cluster, queries).await;
    match failure(&look) {
        Some(failure) => Err(failure.into()),
        None => Ok(look.observations().clone()),
    }
}

/// Each node's blocks of Calico's IPAM, IPv4 before IPv6, each family by address; a node without one is left out.
///
/// # Errors
/// Where they could not be fetched or read.
pub(crate) async fn blocks(cluster: &Cluster) -> anyhow::Result<BTreeMap<String, Vec<IpNet>>> {
    let queries = [block_affinities::query()].into();
    let seen = complete(cluster, queries).await;
    let seen = seen.context("failed to read the nodes' blocks")?;
    let affinities = block_affinities::read(&seen)?;
    Ok(block_affinities::by_node(&affinities.entries))
}

/// The first query's failure, where not all could be fetched.
pub fn failure(look: &Look) -> Option<NotFetched> {
    look.unfetched().find_map(|(_, unfetched)| match unfetched {
        Unfetched::Failed { class, why } => Some(NotFetched {
            class: *class,
            why: why.clone(),
        }),
        Unfetched::NotKept { .. } => None,
    })
}
