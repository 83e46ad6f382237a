//! A cluster's nodes.

use std::collections::BTreeMap;

use bollard::Docker;
use bollard::query_parameters::ListContainersOptionsBuilder;

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
