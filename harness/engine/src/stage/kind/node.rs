//! A cluster's nodes, and files on them.
//!
//! Files are written as `tee` writes them (the file is created, then written in place), because CRI-O reads its CNI
//! folder again on just these events. The engine's archive upload would put another file in its place, and would miss
//! what is mounted over the node's root file system, such as `/tmp`.

use std::collections::BTreeMap;

use bollard::Docker;
use bollard::query_parameters::ListContainersOptionsBuilder;

use super::shell::Shells;
use crate::stage::StageError;

/// kind's own label on its node containers: the cluster's name.
pub(crate) const KIND_CLUSTER: &str = "io.x-k8s.kind.cluster";
const KIND_ROLE: &str = "io.x-k8s.kind.role";

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

/// How many nodes each kind cluster of the engine has.
pub(crate) async fn count_nodes(engine: &Docker) -> Result<BTreeMap<String, usize>, StageError> {
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&[("label", vec![KIND_CLUSTER])].into_iter().collect())
        .build();
    let containers = engine.list_containers(Some(options)).await;
    let containers =
        containers.map_err(|error| StageError::engine("list the nodes of all clusters", error))?;
    let mut counts = BTreeMap::new();
    for cluster in containers
        .into_iter()
        .filter_map(|container| container.labels?.remove(KIND_CLUSTER))
    {
        *counts.entry(cluster).or_default() += 1;
    }
    Ok(counts)
}

/// Writes a file on a node in place, as `tee` does, and gives it its mode.
pub(crate) async fn write_file(
    shells: &Shells,
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
    let ended = shells.run(engine, node, &command, Some(contents)).await?;
    if ended.status == 0 {
        return Ok(());
    }
    Err(StageError::Node {
        node: node.name.clone(),
        operation: format!("write {path}"),
        reason: String::from_utf8_lossy(&ended.stderr).trim().to_owned(),
    })
}
