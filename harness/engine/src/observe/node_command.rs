//! The output of a program on each node.

use futures::future::try_join_all;
use rehearse_core::query::{Output, Subject};

use crate::stage::{Cluster, StageError};

/// One output for each node, sorted by its name.
pub(super) async fn fetch(
    cluster: &Cluster,
    command: &[String],
) -> Result<Vec<Output>, StageError> {
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let command = &command;
    try_join_all(cluster.nodes().iter().map(|node| async move {
        let ended = cluster.run(node, command).await?;
        let subject = Subject::Node(node.name.clone());
        Ok(Output::fetched(
            subject,
            ended.status,
            ended.stdout,
            ended.stderr,
        ))
    }))
    .await
}
