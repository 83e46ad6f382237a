//! The registry source: upstream's images, programs and manifests as they are published.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use rehearse_core::catalogue::{Destination, FetchedFile, Registry};

use super::cache;
use super::oci::{self, Made};
use crate::command::Command;

/// Fetches images by digest where the catalogue knows it, else by tag.
///
/// # Errors
/// What skopeo or the engine says.
pub(crate) async fn images(
    registry: &Registry,
    kind: &Path,
    folder: &Path,
    log: &Path,
) -> Result<Vec<Made>> {
    let mut made = Vec::new();
    for image in &registry.images {
        let from = match &image.digest {
            Some(digest) => {
                let repository = image
                    .reference
                    .rsplit_once(':')
                    .map_or(image.reference.as_str(), |(name, _)| name);
                format!("docker://{repository}@{digest}")
            }
            None => format!("docker://{}", image.reference),
        };
        let copied = oci::copy_in(folder, &image.reference, &from, log).await;
        let copied =
            copied.with_context(|| format!("failed to fetch image {}", image.reference))?;
        made.push(Made {
            destination: image.destination,
            ..copied
        });
    }
    if let Some(file) = &registry.dockerfile {
        made.push(dockerfile(file, registry, kind, folder, log).await?);
    }
    Ok(made)
}

/// Builds the node image by its Dockerfile and takes it over as any other image.
async fn dockerfile(
    file: &str,
    registry: &Registry,
    kind: &Path,
    folder: &Path,
    log: &Path,
) -> Result<Made> {
    const NAME: &str = "rehearse-node";
    let identity = folder.join("image-id");
    let mut command = Command::new("docker")
        .args(["build", "--quiet", "--file"])
        .arg(kind.join(file))
        .arg("--iidfile")
        .arg(&identity);
    for (name, value) in &registry.arguments {
        command = command.args(["--build-arg", &format!("{name}={value}")]);
    }
    command
        .arg(kind)
        .log(log)
        .run()
        .await
        .with_context(|| format!("failed to build {file}"))?;
    let id = fs::read_to_string(&identity)
        .with_context(|| format!("failed to read {}", identity.display()))?;
    let copied = oci::copy_in(folder, NAME, &format!("docker-daemon:{}", id.trim()), log).await?;
    Ok(Made {
        destination: Destination::Engine,
        ..copied
    })
}

/// Fetches programs into `folder/programs`.
///
/// # Errors
/// A file that can't be had or is not the one that the catalogue knows.
pub(crate) async fn programs(
    programs: &BTreeMap<String, FetchedFile>,
    folder: &Path,
    log: &Path,
) -> Result<()> {
    let target = folder.join("programs");
    fs::create_dir_all(&target).with_context(|| format!("failed to make {}", target.display()))?;
    for (name, file) in programs {
        let path = target.join(name);
        fetch(file, &path, log).await?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("failed to make {} executable", path.display()))?;
    }
    Ok(())
}

/// Fetches manifests into `folder/manifests/NAME/`.
///
/// # Errors
/// A file that can't be had or is not the one that the catalogue knows.
pub(crate) async fn manifests(
    manifests: &BTreeMap<String, Vec<FetchedFile>>,
    folder: &Path,
    log: &Path,
) -> Result<()> {
    for (name, files) in manifests {
        let target = folder.join("manifests").join(name);
        fs::create_dir_all(&target)
            .with_context(|| format!("failed to make {}", target.display()))?;
        for (index, file) in files.iter().enumerate() {
            fetch(file, &target.join(format!("{index:02}.yaml")), log).await?;
        }
    }
    Ok(())
}

async fn fetch(file: &FetchedFile, path: &Path, log: &Path) -> Result<()> {
    Command::new("curl")
        .args([
            "--fail",
            "--silent",
            "--show-error",
            "--location",
            "--output",
        ])
        .arg(path)
        .arg(&file.url)
        .log(log)
        .run()
        .await?;
    let digest = cache::file_digest(path)?;
    match &file.sha256 {
        Some(known) if *known != digest => bail!(
            "failed to fetch {}: its sha256 is {digest}, not {known}",
            file.url
        ),
        _ => Ok(()),
    }
}
