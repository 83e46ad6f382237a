//! The log of each pod.

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;
use rehearse_core::query::{Output, Subject};

use super::pods;
use crate::stage::{Cluster, StageError};

/// One output for each pod that is not being deleted, sorted by name: its first container's log. Status -1 where it has
/// none yet.
pub(super) async fn fetch(
    cluster: &Cluster,
    namespace: &str,
    selector: &str,
) -> Result<Vec<Output>, StageError> {
    let pods = pods::of(cluster, namespace, selector).await?;
    let api = &Api::<Pod>::namespaced(cluster.client().clone(), namespace);
    try_join_all(pods.into_iter().map(|pod| async move {
        let parameters = LogParams {
            container: Some(pod.container),
            ..LogParams::default()
        };
        let (status, text, error) = match api.logs(&pod.name, &parameters).await {
            Ok(text) => (0, text, String::new()),
            Err(kube::Error::Api(refusal)) => {
                (pods::NOT_STARTED, String::new(), refusal.message.clone())
            }
            Err(error) => {
                let operation = format!("read the log of pod {namespace}/{}", pod.name);
                return Err(StageError::api(operation, error));
            }
        };
        let subject = Subject::Pod {
            namespace: namespace.to_owned(),
            name: pod.name,
        };
        Ok(Output::fetched(subject, status, text, error))
    }))
    .await
}
