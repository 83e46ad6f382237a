//! Puts images where they are used: the store that all nodes share, a registry's contents, the machine's engine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rehearse_core::catalogue::Destination;
use serde_json::Value;

use super::cache;
use super::oci::{self, Made};
use crate::command::Command;

/// Fills a new image store at `folder/store`.
///
/// # Errors
/// What skopeo says.
pub(crate) async fn store(images: &[(PathBuf, Made)], folder: &Path, log: &Path) -> Result<()> {
    let (store, run) = (folder.join("store"), folder.join("run"));
    for (unit, image) in for_nodes(images) {
        let from = from_layout(unit, image);
        for reference in &image.references {
            let to = format!(
                "containers-storage:[overlay@{}+{}]{reference}",
                store.display(),
                run.display()
            );
            // The storage library mounts its folder on itself: in a mount namespace of its own that is gone with it.
            let copy = [
                "--mount",
                "skopeo",
                "--insecure-policy",
                "copy",
                "--quiet",
                from.as_str(),
                to.as_str(),
            ];
            let copied = Command::new("unshare").args(copy).log(log).run().await;
            copied.with_context(|| format!("failed to put {reference} into the image store"))?;
        }
    }
    cache::remove(&run)
}

/// Lays images out as docker-registry keeps them, at `folder/registry`: blobs by digest, and for each repository links to
/// the blobs of its layers, manifests and tags. Files are shared with the layouts that they come from.
///
/// # Errors
/// When a layout can't be read or the contents can't be written.
pub(crate) fn contents(images: &[(PathBuf, Made)], folder: &Path) -> Result<()> {
    let root = folder.join("registry/docker/registry/v2");
    for (unit, image) in for_nodes(images) {
        let layout = oci::layout(unit);
        let manifest: Value = cache::read_json(&oci::blob(&layout, &image.digest))?;
        let digests = manifest["layers"]
            .as_array()
            .into_iter()
            .flatten()
            .chain([&manifest["config"]]);
        let layers: BTreeSet<&str> = digests.filter_map(|blob| blob["digest"].as_str()).collect();
        for digest in layers.iter().copied().chain([image.digest.as_str()]) {
            let hex = digest.trim_start_matches("sha256:");
            let target = root
                .join("blobs/sha256")
                .join(&hex[..2])
                .join(hex)
                .join("data");
            if !target.exists() {
                make_parent(&target)?;
                oci::link(&oci::blob(&layout, digest), &target)?;
            }
        }
        for reference in &image.references {
            let (repository, tag) = split(reference);
            let repository = root.join("repositories").join(repository);
            let hex = image.digest.trim_start_matches("sha256:");
            for digest in &layers {
                let hex = digest.trim_start_matches("sha256:");
                write_link(&repository.join("_layers/sha256").join(hex), digest)?;
            }
            let manifests = repository.join("_manifests");
            write_link(&manifests.join("revisions/sha256").join(hex), &image.digest)?;
            write_link(
                &manifests.join("tags").join(tag).join("current"),
                &image.digest,
            )?;
            write_link(
                &manifests
                    .join("tags")
                    .join(tag)
                    .join("index/sha256")
                    .join(hex),
                &image.digest,
            )?;
        }
    }
    Ok(())
}

/// Adds the contents of one registry to a folder with those of others.
///
/// # Errors
/// Where a tag is there for another image; what the disk says.
pub(crate) fn add_contents(from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("failed to read {}", from.display());
    fs::create_dir_all(to).with_context(|| format!("failed to make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            add_contents(&from, &to)?;
        } else if !to.exists() {
            oci::link(&from, &to)?;
        } else if entry.file_name() == "link" {
            let read = |path: &Path| {
                fs::read(path).with_context(|| format!("failed to read {}", path.display()))
            };
            if read(&from)? != read(&to)? {
                bail!(
                    "failed to serve the images of several stacks together: {} is another image in {}",
                    to.display(),
                    from.display()
                );
            }
        }
    }
    Ok(())
}

/// Hands an image to the engine under a name, if the engine does not have it.
///
/// # Errors
/// What the engine or skopeo says.
pub(crate) async fn engine(unit: &Path, image: &Made, name: &str, log: &Path) -> Result<()> {
    if engine_has(name).await? {
        return Ok(());
    }
    let (from, to) = (from_layout(unit, image), format!("docker-daemon:{name}"));
    let copied = Command::new("skopeo")
        .args([
            "--insecure-policy",
            "copy",
            "--quiet",
            from.as_str(),
            to.as_str(),
        ])
        .log(log)
        .run()
        .await;
    copied
        .map(|_| ())
        .with_context(|| format!("failed to hand image {name} to the engine"))
}

/// Whether the engine has an image.
///
/// # Errors
/// When no engine answers.
pub(crate) async fn engine_has(name: &str) -> Result<bool> {
    let found = Command::new("docker")
        .args(["image", "ls", "--quiet", name])
        .run()
        .await;
    Ok(!found
        .context("failed to ask the engine for its images (hint: kind/engine up)")?
        .stdout
        .is_empty())
}

fn for_nodes(images: &[(PathBuf, Made)]) -> impl Iterator<Item = (&Path, &Made)> {
    images
        .iter()
        .filter(|(_, image)| image.destination == Destination::Nodes)
        .map(|(unit, image)| (unit.as_path(), image))
}

fn from_layout(unit: &Path, image: &Made) -> String {
    format!("oci:{}:{}", oci::layout(unit).display(), image.name)
}

/// A reference's repository, registry included, and tag.
fn split(reference: &str) -> (&str, &str) {
    match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (reference, "latest"),
    }
}

fn write_link(folder: &Path, digest: &str) -> Result<()> {
    let file = folder.join("link");
    make_parent(&file)?;
    fs::write(&file, digest).with_context(|| format!("failed to write {}", file.display()))
}

fn make_parent(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(
            split("docker.io/calico/node:v3.25.0"),
            ("docker.io/calico/node", "v3.25.0")
        );
        assert_eq!(
            split("localhost:5000/node"),
            ("localhost:5000/node", "latest")
        );
    }

    #[test]
    fn every_blob_and_tag_of_an_image_is_linked() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let unit = folder.path().join("unit");
        let layout = oci::layout(&unit);
        fs::create_dir_all(layout.join("blobs/sha256"))?;
        fs::write(oci::blob(&layout, "sha256:aa11"), "layer")?;
        fs::write(oci::blob(&layout, "sha256:bb22"), "{}")?;
        fs::write(
            oci::blob(&layout, "sha256:cc33"),
            r#"{"config":{"digest":"sha256:bb22"},"layers":[{"digest":"sha256:aa11"}]}"#,
        )?;
        let image = Made {
            name: "docker.io/a/b:v1".to_owned(),
            references: vec!["docker.io/a/b:v1".to_owned()],
            destination: Destination::Nodes,
            digest: "sha256:cc33".to_owned(),
        };
        contents(&[(unit, image)], folder.path())?;
        let root = folder.path().join("registry/docker/registry/v2");
        let read = |path: &str| fs::read_to_string(root.join(path));
        assert_eq!(
            read("repositories/docker.io/a/b/_manifests/tags/v1/current/link")?,
            "sha256:cc33"
        );
        assert_eq!(
            read("repositories/docker.io/a/b/_layers/sha256/aa11/link")?,
            "sha256:aa11"
        );
        assert_eq!(read("blobs/sha256/aa/aa11/data")?, "layer");
        assert!(read("blobs/sha256/cc/cc33/data")?.contains("config"));
        Ok(())
    }
}
