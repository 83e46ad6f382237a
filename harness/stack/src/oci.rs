//! Image layouts of the Open Container Initiative: a folder of blobs by digest with an index of named manifests.
//!
//! Images are written here without an engine, so that their digests depend on nothing but their contents; layers are not
//! compressed, so that a node finds a layer that it pulls already in the shared store.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rehearse_core::catalogue::{Destination, Image};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::cache;
use super::layer::{Content, Layer};
use super::packages;
use super::unit::Units;
use crate::command::Command;

/// The file of an images unit with what it has.
const IMAGES: &str = "images.json";

const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIGURATION_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
const NAME_ANNOTATION: &str = "org.opencontainers.image.ref.name";
const SEARCH_PATH: &str =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/cni/bin";

/// An image of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Made {
    /// Its name in the layout.
    pub name: String,
    /// The names and tags that it is served as.
    pub references: Vec<String>,
    /// Where it is put.
    pub destination: Destination,
    /// The digest of its manifest, `sha256:...`.
    pub digest: String,
}

/// The layout of an images unit.
pub(crate) fn layout(folder: &Path) -> PathBuf {
    folder.join("oci")
}

/// The file of a blob in a layout.
pub(crate) fn blob(layout: &Path, digest: &str) -> PathBuf {
    layout
        .join("blobs/sha256")
        .join(digest.trim_start_matches("sha256:"))
}

/// The images of a complete unit.
///
/// # Errors
/// When it can't be read.
pub(crate) fn images(folder: &Path) -> Result<Vec<Made>> {
    cache::read_json(&folder.join(IMAGES))
}

/// Writes the list of a unit's images.
///
/// # Errors
/// When it can't be written.
pub(crate) fn write_images(folder: &Path, images: &[Made]) -> Result<()> {
    cache::write_json(&folder.join(IMAGES), &images)
}

/// Makes images of programs and files in a new layout.
///
/// # Errors
/// When something that goes in can't be read, or the layout can't be written.
pub(crate) fn make(
    images: &[Image],
    units: &Units,
    kind: &Path,
    folder: &Path,
) -> Result<Vec<Made>> {
    let layout = layout(folder);
    let blobs = layout.join("blobs/sha256");
    fs::create_dir_all(&blobs).with_context(|| format!("failed to make {}", blobs.display()))?;
    let mut made = Vec::new();
    for image in images {
        let name = image
            .references
            .first()
            .context("failed to make an image without a reference")?;
        let manifest = make_one(image, units, kind, &layout)
            .with_context(|| format!("failed to make image {name}"))?;
        made.push(Made {
            name: name.clone(),
            references: image.references.clone(),
            destination: image.destination,
            digest: manifest.digest,
        });
    }
    let manifests: Vec<Value> = made
        .iter()
        .map(|image| {
            let size = fs::metadata(blob(&layout, &image.digest)).map(|metadata| metadata.len()).unwrap_or_default();
            json!({ "mediaType": MANIFEST_TYPE, "digest": image.digest, "size": size, "annotations": { NAME_ANNOTATION: image.name } })
        })
        .collect();
    cache::write_json(
        &layout.join("index.json"),
        &json!({ "schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": manifests }),
    )?;
    cache::write_json(
        &layout.join("oci-layout"),
        &json!({ "imageLayoutVersion": "1.0.0" }),
    )?;
    Ok(made)
}

/// A blob that was written.
struct Blob {
    digest: String,
    size: u64,
}

fn make_one(image: &Image, units: &Units, kind: &Path, layout: &Path) -> Result<Blob> {
    let mut layers = Vec::new();
    if let Some(base) = &image.base {
        let unit = units
            .find(base, "root")
            .with_context(|| format!("failed to find the root file system {base}"))?;
        layers.push(link_layer(&unit.folder.join(packages::LAYER), layout)?);
    }
    let layer = layer(image, units, kind)?;
    if !layer.is_empty() {
        let archive = layout.join("layer.unfinished");
        let (digest, size) = layer.write(&archive)?;
        let target = blob(layout, &digest);
        fs::rename(&archive, &target)
            .with_context(|| format!("failed to rename {}", archive.display()))?;
        layers.push(Blob {
            digest: format!("sha256:{digest}"),
            size,
        });
    }
    let configuration = write_blob(layout, &configuration(image, &layers))?;
    let layers: Vec<Value> = layers
        .iter()
        .map(|layer| json!({ "mediaType": LAYER_TYPE, "digest": layer.digest, "size": layer.size }))
        .collect();
    write_blob(
        layout,
        &json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": { "mediaType": CONFIGURATION_TYPE, "digest": configuration.digest, "size": configuration.size },
            "layers": layers,
        }),
    )
}

