//! The pods of a query, and programs in them.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::Api;
use kube::api::{AttachParams, ListParams};
use rehearse_core::query::{Output, Subject};
use rehearse_core::redaction::RawText;
use tokio::io::AsyncReadExt as _;

use crate::stage::{Cluster, StageError};

/// The status of a program that could not be started in its pod, such as in one that does not run yet.
pub(super) const NOT_STARTED: i64 = -1;

/// How much output is on the way at once; kube's own kilobyte makes many small turns.
const BUFFER: usize = 64 * 1024;

/// A pod that is not being deleted.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) container: String,
    pub(super) node: Option<String>,
    pub(super) address: Option<String>,
    pub(super) is_ready: bool,
}

/// The pods that are not being deleted, sorted by name.
pub(super) async fn of(
    cluster: &Cluster,
    namespace: &str,
    selector: &str,
) -> Result<Vec<Target>, StageError> {
    let api = Api::<Pod>::namespaced(cluster.client().clone(), namespace);
    let pods = api.list(&ListParams::default().labels(selector)).await;
    let pods = pods.map_err(|error| {
        StageError::api(format!("list the pods {selector} of {namespace}"), error)
    })?;
    let mut targets: Vec<Target> = pods.into_iter().filter_map(target).collect();
    targets.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(targets)
}

fn target(pod: Pod) -> Option<Target> {
    if pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let spec = pod.spec?;
    let status = pod.status.unwrap_or_default();
    let is_ready = status
        .conditions
        .unwrap_or_default()
        .iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True");
    Some(Target {
        name: pod.metadata.name?,
        container: spec.containers.into_iter().next()?.name,
        node: spec.node_name,
        address: status.pod_ip,
        is_ready,
    })
}

/// Runs a program in a pod's first container to its end. Where it can't be started, the output says why.
pub(super) async fn run(
    cluster: &Cluster,
    namespace: &str,
    pod: &Target,
    command: &[&str],
) -> Result<Output, StageError> {
    let output = |status, text: RawText, error: RawText| {
        let subject = Subject::Pod {
            namespace: namespace.to_owned(),
            name: pod.name.clone(),
        };
        Output::fetched(subject, status, text, error)
    };
    let operation = || {
        format!(
            "run `{}` in pod {namespace}/{}",
            command.join(" "),
            pod.name
        )
    };
    let parameters = AttachParams::default()
        .container(&pod.container)
        .stdin(false)
        .stdout(true)
        .stderr(true)
        .max_stdout_buf_size(BUFFER)
        .max_stderr_buf_size(BUFFER);
    let api = Api::<Pod>::namespaced(cluster.client().clone(), namespace);
    let mut process = match api.exec(&pod.name, command.to_vec(), &parameters).await {
        Ok(process) => process,
        Err(kube::Error::Api(refusal)) => {
            return Ok(output(
                NOT_STARTED,
                RawText::default(),
                refusal.message.clone().into(),
            ));
        }
        Err(error @ kube::Error::UpgradeConnection(_)) => {
            return Ok(output(
                NOT_STARTED,
                RawText::default(),
                error.to_string().into(),
            ));
        }
        Err(error) => return Err(StageError::api(operation(), error)),
    };
    let (stdout, stderr) = (process.stdout(), process.stderr());
    let ended = process.take_status();
    let (text, error, ended) = tokio::join!(read(stdout), read(stderr), async {
        match ended {
            Some(ended) => ended.await,
            None => None,
        }
    });
    let broken = |reason: String| StageError::Node {
        node: pod.node.clone().unwrap_or_default(),
        operation: operation(),
        reason,
    };
    let text = text.map_err(|error| broken(error.to_string()))?;
    let error = error.map_err(|error| broken(error.to_string()))?;
    let Some(ended) = ended else {
        return Err(broken("the connection ended before the program".to_owned()));
    };
    Ok(match exit_status(&ended) {
        Some(status) => output(status, text, error),
        None => output(
            NOT_STARTED,
            text,
            ended.message.map_or(error, RawText::from),
        ),
    })
}

async fn read(stream: Option<impl tokio::io::AsyncRead + Unpin>) -> std::io::Result<RawText> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut bytes).await?;
    }
    Ok(bytes.into())
}

/// The exit status in the API's last word on a program; none where it did not run.
fn exit_status(ended: &Status) -> Option<i64> {
    if ended.status.as_deref() == Some("Success") {
        return Some(0);
    }
    let causes = ended.details.as_ref()?.causes.as_ref()?;
    let cause = causes
        .iter()
        .find(|cause| cause.reason.as_deref() == Some("ExitCode"))?;
    cause.message.as_ref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use k8s_openapi::api::core::v1::Pod;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
    use serde_json::{Value, from_value, json};

    use super::{exit_status, target};

    fn status(value: Value) -> Result<Option<i64>> {
        Ok(exit_status(&from_value::<Status>(value)?))
    }

    #[test]
    fn the_exit_status_is_the_programs_own() -> Result<()> {
        assert_eq!(status(json!({ "status": "Success" }))?, Some(0));
        let failed = json!({
            "status": "Failure",
            "reason": "NonZeroExitCode",
            "details": { "causes": [{ "reason": "ExitCode", "message": "7" }] },
        });
        assert_eq!(status(failed)?, Some(7));
        let not_run =
            json!({ "status": "Failure", "reason": "InternalError", "message": "no such program" });
        assert_eq!(status(not_run)?, None);
        Ok(())
    }

    #[test]
    fn a_pod_that_is_being_deleted_is_not_meant() -> Result<()> {
        let pod = |deletion: Value| -> Result<Pod> {
            Ok(from_value(json!({
                "metadata": { "name": "a", "deletionTimestamp": deletion },
                "spec": { "containers": [{ "name": "first" }, { "name": "second" }] },
                "status": { "conditions": [{ "type": "Ready", "status": "True" }] },
            }))?)
        };
        assert!(target(pod(json!("2026-11-25T00:00:00Z"))?).is_none());
        let there = target(pod(Value::Null)?);
        assert_eq!(
            there.map(|pod| (pod.container, pod.is_ready)),
            Some(("first".to_owned(), true))
        );
        Ok(())
    }
}
