//! A pod as its node knows it: its sandbox and its network namespace.
//!
//! The programs in a pod may lack the rights to change its routes; the node's own have them, in the pod's namespace.

use anyhow::{Context as _, anyhow};
use rehearse_core::observation::pods::{self, Pod};
use serde_json::Value;

use crate::look;
use crate::stage::{Cluster, Node};
use crate::step::on_nodes;

/// A pod on its node.
pub(super) struct OnNode {
    /// Its name.
    pub name: String,
    /// Its address by its status.
    pub address: String,
    /// Its node.
    pub node: Node,
    /// The id of its sandbox.
    pub sandbox: String,
    /// Its network namespace, as a path on the node.
    pub network: String,
}

/// The first ready pod by name that has the labels.
pub(super) async fn find(
    cluster: &Cluster,
    namespace: &str,
    selector: &str,
) -> anyhow::Result<OnNode> {
    let queries = [pods::query(namespace, selector)].into();
    let seen = look::complete(cluster, queries).await?;
    let pods = pods::read(&seen, namespace, selector)?;
    let pod = pods
        .into_iter()
        .filter(Pod::is_ready)
        .min_by(|one, other| one.metadata.name.cmp(&other.metadata.name))
        .ok_or_else(|| anyhow!("failed to find a ready pod {selector} in {namespace}"))?;
    let name = pod.metadata.name;
    let node = cluster
        .nodes()
        .iter()
        .find(|node| node.name == pod.spec.node_name)
        .cloned()
        .ok_or_else(|| {
            anyhow!(
                "failed to find the node {} of pod {name}",
                pod.spec.node_name
            )
        })?;
    let pattern = format!("^{name}$");
    let command = [
        "crictl",
        "pods",
        "--quiet",
        "--state",
        "ready",
        "--namespace",
        namespace,
        "--name",
        &pattern,
    ];
    let sandbox = on_nodes::one(cluster, &node, &command).await?;
    let sandbox = sandbox.expose().trim().to_owned();
    let command = ["crictl", "inspectp", "--output", "json", &sandbox];
    let text = on_nodes::one(cluster, &node, &command).await?;
    let inspected: Value = serde_json::from_str(text.expose())
        .with_context(|| format!("failed to read the sandbox of pod {name}"))?;
    let network = network_of(&inspected)
        .ok_or_else(|| anyhow!("failed to find the network namespace of pod {name}"))?;
    Ok(OnNode {
        address: pod.status.pod_ip,
        network: network.to_owned(),
        name,
        node,
        sandbox,
    })
}

/// The path of the network namespace in what CRI-O says of a sandbox.
fn network_of(inspected: &Value) -> Option<&str> {
    let namespaces = inspected["info"]["runtimeSpec"]["linux"]["namespaces"].as_array()?;
    let network = namespaces
        .iter()
        .find(|namespace| namespace["type"] == "network")?;
    network["path"].as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::network_of;

    #[test]
    fn the_network_namespace_is_found_among_the_others() {
        let namespaces = json!([
            { "type": "pid" },
            { "type": "network", "path": "/var/run/netns/a" },
            { "type": "ipc", "path": "/var/run/ipcns/a" },
        ]);
        let inspected =
            json!({ "info": { "runtimeSpec": { "linux": { "namespaces": namespaces } } } });
        assert_eq!(network_of(&inspected), Some("/var/run/netns/a"));
        assert_eq!(network_of(&json!({ "info": {} })), None);
    }
}
