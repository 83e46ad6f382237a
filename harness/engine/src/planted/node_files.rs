//! Files on nodes that are changed and get everything back: content, permissions and times.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, bail};

use super::undo::Undo;
use crate::stage::{Cluster, Node};
use crate::step::on_nodes;

/// Where files are saved: in memory, and not in a folder that anybody watches.
const SAVED: &str = "/run/rehearse-planted-file";

/// Makes the saved files of one process differ.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// As `tee` leaves a new file.
const MODE: &str = "644";

/// Saves a file, and says so on standard output; says nothing where it is not there.
const SAVE: &str = r#"if [ -e "$1" ]; then cp -a -- "$1" "$2" && stat -c %a -- "$1"; fi"#;

/// A file that is saved.
struct Saved {
    at: Option<String>,
    mode: u32,
}

async fn save(cluster: &Cluster, node: &Node, path: &str) -> anyhow::Result<Saved> {
    let at = format!("{SAVED}-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let printed = on_nodes::one(cluster, node, &["sh", "-c", SAVE, "save", path, &at]).await?;
    let mode = printed.expose().trim();
    let at = (!mode.is_empty()).then_some(at);
    let mode = if mode.is_empty() { MODE } else { mode };
    let mode = u32::from_str_radix(mode, 8)
        .with_context(|| format!("failed to read the mode {mode} of {path} on {}", node.name))?;
    Ok(Saved { at, mode })
}

/// Writes a file as `tee` does; the undo is there before the file is touched.
pub(super) async fn write(
    cluster: &Cluster,
    node: &Node,
    path: &str,
    content: &str,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let saved = save(cluster, node, path).await?;
    undos.push(Undo::File {
        node: node.clone(),
        path: path.to_owned(),
        saved: saved.at,
    });
    cluster
        .write_node_file(node, path, content.as_bytes(), saved.mode)
        .await
        .with_context(|| format!("failed to write {path} on {}", node.name))
}

/// Replaces texts in a file.
pub(super) async fn edit(
    cluster: &Cluster,
    node: &Node,
    path: &str,
    replace: &[(String, String)],
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let content = on_nodes::one(cluster, node, &["cat", "--", path]).await?;
    let mut content = content.expose().to_owned();
    for (old, new) in replace {
        if !content.contains(old) {
            bail!(
                "failed to edit {path} on {}: '{old}' does not occur",
                node.name
            );
        }
        content = content.replace(old, new);
    }
    write(cluster, node, path, &content, undos).await
}

/// Removes a file.
pub(super) async fn remove(
    cluster: &Cluster,
    node: &Node,
    path: &str,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let saved = save(cluster, node, path).await?;
    if saved.at.is_none() {
        bail!("failed to remove {path} on {}: it is not there", node.name);
    }
    undos.push(Undo::File {
        node: node.clone(),
        path: path.to_owned(),
        saved: saved.at,
    });
    on_nodes::one(cluster, node, &["rm", "--", path]).await?;
    Ok(())
}

/// Renames a file.
pub(super) async fn rename(
    cluster: &Cluster,
    node: &Node,
    from: &str,
    to: &str,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    on_nodes::one(cluster, node, &["mv", "-T", "-n", "--", from, to]).await?;
    undos.push(Undo::Rename {
        node: node.clone(),
        from: to.to_owned(),
        to: from.to_owned(),
    });
    Ok(())
}

/// Changes a file's permissions.
pub(super) async fn set_mode(
    cluster: &Cluster,
    node: &Node,
    path: &str,
    mode: &str,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let before = on_nodes::one(cluster, node, &["stat", "-c", "%a", "--", path]).await?;
    on_nodes::one(cluster, node, &["chmod", mode, path]).await?;
    undos.push(Undo::Mode {
        node: node.clone(),
        path: path.to_owned(),
        mode: before.expose().trim().to_owned(),
    });
    Ok(())
}

/// Gives a file everything back, in place: who watches the folder sees it written, not replaced.
pub(super) async fn restore(
    cluster: &Cluster,
    node: &Node,
    path: &str,
    saved: Option<&str>,
) -> anyhow::Result<()> {
    match saved {
        Some(saved) => {
            on_nodes::one(cluster, node, &["cp", "-a", "--", saved, path]).await?;
            on_nodes::one(cluster, node, &["rm", "--", saved]).await?;
        }
        None => {
            on_nodes::one(cluster, node, &["rm", "--", path]).await?;
        }
    }
    Ok(())
}
