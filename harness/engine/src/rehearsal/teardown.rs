//! The end of a run's cluster. It is removed or said to be there still; nothing of the record depends on it.

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::Instant;

use crate::event::{Event, Listener};
use crate::interrupt::Interrupt;
use crate::stage::Cluster;

/// How long the cluster's end may take; it takes a few seconds where it was seen.
const TEARDOWN_LIMIT: Duration = Duration::from_mins(2);

/// The same after a second signal.
const HURRIED_TEARDOWN_LIMIT: Duration = Duration::from_secs(10);

/// Takes the cluster down within a limit of its own; what stays is said, and swept by the next run.
pub(super) async fn of(cluster: Cluster, interrupt: &Interrupt, tell: Listener<'_>) {
    let name = cluster.name().to_owned();
    tell(Event::Doing {
        what: format!("removing the cluster {name}"),
    });
    let started = Instant::now();
    let limit = async {
        tokio::select! {
            () = tokio::time::sleep(TEARDOWN_LIMIT) => TEARDOWN_LIMIT,
            () = async {
                interrupt.hurry().cancelled().await;
                tokio::time::sleep(HURRIED_TEARDOWN_LIMIT).await;
            } => HURRIED_TEARDOWN_LIMIT,
        }
    };
    let removed = tokio::select! {
        removed = cluster.delete() => removed.context("it could not be removed"),
        limit = limit => Err(anyhow::anyhow!("it was not gone after {} s", limit.as_secs())),
    };
    match removed {
        Ok(()) => tell(Event::Done {
            what: format!("cluster {name} removed"),
            took: started.elapsed(),
        }),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "teardown");
            tell(Event::Notice {
                text: format!(
                    "the cluster {name} may be there still: {error:#} (hint: `rehearse cluster sweep`, or the next run, removes it)"
                ),
            });
        }
    }
}
