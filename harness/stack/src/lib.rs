//! What a run needs, ready on this machine: programs, the node image, an image store, a registry's contents, manifests.
//!
//! Built from the catalogue's recipes, each piece once; see [`unit`] for what a piece is and [`cache`] for where it is.
//! Nothing is started here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rehearse_core::catalogue::{Catalogue, Destination, Source};
use rehearse_core::lock::LockedModule;
use rehearse_core::record::Component;
use semver::Version;
use tempfile::TempDir;

pub mod build;
pub mod cache;
pub mod command;
mod fetch;
mod go;
mod layer;
mod manifest;
mod oci;
mod own;
mod packages;
mod prerequisites;
mod publish;
mod summary;
mod take;
pub mod unit;
mod work;

pub use build::StackEvent;
use cache::Cache;
use oci::Made;
use own::Own;
pub use prerequisites::Prerequisite;
use unit::{Unit, Units};
use work::Work;

/// The registries that the one on the machine answers for.
const MIRRORED: [&str; 4] = ["docker.io", "quay.io", "ghcr.io", "registry.k8s.io"];

/// Names of images that the engine runs.
const NODE: &str = "rehearse-node";

/// Whose stack is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where components come from.
    pub source: Source,
    /// Versions that differ from the source's own; those of a whole plan will do.
    pub versions: BTreeMap<String, Version>,
    /// The folder of manifests that go with the local source.
    pub local_manifests: Option<PathBuf>,
    /// The repository's `kind` folder.
    pub kind: PathBuf,
    /// Whether packages that are missing on this machine may be installed.
    pub setup: bool,
}

/// What a run needs, ready on this machine.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The components with their digests.
    pub components: Vec<Component>,
    /// The kind program.
    pub kind: PathBuf,
    /// The node image's name in the engine.
    pub node_image: String,
    /// The image store that all nodes share read-only.
    pub image_store: Option<PathBuf>,
    /// The registry's image in the engine.
    pub registry_image: Option<String>,
    /// The registry's contents, for `/var/lib/registry`.
    pub registry_data: Option<PathBuf>,
    /// Programs that every node finds in `/opt/rehearse/bin`.
    pub programs: Option<PathBuf>,
    /// Manifest files in order, by component and manifest.
    pub manifests: BTreeMap<String, BTreeMap<String, Vec<PathBuf>>>,
    /// Digests by image reference.
    pub images: BTreeMap<String, String>,
    /// The Go module that a component was built from.
    pub modules: BTreeMap<String, LockedModule>,
    /// The version of every distribution package in the node image.
    pub packages: BTreeMap<String, String>,
}

/// Whether a stack is there.
#[derive(Clone, Debug)]
pub enum Found {
    /// All of it.
    Ready(Box<Stack>),
    /// Not these, at least.
    Missing(Vec<Missing>),
}

/// A component of which something is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The component; `stack` for what belongs to none.
    pub component: String,
    /// Its version.
    pub version: String,
    /// About how long it takes on two cores from empty caches.
    pub estimate: Duration,
}

/// Looks for a stack without making anything.
///
/// # Errors
/// An unknown component or version; a catalogue whose recipes do not fit together; an engine that does not answer although
/// all else is there.
pub async fn find(catalogue: &Catalogue, request: &Request) -> Result<Found> {
    let (units, _) = units(catalogue, request).await?;
    let mut missing: BTreeMap<(String, String), Duration> = BTreeMap::new();
    for unit in units.list.iter().filter(|unit| !unit.is_complete()) {
        *missing
            .entry((unit.component.clone(), unit.version.clone()))
            .or_default() += Duration::from_secs(unit.seconds);
    }
    if missing.is_empty() {
        let mut absent = false;
        for (_, _, name) in engine_images(&units)? {
            absent |= !publish::engine_has(&name).await?;
        }
        if !absent {
            return Ok(Found::Ready(Box::new(stack(
                catalogue,
                request.source,
                &units,
            )?)));
        }
        missing.insert(
            ("engine images".to_owned(), "all".to_owned()),
            Duration::from_secs(20),
        );
    }
    let missing = missing
        .into_iter()
        .map(|((component, version), estimate)| Missing {
            component,
            version,
            estimate,
        });
    Ok(Found::Missing(missing.collect()))
}

/// What building the missing pieces takes of this machine, each with its cure where it is not there.
///
/// # Errors
/// As [`find`].
pub async fn prerequisites(catalogue: &Catalogue, request: &Request) -> Result<Vec<Prerequisite>> {
    let (units, _) = units(catalogue, request).await?;
    Ok(prerequisites::look(&units).await)
}