fn layer(image: &Image, units: &Units, kind: &Path) -> Result<Layer> {
    let mut layer = Layer::default();
    for tree in &image.trees {
        layer.add_tree(&kind.join(tree))?;
    }
    for (path, program) in &image.programs {
        layer.add(path, Content::File(units.program(program)?, 0o755));
    }
    for (path, target) in &image.links {
        layer.add(path, Content::Link(target.into()));
    }
    for (path, text) in &image.texts {
        layer.add(path, Content::Text(text.clone()));
    }
    for (path, mode) in &image.folders {
        let number = u32::from_str_radix(mode, 8)
            .with_context(|| format!("failed to understand mode {mode} of {path}"))?;
        layer.add(path, Content::Folder(number));
    }
    Ok(layer)
}

fn configuration(image: &Image, layers: &[Blob]) -> Value {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let environment = image
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let environment: Vec<String> = std::iter::once(format!("PATH={SEARCH_PATH}"))
        .chain(environment)
        .collect();
    let mut config = serde_json::Map::from_iter([("Env".to_owned(), json!(environment))]);
    for (key, value) in [("Entrypoint", &image.entrypoint), ("Cmd", &image.command)] {
        if !value.is_empty() {
            config.insert(key.to_owned(), json!(value));
        }
    }
    for (key, value) in [("User", &image.user), ("StopSignal", &image.stop_signal)] {
        if !value.is_empty() {
            config.insert(key.to_owned(), json!(value));
        }
    }
    let layers: Vec<&str> = layers.iter().map(|layer| layer.digest.as_str()).collect();
    let history: Vec<Value> = layers.iter().map(|_| json!({ "created": EPOCH })).collect();
    json!({
        "created": EPOCH,
        "architecture": architecture,
        "os": "linux",
        "config": config,
        "rootfs": { "type": "layers", "diff_ids": layers },
        "history": history,
    })
}

/// An image has no time of its own, or two builds of the same would differ.
const EPOCH: &str = "1970-01-01T00:00:00Z";

fn write_blob(layout: &Path, value: &Value) -> Result<Blob> {
    let text = serde_json::to_vec(value).context("failed to render a blob")?;
    let digest = hex::encode(Sha256::digest(&text));
    let path = blob(layout, &digest);
    fs::write(&path, &text).with_context(|| format!("failed to write {}", path.display()))?;
    Ok(Blob {
        digest: format!("sha256:{digest}"),
        size: text.len() as u64,
    })
}

fn link_layer(archive: &Path, layout: &Path) -> Result<Blob> {
    let digest = cache::file_digest(archive)?;
    let target = blob(layout, &digest);
    if !target.exists() {
        link(archive, &target)?;
    }
    let size = fs::metadata(&target)
        .with_context(|| format!("failed to look at {}", target.display()))?
        .len();
    Ok(Blob {
        digest: format!("sha256:{digest}"),
        size,
    })
}

/// Gives a file a second name, or a copy where that is another file system.
///
/// # Errors
/// When neither can be had.
pub(crate) fn link(from: &Path, to: &Path) -> Result<()> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to)
        .map(|_| ())
        .with_context(|| format!("failed to copy {} to {}", from.display(), to.display()))
}

/// Copies an image from elsewhere into a unit's layout, under the reference's name.
///
/// # Errors
/// What skopeo says.
pub(crate) async fn copy_in(
    folder: &Path,
    reference: &str,
    from: &str,
    log: &Path,
) -> Result<Made> {
    let layout = layout(folder);
    let to = format!("oci:{}:{reference}", layout.display());
    Command::new("skopeo")
        .args(["--insecure-policy", "copy", "--quiet", from, to.as_str()])
        .log(log)
        .run()
        .await?;
    let index: Value = cache::read_json(&layout.join("index.json"))?;
    let manifests = index["manifests"].as_array().cloned().unwrap_or_default();
    let named = manifests
        .iter()
        .find(|manifest| manifest["annotations"][NAME_ANNOTATION] == reference);
    let Some(digest) = named.and_then(|manifest| manifest["digest"].as_str()) else {
        bail!(
            "failed to find {reference} in {} after copying it",
            layout.display()
        );
    };
    Ok(Made {
        name: reference.to_owned(),
        references: vec![reference.to_owned()],
        destination: Destination::Nodes,
        digest: digest.to_owned(),
    })
}
