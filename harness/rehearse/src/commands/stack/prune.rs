//! Removes pieces and images that no version in the catalogue needs any more, unless a container uses them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::output;
use anyhow::{Context as _, Result};
use rehearse_core::catalogue::Catalogue;

use super::megabytes;
use rehearse_engine::engine;
use rehearse_stack as stack;
use rehearse_stack::cache::{self, Cache};
use rehearse_stack::command::Command;

/// How long a tag of ours is: the first characters of a key.
const TAG_LENGTH: usize = 12;

/// What the engine's containers use, running or not.
#[derive(Debug, Default)]
struct Used {
    images: BTreeSet<String>,
    folders: BTreeSet<PathBuf>,
}

impl Used {
    fn has(&self, folder: &Path) -> bool {
        self.folders.iter().any(|used| used.starts_with(folder))
    }
}

/// Removes them, or only says what would be removed.
pub(super) async fn remove(catalogue: &Catalogue, kind: &Path, dry_run: bool) -> Result<()> {
    let cache = Cache::find()?;
    let known = stack::known_folders(catalogue, kind, &cache)?;
    let (used, images) = match engine::version().await? {
        Some(_) => (used().await?, images_of_ours().await?),
        None => (Used::default(), Vec::new()),
    };
    let kept = cache.kept()?.into_iter();
    let mut doomed: Vec<(PathBuf, u64)> = kept.map(|piece| (piece.folder, piece.size)).collect();
    doomed.extend(cache.abandoned()?.into_iter().map(|folder| (folder, 0)));
    doomed.retain(|(folder, _)| !known.contains(folder));
    let verb = if dry_run { "would remove" } else { "removed" };
    let mut lines = Vec::new();
    for (folder, size) in doomed {
        let name = folder.display();
        if used.has(&folder) {
            lines.push(format!("kept {name}: a container has it mounted"));
            continue;
        }
        if !dry_run {
            cache::remove(&folder)?;
        }
        lines.push(format!("{verb} {name} ({})", megabytes(size)));
    }
    for image in images.iter().filter(|image| is_outdated(image, &known)) {
        if used.images.contains(image) {
            lines.push(format!("kept image {image}: a container runs it"));
            continue;
        }
        if !dry_run {
            let remove = ["image", "rm", image.as_str()];
            Command::new("docker").args(remove).run().await?;
        }
        lines.push(format!("{verb} image {image}"));
    }
    if lines.is_empty() {
        lines.push("nothing to remove".to_owned());
    }
    writeln!(output::stdout(), "{}", lines.join("\n")).context("failed to write to standard output")
}

async fn used() -> Result<Used> {
    let list = ["ps", "--all", "--quiet"];
    let containers = Command::new("docker").args(list).run().await?.stdout();
    if containers.trim().is_empty() {
        return Ok(Used::default());
    }
    let format = "{{.Config.Image}}{{range .Mounts}}{{println}}/{{.Source}}{{end}}";
    let inspect = Command::new("docker").args(["container", "inspect", "--format", format]);
    // One of them may end between the two questions; what the others say is printed all the same.
    let said = inspect.args(containers.lines()).output().await?.stdout();
    let mut used = Used::default();
    for line in said.lines() {
        match line.strip_prefix('/') {
            Some(folder) => used.folders.insert(folder.into()),
            None => used.images.insert(line.to_owned()),
        };
    }
    Ok(used)
}

async fn images_of_ours() -> Result<Vec<String>> {
    let names = [
        "--filter",
        "reference=rehearse-node",
        "--filter",
        "reference=rehearse-registry",
    ];
    let list = Command::new("docker").args(["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
    let list = list.args(names).run().await?.stdout();
    Ok(list.lines().map(str::to_owned).collect())
}

/// Whether an image's tag is a key that the catalogue can no longer ask for.
fn is_outdated(image: &str, known: &BTreeSet<PathBuf>) -> bool {
    let Some((_, tag)) = image.rsplit_once(':') else {
        return false;
    };
    let is_known = |folder: &PathBuf| folder.to_string_lossy().ends_with(tag);
    tag.len() == TAG_LENGTH && !known.iter().any(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_outdated_when_no_piece_has_its_key() {
        let known = BTreeSet::from([PathBuf::from(
            "/cache/stack/kubernetes-images-1.34.4-0123456789ab",
        )]);
        assert!(!is_outdated("rehearse-node:0123456789ab", &known));
        assert!(is_outdated("rehearse-node:ba9876543210", &known));
        assert!(
            !is_outdated("rehearse-node:latest", &known),
            "a tag of the user's own"
        );
    }

    #[test]
    fn a_folder_with_a_mounted_part_is_used() {
        let folders = BTreeSet::from([PathBuf::from("/cache/stack/store-1/store")]);
        let used = Used {
            folders,
            ..Used::default()
        };
        assert!(
            used.has(Path::new("/cache/stack/store-1"))
                && !used.has(Path::new("/cache/stack/store-2"))
        );
    }
}