/// Builds what is missing of a stack. What an interrupted build has completed is not built again.
///
/// # Errors
/// What can't be built, and why; programs that this machine lacks, with the way to get them.
pub async fn build(
    catalogue: &Catalogue,
    request: &Request,
    progress: &dyn Fn(StackEvent),
) -> Result<Stack> {
    let (units, cache) = units(catalogue, request).await?;
    prerequisites::ensure(&units, request.setup).await?;
    for folder in cache.abandoned()? {
        cache::remove(&folder)?;
    }
    build::all(&units, request.source, &request.kind, &cache, progress).await?;
    let log = cache.logs().join("engine.log");
    for (folder, image, name) in engine_images(&units)? {
        publish::engine(&folder, &image, &name, &log).await?;
    }
    stack(catalogue, request.source, &units)
}

/// The sha256 of all that goes into a stack, in hexadecimal: it changes when a recipe or a file of `kind/` does, and not
/// with what is built already. Nothing is made.
///
/// # Errors
/// An unknown component or version; a catalogue whose recipes do not fit together.
pub async fn key(catalogue: &Catalogue, request: &Request) -> Result<String> {
    let (units, _) = units(catalogue, request).await?;
    let keys: std::collections::BTreeSet<&str> =
        units.list.iter().map(|unit| unit.key.as_str()).collect();
    cache::value_digest(&keys)
}

/// The text of a node's `registries.conf`: the registry at this address answers for the public ones.
pub fn registries_configuration(address: IpAddr) -> String {
    let host = match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    let mut text =
        "unqualified-search-registries = [\"docker.io\"]\nshort-name-mode = \"disabled\"\n"
            .to_owned();
    for registry in MIRRORED {
        // Writing to a string does not fail.
        write!(
            text,
            "\n[[registry]]\nlocation = \"{registry}\"\n[[registry.mirror]]\nlocation = \"{host}:5000/{registry}\"\ninsecure = true\n"
        )
        .unwrap_or_default();
    }
    text
}

/// Every key that the catalogue can still ask for, with any of its versions.
///
/// # Errors
/// A catalogue whose recipes do not fit together.
pub fn known_folders(
    catalogue: &Catalogue,
    kind: &Path,
    cache: &Cache,
) -> Result<std::collections::BTreeSet<PathBuf>> {
    let mut known = std::collections::BTreeSet::new();
    for source in [Source::Module, Source::Registry] {
        for (component, versions) in catalogue.available(source).versions {
            for version in versions {
                let units = units_with(catalogue, source, &component, &version, kind, cache)?;
                let units = units.into_iter().flat_map(|units| units.list);
                known.extend(units.map(|unit| unit.folder));
            }
        }
    }
    Ok(known)
}

/// What there is of one version from source `module`, and about how long a stack with it takes to build; none where no
/// version of another component takes it.
///
/// # Errors
/// A catalogue whose recipes do not fit together.
pub fn built(
    catalogue: &Catalogue,
    component: &str,
    version: &Version,
    kind: &Path,
    cache: &Cache,
) -> Result<Option<(bool, Duration)>> {
    let units = units_with(catalogue, Source::Module, component, version, kind, cache)?;
    Ok(units.map(|units| {
        let missing = units.list.iter().filter(|unit| !unit.is_complete());
        let missing: Vec<&Unit> = missing.collect();
        let is_built = !missing.iter().any(|unit| unit.component == component);
        let seconds = missing.iter().map(|unit| unit.seconds).sum();
        (is_built, Duration::from_secs(seconds))
    }))
}

fn units_with(
    catalogue: &Catalogue,
    source: Source,
    component: &str,
    version: &Version,
    kind: &Path,
    cache: &Cache,
) -> Result<Option<Units>> {
    let Some(selection) = catalogue.select_one(source, component, version)? else {
        return Ok(None);
    };
    let (own, stack) = (Own::default(), cache.stack());
    Units::of(catalogue, source, &selection, &own, kind, &stack).map(Some)
}

/// The contents of several stacks' registries as one, in a folder of the cache that is removed when it is dropped, or by a
/// later build when this process was killed. Files are shared with them.
///
/// # Errors
/// Where two of them have the same tag for different images; what the disk says.
pub fn together(registries: &[&Path]) -> Result<TempDir> {
    let cache = Cache::find()?;
    let folder = tempfile::Builder::new()
        .prefix(".registry-of-cells-")
        .suffix(&cache::unfinished_suffix())
        .tempdir_in(cache.stack())
        .context("failed to make a folder for a registry's contents")?;
    for registry in registries {
        publish::add_contents(registry, folder.path())?;
    }
    Ok(folder)
}

