//! Makes a folder on each node; one that is there already stays as it is.

use rehearse_core::scenario::NodeDirectory;

use super::{Surroundings, on_nodes};

/// Makes the folder with those above it.
pub(super) async fn perform(
    directory: &NodeDirectory,
    surroundings: &Surroundings<'_>,
) -> anyhow::Result<()> {
    on_nodes::run(&["mkdir", "-p", "--", &directory.path], surroundings).await
}
