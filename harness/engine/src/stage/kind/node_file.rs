//! Files on nodes.
//!
//! Files are written as `tee` writes them (the file is created, then written in place), because CRI-O reads its CNI
//! folder again on just these events. The engine's archive upload would put another file in its place, and would miss
//! what is mounted over the node's root file system, such as `/tmp`.

use bollard::Docker;

use super::node::Node;
use super::shell::Shells;
use crate::stage::StageError;

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
