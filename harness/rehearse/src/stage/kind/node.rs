//! What a node is asked to do: programs and files, through the engine.
//!
//! Files are written as `tee` writes them (the file is created, then written in place), because CRI-O reads its CNI
//! folder again on just these events. The engine's archive upload would put another file in its place, and would miss
//! what is mounted over the node's root file system, such as `/tmp`.

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use bollard::query_parameters::ListContainersOptionsBuilder;
use futures::StreamExt as _;
use tokio::io::AsyncWriteExt as _;

use crate::stage::StageError;

/// kind's own label on its node containers: the cluster's name.
pub(crate) const KIND_CLUSTER: &str = "io.x-k8s.kind.cluster";
const KIND_ROLE: &str = "io.x-k8s.kind.role";

/// How often an exec that has said everything is asked for its exit status: the engine may be a moment late, and each
/// question is a round trip.
const STATUS_QUESTIONS: usize = 200;

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It runs the control plane.
    ControlPlane,
    /// It runs pods only.
    Worker,
}

/// One node of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Its name, in the cluster and in the engine.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The id of its container.
    pub container: String,
    /// The image that its container was made from.
    pub image: String,
}

/// How a program on a node ended.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// Its exit status.
    pub(crate) status: i64,
    /// Its standard output.
    pub(crate) stdout: Vec<u8>,
    /// Its standard error.
    pub(crate) stderr: Vec<u8>,
}

/// The nodes of a cluster, sorted by name; empty where there is no such cluster. Containers that do not run are nodes too.
pub(crate) async fn nodes_of(engine: &Docker, cluster: &str) -> Result<Vec<Node>, StageError> {
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(
            &[("label", vec![format!("{KIND_CLUSTER}={cluster}")])]
                .into_iter()
                .collect(),
        )
        .build();
    let containers = engine.list_containers(Some(options)).await;
    let containers = containers.map_err(|error| {
        StageError::engine(format!("list the nodes of cluster {cluster}"), error)
    })?;
    let mut nodes: Vec<Node> = containers
        .into_iter()
        .filter_map(|container| {
            let name = container.names?.first()?.trim_start_matches('/').to_owned();
            let role = match container.labels?.get(KIND_ROLE).map(String::as_str) {
                Some("control-plane") => Role::ControlPlane,
                Some("worker") => Role::Worker,
                // kind's load balancer is no node: it has no kubelet.
                _ => return None,
            };
            Some(Node {
                name,
                role,
                container: container.id?,
                image: container.image.unwrap_or_default(),
            })
        })
        .collect();
    nodes.sort();
    Ok(nodes)
}

/// Runs a program on a node to its end, whatever that is.
pub(crate) async fn run(
    engine: &Docker,
    node: &Node,
    command: &[&str],
    input: Option<&[u8]>,
) -> Result<Ended, StageError> {
    let operation = || format!("run `{}`", shown(command));
    let failed = |error| StageError::node(&node.name, operation(), error);
    let exec = engine
        .create_exec(
            &node.container,
            CreateExecOptions {
                attach_stdin: Some(input.is_some()),
                attach_stdout: Some(true),
                attach_stderr: Some(true),
                cmd: Some(command.to_vec()),
                ..CreateExecOptions::default()
            },
        )
        .await
        .map_err(failed)?;
    let started = engine
        .start_exec(&exec.id, None::<StartExecOptions>)
        .await
        .map_err(failed)?;
    let StartExecResults::Attached {
        mut output,
        input: mut stdin,
    } = started
    else {
        return Err(StageError::Node {
            node: node.name.clone(),
            operation: operation(),
            reason: "the engine did not attach to it".to_owned(),
        });
    };
    let write = async {
        if let Some(input) = input {
            stdin.write_all(input).await?;
            stdin.shutdown().await?;
        }
        Ok::<(), bollard::errors::Error>(())
    };
    let read = async {
        let mut ended = Ended::default();
        while let Some(piece) = output.next().await {
            match piece? {
                LogOutput::StdErr { message } => ended.stderr.extend_from_slice(&message),
                LogOutput::StdOut { message } | LogOutput::Console { message } => {
                    ended.stdout.extend_from_slice(&message);
                }
                LogOutput::StdIn { .. } => {}
            }
        }
        Ok(ended)
    };
    let ((), mut ended) = tokio::try_join!(write, read).map_err(failed)?;
    for _ in 0..STATUS_QUESTIONS {
        let state = engine.inspect_exec(&exec.id).await.map_err(failed)?;
        if let (Some(false), Some(status)) = (state.running, state.exit_code) {
            ended.status = status;
            return Ok(ended);
        }
    }
    Err(StageError::Node {
        node: node.name.clone(),
        operation: operation(),
        reason: "it closed its output and goes on running".to_owned(),
    })
}

/// Runs a program on a node; any status but 0 is an error.
pub(crate) async fn must_run(
    engine: &Docker,
    node: &Node,
    command: &[&str],
    input: Option<&[u8]>,
) -> Result<Vec<u8>, StageError> {
    let ended = run(engine, node, command, input).await?;
    if ended.status == 0 {
        return Ok(ended.stdout);
    }
    Err(StageError::Node {
        node: node.name.clone(),
        operation: format!("run `{}`", shown(command)),
        reason: format!(
            "status {}: {}",
            ended.status,
            String::from_utf8_lossy(&ended.stderr).trim()
        ),
    })
}

/// Writes a file on a node in place, as `tee` does, and gives it its mode.
pub(crate) async fn write_file(
    engine: &Docker,
    node: &Node,
    path: &str,
    contents: &[u8],
    mode: u32,
) -> Result<(), StageError> {
    // The mask gives a new file its mode from the start, so that a secret is at no time readable; chmod gives it to an
    // old file, and the bits that a redirection can't give.
    const SCRIPT: &str = r#"umask "$2" && cat > "$1" && chmod "$3" "$1""#;
    let (mask, mode) = (format!("{:04o}", !mode & 0o777), format!("{mode:04o}"));
    let command = ["sh", "-c", SCRIPT, "write", path, &mask, &mode];
    let ended = run(engine, node, &command, Some(contents)).await?;
    if ended.status == 0 {
        return Ok(());
    }
    Err(StageError::Node {
        node: node.name.clone(),
        operation: format!("write {path}"),
        reason: String::from_utf8_lossy(&ended.stderr).trim().to_owned(),
    })
}

/// A command as an error shows it: a script is cut to its first line.
fn shown(command: &[&str]) -> String {
    let line = command.join(" ");
    match line.split_once('\n') {
        Some((first, _)) => format!("{first} ..."),
        None => line,
    }
}
