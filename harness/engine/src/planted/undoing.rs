//! Undoes acts, and runs scripts on nodes, as acts do too.

use super::undo::Undo;
use super::{node_files, objects};
use crate::stage::{Cluster, Node};
use crate::step::Surroundings;
use crate::step::on_nodes;

impl Undo {
    /// Undoes the act.
    pub(super) async fn perform(self, surroundings: &Surroundings<'_>) -> anyhow::Result<()> {
        let cluster = surroundings.cluster;
        match self {
            Self::Script {
                node,
                network,
                script,
            } => self::script(cluster, &node, network.as_deref(), &script).await,
            Self::File { node, path, saved } => {
                node_files::restore(cluster, &node, &path, saved.as_deref()).await
            }
            Self::Rename { node, from, to } => {
                on_nodes::one(cluster, &node, &["mv", "-T", "--", &from, &to]).await?;
                Ok(())
            }
            Self::Mode { node, path, mode } => {
                on_nodes::one(cluster, &node, &["chmod", &mode, &path]).await?;
                Ok(())
            }
            Self::Patch {
                api,
                name,
                body,
                status,
            } => objects::patch(cluster, &api, &name, &body, status).await,
            Self::Delete { api, name } => objects::delete(cluster, &api, &name).await,
            Self::Create { api, object } => objects::create(cluster, &api, &object).await,
        }
    }
}

/// Runs a shell script on a node; it ends at the first program that fails.
pub(super) async fn script(
    cluster: &Cluster,
    node: &Node,
    network: Option<&str>,
    script: &str,
) -> anyhow::Result<()> {
    let enter = network.map(|path| format!("--net={path}"));
    let mut command = Vec::new();
    if let Some(enter) = &enter {
        command.extend(["nsenter", enter]);
    }
    command.extend(["sh", "-ec", script]);
    on_nodes::one(cluster, node, &command).await?;
    Ok(())
}
