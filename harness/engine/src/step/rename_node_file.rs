//! Renames a file on each node. That it is not there is an error.

use rehearse_core::scenario::RenameNodeFile;

use super::{Surroundings, on_nodes};

/// Renames the file, in place of one that has the new name already.
pub(super) async fn perform(
    rename: &RenameNodeFile,
    surroundings: &Surroundings<'_>,
) -> anyhow::Result<()> {
    on_nodes::run(&["mv", "-T", "--", &rename.from, &rename.to], surroundings).await
}
