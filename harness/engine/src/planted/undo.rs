//! What undoes one act, with everything that it needs.

use kube::Api;
use kube::api::DynamicObject;
use serde_json::Value;

use super::{node_files, objects};
use crate::stage::{Cluster, Node};
use crate::step::Surroundings;
use crate::step::on_nodes;

/// What undoes one act.
pub(super) enum Undo {
    /// A script on a node, in a network namespace where one is given.
    Script {
        /// The node.
        node: Node,
        /// The namespace's path on the node.
        network: Option<String>,
        /// The script.
        script: String,
    },
    /// A file gets its content, permissions and times back, or is removed where it was not there.
    File {
        /// The node.
        node: Node,
        /// The file.
        path: String,
        /// Where it was saved.
        saved: Option<String>,
    },
    /// A file gets its name back.
    Rename {
        /// The node.
        node: Node,
        /// Its name now.
        from: String,
        /// Its name before.
        to: String,
    },
    /// A file gets its permissions back.
    Mode {
        /// The node.
        node: Node,
        /// The file.
        path: String,
        /// In octal.
        mode: String,
    },
    /// An object gets its older values back.
    Patch {
        /// Who serves it.
        api: Api<DynamicObject>,
        /// Its name.
        name: String,
        /// The merge patch.
        body: Value,
        /// Whether its status is patched.
        status: bool,
    },
    /// An object is deleted again.
    Delete {
        /// Who serves it.
        api: Api<DynamicObject>,
        /// Its name.
        name: String,
    },
    /// An object is made again.
    Create {
        /// Who serves it.
        api: Api<DynamicObject>,
        /// The object.
        object: Box<DynamicObject>,
    },
}

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
