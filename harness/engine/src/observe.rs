//! Fetches the raw outputs that checks name in their queries, and tells when they may have changed.
//!
//! It judges nothing: what a node or pod answers is data, also where it is a refusal. An error means that it could not be
//! found out.

mod changes;
mod connections;
mod kept;
mod node_command;
mod node_directory;
mod node_journal;
mod objects;
mod pod_command;
mod pod_logs;
mod pods;

use anyhow::Result;
use rehearse_core::query::{Output, Query};

use crate::stage::Cluster;

pub use changes::{Occurrence, changes};
pub use kept::Kept;

/// One round of one query: what it names as it is now, sorted by node or pod.
pub async fn fetch(cluster: &Cluster, query: &Query) -> Result<Vec<Output>> {
    let fetched = match query {
        Query::Objects {
            api_version,
            kind,
            namespace,
            selector,
        } => {
            let (namespace, selector) = (namespace.as_deref(), selector.as_deref());
            objects::fetch(cluster, api_version, kind, namespace, selector).await
        }
        Query::NodeDirectory { path, contents } => {
            node_directory::fetch(cluster, path, *contents).await
        }
        Query::NodeCommand { command } => node_command::fetch(cluster, command).await,
        Query::NodeJournal { unit } => node_journal::fetch(cluster, unit).await,
        Query::PodCommand {
            namespace,
            selector,
            command,
        } => pod_command::fetch(cluster, namespace, selector, command).await,
        Query::PodLogs {
            namespace,
            selector,
        } => pod_logs::fetch(cluster, namespace, selector).await,
        Query::Connections {
            namespace,
            selector,
            port,
            service,
        } => connections::fetch(cluster, namespace, selector, *port, service.as_deref()).await,
    };
    match fetched {
        Ok(outputs) => Ok(outputs),
        Err(error) => Err(cluster.blamed(error).await.into()),
    }
}
