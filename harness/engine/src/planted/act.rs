//! Plants a fault's acts, and notes what undoes each.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow, bail};
use ipnet::IpNet;
use rehearse_core::planted::{
    Act, Fault, NodeShell, On, Place, Places, PodPlace, PodPlaces, PodShell, Text,
};

use super::undo::Undo;
use super::undoing::script;
use super::{node_files, objects, pod};
use crate::look;
use crate::stage::kind::Role;
use crate::stage::{Cluster, Node};
use crate::step::Surroundings;

/// Each node's blocks, or why they are not known.
type Blocks = Result<BTreeMap<String, Vec<IpNet>>, String>;

/// Plants all acts in order. What was planted before an error is in `undos` too.
pub(super) async fn plant(
    fault: &Fault,
    surroundings: &Surroundings<'_>,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let cluster = surroundings.cluster;
    // Before Calico is there, no node has a block, and only an act that names one needs it.
    let blocks = look::blocks(cluster)
        .await
        .map_err(|error| format!("{error:#}"));
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
    blocks: &Blocks,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let on = match act {
        Act::PodShell(shell) => return in_pod(shell, cluster, blocks, undos).await,
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
            other: Some(place(other, blocks)),
            pod: None,
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
    let filled = |text: &Text| places.fill(text).map_err(anyhow::Error::msg);
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
        Act::PodShell(_) => bail!("failed to plant on a node: the act is about a pod"),
    }
}

async fn in_pod(
    shell: &PodShell,
    cluster: &Cluster,
    blocks: &Blocks,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let pod = pod::find(cluster, &shell.namespace, &shell.selector).await?;
    let places = Places {
        node: place(&pod.node, blocks),
        other: None,
        pod: Some(PodPlaces {
            name: pod.name,
            address: pod.address,
            sandbox: pod.sandbox,
        }),
    };
    let filled = |text: &Text| places.fill(text).map_err(anyhow::Error::msg);
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

fn place(node: &Node, blocks: &Blocks) -> Place {
    let first = |blocks: &BTreeMap<String, Vec<IpNet>>| {
        let block = blocks.get(&node.name).and_then(|blocks| blocks.first());
        block
            .copied()
            .ok_or_else(|| "the node has no block yet".to_owned())
    };
    Place {
        name: node.name.clone(),
        block: blocks.as_ref().map_err(Clone::clone).and_then(first),
    }
}
