//! The output of a program in each pod.

use futures::future::try_join_all;
use rehearse_core::query::Output;

use super::pods;
use crate::stage::{Cluster, StageError};

/// One output for each pod that is not being deleted, sorted by name. Status -1 where the program could not be started,
/// as in a pod that does not run yet.
pub(super) async fn fetch(
    cluster: &Cluster,
    namespace: &str,
    selector: &str,
    command: &[String],
) -> Result<Vec<Output>, StageError> {
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let pods = pods::of(cluster, namespace, selector).await?;
    let outputs = pods
        .iter()
        .map(|pod| pods::run(cluster, namespace, pod, &command));
    try_join_all(outputs).await
}
