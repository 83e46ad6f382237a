//! The API that serves an object, and which refusals of it pass by themselves.

use kube::Api;
use kube::api::{DynamicObject, TypeMeta};
use thiserror::Error;

use crate::stage::{Cluster, StageError};

/// The server does not know the kind, or not yet.
#[derive(Debug, Error)]
#[error("no matches for kind {kind} in {api_version}")]
struct NotServed {
    api_version: String,
    kind: String,
}

/// The API of one kind; of a namespace where the kind has one (`default` when none is named).
///
/// # Errors
/// When the server serves no such kind, or does not answer.
pub async fn api(
    cluster: &Cluster,
    types: &TypeMeta,
    namespace: Option<&str>,
) -> anyhow::Result<Api<DynamicObject>> {
    let resource = cluster.resource(&types.api_version, &types.kind).await?;
    let resource = resource.ok_or_else(|| NotServed {
        api_version: types.api_version.clone(),
        kind: types.kind.clone(),
    })?;
    let client = cluster.client().clone();
    Ok(if resource.namespaced {
        Api::namespaced_with(client, namespace.unwrap_or("default"), &resource.api)
    } else {
        Api::all_with(client, &resource.api)
    })
}

/// The answer to a request, or whose fault it is that there is none.
///
/// # Errors
/// The stage's, with the operation as it follows "failed to".
pub async fn answered<T>(
    cluster: &Cluster,
    operation: impl Into<String>,
    answer: Result<T, kube::Error>,
) -> anyhow::Result<T> {
    match answer {
        Ok(answer) => Ok(answer),
        Err(error) => Err(cluster
            .blamed(StageError::api(operation, error))
            .await
            .into()),
    }
}

/// Whether a refusal passes by itself: the server does not know a kind yet that was defined a moment ago, or the
/// connection broke.
pub fn passes(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        if cause.is::<NotServed>() {
            return true;
        }
        match cause.downcast_ref::<StageError>() {
            Some(StageError::Api { source, .. }) => match &**source {
                kube::Error::Discovery(_)
                | kube::Error::Service(_)
                | kube::Error::HyperError(_) => true,
                // The server's words for a path that it does not serve; an object that is not there is named instead.
                kube::Error::Api(status) => {
                    status.code == 404
                        && (status
                            .message
                            .contains("could not find the requested resource")
                            || status.message.contains("page not found"))
                }
                _ => false,
            },
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    fn refused(message: &str) -> anyhow::Error {
        let status = Status {
            message: message.to_owned(),
            code: 404,
            ..Status::default()
        };
        anyhow::Error::new(StageError::api(
            "apply it",
            kube::Error::Api(Box::new(status)),
        ))
        .context("failed")
    }

    #[test]
    fn a_path_that_is_not_served_passes_and_a_missing_object_does_not() {
        assert!(passes(&refused(
            "the server could not find the requested resource"
        )));
        assert!(!passes(&refused("namespaces \"a\" not found")));
        let unknown = NotServed {
            api_version: "a/v1".to_owned(),
            kind: "B".to_owned(),
        };
        assert!(passes(&unknown.into()));
        assert!(!passes(&anyhow::anyhow!("denied")));
    }
}
