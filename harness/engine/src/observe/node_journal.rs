//! A unit's journal on each node.

use rehearse_core::query::Output;

use super::node_command;
use crate::stage::{Cluster, StageError};

/// All entries since the node came up, as `journalctl --output=json` prints them, with few of its fields: the whole
/// journal of CRI-O is some megabytes otherwise.
pub(super) async fn fetch(cluster: &Cluster, unit: &str) -> Result<Vec<Output>, StageError> {
    let command = [
        "journalctl",
        "--no-pager",
        "--quiet",
        "--output=json",
        "--output-fields=MESSAGE,PRIORITY",
        "--unit",
        unit,
    ];
    node_command::fetch(cluster, &command.map(str::to_owned)).await
}
