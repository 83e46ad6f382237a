//! Taking over a cluster that is there, after a look whether it is what the plan wants.

use anyhow::{Context as _, Result};

use super::creation::{connect, kind, kubeconfig, lease, machine, prepare_directory};
use super::lease::{Decision, Lease};
use super::node::{Role, nodes_of};
use super::{Cluster, Node, Wanted, claim};
use crate::stage::StageError;

pub(super) async fn reuse(name: &str, wanted: Wanted<'_>) -> Result<Cluster> {
    let engine = super::engine()?;
    let found = claim::all(&engine)
        .await?
        .remove(name)
        .with_context(|| format!("failed to reuse cluster {name}: rehearse has no cluster of that name (hint: `rehearse cluster list`)"))??;
    let leases = [(name.to_owned(), Ok(found.clone()))].into();
    if let Some(Decision::InUse { by }) = claim::decide(&engine, &leases).await?.remove(name) {
        return Err(StageError::Owned {
            operation: "reuse",
            cluster: name.to_owned(),
            owner: by,
            hint: "wait for that run, or take another cluster".to_owned(),
        }
        .into());
    }
    let nodes = nodes_of(&engine, name).await?;
    let mut differences = differences(&wanted, &found, &nodes);
    for node in &nodes {
        let state = engine.inspect_container(&node.container, None).await;
        let state = state.map_err(|error| StageError::node(&node.name, "look", error))?;
        if state.state.and_then(|state| state.running) != Some(true) {
            differences.push(format!("node {} does not run", node.name));
        }
    }
    if !differences.is_empty() {
        return Err(StageError::Unfit {
            cluster: name.to_owned(),
            differences,
        }
        .into());
    }
    let mut lease = lease(&wanted)?;
    name.clone_into(&mut lease.cluster);
    lease.keep |= found.keep;
    claim::take_over(&engine, &lease).await?;
    prepare_directory(&wanted.directory).await?;
    let kubeconfig = kubeconfig(&wanted.directory);
    kind(&wanted)
        .args(["export", "kubeconfig", "--name", name, "--kubeconfig"])
        .arg(&kubeconfig)
        .run()
        .await
        .map_err(|error| machine(format!("read the kubeconfig of cluster {name}"), &error))?;
    connect(engine, name, nodes, kubeconfig).await
}

/// How the cluster is not what the plan wants.
fn differences(wanted: &Wanted<'_>, found: &Lease, nodes: &[Node]) -> Vec<String> {
    let mut differences = Vec::new();
    let count = |role| nodes.iter().filter(|node| node.role == role).count();
    for (role, what, asked) in [
        (
            Role::ControlPlane,
            "control planes",
            wanted.plan.nodes.control_planes,
        ),
        (Role::Worker, "workers", wanted.plan.nodes.workers),
    ] {
        if count(role) != usize::from(asked) {
            differences.push(format!("it has {} {what}, not {asked}", count(role)));
        }
    }
    for node in nodes {
        if node.image != wanted.stack.node_image {
            differences.push(format!(
                "node {} was made from {}, not from {}",
                node.name, node.image, wanted.stack.node_image
            ));
        }
    }
    for (name, choice) in &wanted.plan.components {
        match found.components.get(name) {
            Some(version) if *version == choice.version.to_string() => {}
            Some(version) => {
                differences.push(format!("it has {name} {version}, not {}", choice.version));
            }
            None => differences.push(format!("it has no {name}")),
        }
    }
    differences
}