async fn units(catalogue: &Catalogue, request: &Request) -> Result<(Arc<Units>, Cache)> {
    let cache = Cache::find()?;
    let selection = catalogue.select(request.source, &request.versions)?;
    let own = match request.source {
        Source::Local => {
            Own::look(catalogue, &selection, request.local_manifests.as_deref()).await?
        }
        Source::Module | Source::Registry => Own::default(),
    };
    let kind = std::path::absolute(&request.kind)
        .with_context(|| format!("failed to find {}", request.kind.display()))?;
    let units = Units::of(
        catalogue,
        request.source,
        &selection,
        &own,
        &kind,
        &cache.stack(),
    )?;
    Ok((Arc::new(units), cache))
}

/// The images that the engine runs: unit, image, and the name there, which has the unit's key for a tag.
fn engine_images(units: &Units) -> Result<Vec<(PathBuf, Made, String)>> {
    let mut images = Vec::new();
    for unit in units.of_kind("images") {
        for image in oci::images(&unit.folder)? {
            if image.destination == Destination::Engine {
                let name = engine_name(unit, &image);
                images.push((unit.folder.clone(), image, name));
            }
        }
    }
    Ok(images)
}

fn engine_name(unit: &Unit, image: &Made) -> String {
    let name = if image.name == NODE {
        NODE
    } else {
        "rehearse-registry"
    };
    format!("{name}:{}", unit.short_key())
}

fn stack(catalogue: &Catalogue, source: Source, units: &Units) -> Result<Stack> {
    let engine = engine_images(units)?;
    let named = |wanted: &str| {
        engine
            .iter()
            .map(|(_, _, name)| name)
            .find(|name| name.starts_with(wanted))
            .cloned()
    };
    let folder = |kind: &str, below: &str| {
        units
            .of_kind(kind)
            .next()
            .map(|unit| unit.folder.join(below))
    };
    let (mut manifests, mut images) = (BTreeMap::new(), BTreeMap::new());
    for unit in units.of_kind("manifests") {
        manifests.insert(unit.component.clone(), manifest::files(&unit.folder)?);
    }
    for unit in units.of_kind("images") {
        for image in oci::images(&unit.folder)? {
            images.extend(
                image
                    .references
                    .iter()
                    .map(|name| (name.clone(), image.digest.clone())),
            );
        }
    }
    let (mut modules, mut sources) = (BTreeMap::new(), BTreeMap::new());
    for unit in &units.list {
        if let Work::Go(go) = &unit.work
            && !go.module.is_empty()
        {
            go::verify(go, &unit.folder)?;
            modules.insert(unit.component.clone(), go::locked(go, &unit.folder));
        }
    }
    for unit in units.of_kind("root") {
        let packages: BTreeMap<String, String> =
            cache::read_json(&unit.folder.join(packages::PACKAGES))?;
        sources.extend(packages);
    }
    Ok(Stack {
        components: summary::components(catalogue, source, units)?,
        modules,
        packages: sources,
        kind: units.program("kind/kind")?,
        node_image: named(NODE).context("failed to find a node image among the stack's images")?,
        image_store: folder("store", "store"),
        registry_image: named("rehearse-registry"),
        registry_data: folder("contents", "registry"),
        programs: folder("tools", "programs"),
        manifests,
        images,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_registry_is_answered_for_on_the_machine() {
        let text = registries_configuration(IpAddr::from([172, 18, 0, 5]));
        assert_eq!(
            text.matches("location = \"172.18.0.5:5000/").count(),
            MIRRORED.len()
        );
        assert!(text.contains(
            "location = \"quay.io\"\n[[registry.mirror]]\nlocation = \"172.18.0.5:5000/quay.io\""
        ));
        assert!(
            registries_configuration("fd00::5".parse().unwrap_or(IpAddr::from([0, 0, 0, 0])))
                .contains("[fd00::5]:5000")
        );
    }

    #[test]
    fn the_recipes_of_this_repository_fit_together() -> Result<()> {
        let kind = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../kind");
        let text = std::fs::read_to_string(kind.join("catalogue.yaml"))?;
        let catalogue = Catalogue::parse("kind/catalogue.yaml", &text)?;
        for source in [Source::Module, Source::Registry] {
            let selection = catalogue.select(source, &BTreeMap::new())?;
            let units = Units::of(
                &catalogue,
                source,
                &selection,
                &Own::default(),
                &kind,
                Path::new("/cache"),
            )?;
            assert!(
                units.find("calico", "images").is_some()
                    && units.find("multus", "manifests").is_some()
            );
            assert!(units.program("kind/kind").is_ok() && units.of_kind("tools").count() == 1);
        }
        Ok(())
    }
}
