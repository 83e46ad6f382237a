//! Takes what [`own`](super::own) found: images out of the engine, manifests out of the user's folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::cache;
use super::oci::{self, Made};

/// Takes images out of the engine.
///
/// # Errors
/// When the engine no longer holds the image that was seen.
pub(crate) async fn images(
    images: &BTreeMap<String, String>,
    folder: &Path,
    log: &Path,
) -> Result<Vec<Made>> {
    let mut made = Vec::new();
    for (reference, id) in images {
        let from = format!("docker-daemon:{id}");
        made.push(oci::copy_in(folder, reference, &from, log).await?);
    }
    Ok(made)
}

/// Copies manifests, so that a run does not depend on the user's folder staying as it is.
///
/// # Errors
/// When a file has changed since it was seen.
pub(crate) fn manifests(
    manifests: &BTreeMap<String, Vec<(PathBuf, String)>>,
    folder: &Path,
) -> Result<()> {
    for (name, files) in manifests {
        let target = folder.join("manifests").join(name);
        fs::create_dir_all(&target)
            .with_context(|| format!("failed to make {}", target.display()))?;
        for (index, (path, digest)) in files.iter().enumerate() {
            let copy = target.join(format!("{index:02}.yaml"));
            fs::copy(path, &copy).with_context(|| format!("failed to copy {}", path.display()))?;
            if cache::file_digest(&copy)? != *digest {
                bail!("failed to copy {}: it changed meanwhile", path.display());
            }
        }
    }
    Ok(())
}
