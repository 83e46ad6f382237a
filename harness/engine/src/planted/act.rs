//! Plants a fault's acts, and notes what undoes each.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow};
use ipnet::IpNet;
use rehearse_core::observation::block_affinities;
use rehearse_core::planted::{
    Act, Fault, NodeShell, On, Place, Places, PodPlace, PodShell, fill, names_block,
};

use super::undo::Undo;
use super::undoing::script;
use super::{node_files, objects, pod};
use crate::look;
use crate::stage::kind::Role;
use crate::stage::{Cluster, Node};
use crate::step::Surroundings;

/// Plants all acts in order. What was planted before an error is in `undos` too.
pub(super) async fn plant(
    fault: &Fault,
    surroundings: &Surroundings<'_>,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let cluster = surroundings.cluster;
    let blocks = if fault.plant.iter().any(names_block) {
        blocks(cluster).await?
    } else {
        BTreeMap::new()
    };
    for act in &fault.plant {
        one(act, cluster, &blocks, undos)
            .await
            .with_context(|| format!("failed to plant {}", fault.id))?;
    }
    Ok(())
}

async fn one(
    act: &Act,
    cluster: &Cluster,
    blocks: &BTreeMap<String, Vec<IpNet>>,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let on = match act {
        Act::PodShell(shell) => return in_pod(shell, cluster, undos).await,
        Act::NodeShell(act) => act.on,
        Act::WriteNodeFile(act) => act.on,
        Act::EditNodeFile(act) => act.on,
        Act::RemoveNodeFile(act) => act.on,
        Act::RenameNodeFile(act) => act.on,
        Act::SetNodeFileMode(act) => act.on,
        Act::Create(_) | Act::Patch(_) | Act::Delete(_) => On::One,
    };
    for (node, other) in nodes(cluster, on)? {
        let places = Places {
            node: place(node, blocks),
            other: place(other, blocks),
            ..Places::default()
        };
        on_node(act, cluster, node, &places, undos).await?;
    }
    Ok(())
}

async fn on_node(
    act: &Act,
    cluster: &Cluster,
    node: &Node,
    places: &Places,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let filled = |text: &str| fill(text, places).map_err(anyhow::Error::msg);
    match act {
        Act::NodeShell(NodeShell { run, undo, .. }) => {
            script(cluster, node, None, &filled(run)?).await?;
            if let Some(undo) = undo {
                undos.push(Undo::Script {
                    node: node.clone(),
                    network: None,
                    script: filled(undo)?,
                });
            }
            Ok(())
        }
        Act::WriteNodeFile(file) => {
            let content = filled(&file.content)?;
            node_files::write(cluster, node, &filled(&file.path)?, &content, undos).await
        }
        Act::EditNodeFile(file) => {
            let replace: Vec<(String, String)> = file
                .replace
                .iter()
                .map(|(old, new)| anyhow::Ok((filled(old)?, filled(new)?)))
                .collect::<Result<_, _>>()?;
            node_files::edit(cluster, node, &filled(&file.path)?, &replace, undos).await
        }
        Act::RemoveNodeFile(file) => {
            node_files::remove(cluster, node, &filled(&file.path)?, undos).await
        }
        Act::RenameNodeFile(file) => {
            let (from, to) = (filled(&file.from)?, filled(&file.to)?);
            node_files::rename(cluster, node, &from, &to, undos).await
        }
        Act::SetNodeFileMode(file) => {
            node_files::set_mode(cluster, node, &filled(&file.path)?, &file.mode, undos).await
        }
        Act::Create(create) => objects::plant_create(cluster, create, places, undos).await,
        Act::Patch(patch) => objects::plant_patch(cluster, patch, places, undos).await,
        Act::Delete(target) => objects::plant_delete(cluster, target, places, undos).await,
        // It is about a pod, and knows its node itself.
        Act::PodShell(shell) => in_pod(shell, cluster, undos).await,
    }
}

async fn in_pod(shell: &PodShell, cluster: &Cluster, undos: &mut Vec<Undo>) -> anyhow::Result<()> {
    let pod = pod::find(cluster, &shell.namespace, &shell.selector).await?;
    let places = Places {
        node: place(&pod.node, &BTreeMap::new()),
        pod_name: pod.name,
        pod_address: pod.address,
        pod_sandbox: pod.sandbox,
        ..Places::default()
    };
    let filled = |text: &str| fill(text, &places).map_err(anyhow::Error::msg);
    let network = match shell.place {
        PodPlace::Network => Some(pod.network),
        PodPlace::Node => None,
    };
    script(cluster, &pod.node, network.as_deref(), &filled(&shell.run)?).await?;
    if let Some(undo) = &shell.undo {
        undos.push(Undo::Script {
            script: filled(undo)?,
            node: pod.node,
            network,
        });
    }
    Ok(())
}

/// The nodes that are acted on, each with the one after it.
fn nodes(cluster: &Cluster, on: On) -> anyhow::Result<Vec<(&Node, &Node)>> {
    let all = cluster.nodes();
    let next = |index: usize| all.get(index + 1).or_else(|| all.first());
    let pairs = all.iter().enumerate();
    let pairs = pairs.filter_map(|(index, node)| Some((node, next(index)?)));
    match on {
        On::All => Ok(pairs.collect()),
        On::One => {
            let mut workers = pairs.filter(|(node, _)| node.role == Role::Worker);
            let first = workers
                .next()
                .ok_or_else(|| anyhow!("failed to find a worker: the cluster has none"))?;
            Ok(vec![first])
        }
    }
}

fn place(node: &Node, blocks: &BTreeMap<String, Vec<IpNet>>) -> Place {
    let block = blocks.get(&node.name).and_then(|blocks| blocks.first());
    let prefix = block.and_then(|block| match block {
        IpNet::V4(block) => {
            let [first, second, third, _] = block.network().octets();
            Some(format!("{first}.{second}.{third}"))
        }
        IpNet::V6(_) => None,
    });
    Place {
        name: node.name.clone(),
        block: block.map(ToString::to_string).unwrap_or_default(),
        prefix: prefix.unwrap_or_default(),
    }
}

async fn blocks(cluster: &Cluster) -> anyhow::Result<BTreeMap<String, Vec<IpNet>>> {
    let queries = [block_affinities::query()].into();
    let seen = look::complete(cluster, queries).await;
    let seen = seen.context("failed to read the nodes' blocks")?;
    Ok(block_affinities::by_node(
        &block_affinities::read(&seen)?.entries,
    ))
}
