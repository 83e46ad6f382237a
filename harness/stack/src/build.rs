//! Builds the units that are missing, each after those that it needs, as many side by side as the machine has processors.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::future::LocalBoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use rehearse_core::catalogue::Source;

use super::cache::{self, Cache, Description};
use super::oci::{self, Made};
use super::unit::{Unit, Units};
use super::work::Work;
use super::{fetch, go, manifest, packages, publish, take};
use crate::command::Command;

/// A go build uses all processors by itself; a second one fills the gaps in which the first one downloads or links.
const GO_BUILDS: usize = 2;

/// What happens while a stack is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StackEvent {
    /// What there is to do.
    Planned {
        /// Units that are there already.
        kept: usize,
        /// Titles of those that are missing, with about how long each takes.
        missing: Vec<(String, Duration)>,
    },
    /// A unit is being built.
    Started {
        /// Its title.
        unit: String,
    },
    /// A unit is there.
    Finished {
        /// Its title.
        unit: String,
        /// How long it took.
        took: Duration,
    },
    /// A unit can't be built.
    Failed {
        /// Its title.
        unit: String,
    },
}

/// Builds every missing unit. What is complete stays when another one fails.
///
/// # Errors
/// The first unit that can't be built; those that run beside it are stopped.
pub async fn all(
    units: &Arc<Units>,
    source: Source,
    kind: &Path,
    cache: &Cache,
    progress: &dyn Fn(StackEvent),
) -> Result<()> {
    let logs = cache.logs();
    fs::create_dir_all(&logs).with_context(|| format!("failed to make {}", logs.display()))?;
    let mut complete: BTreeSet<usize> = (0..units.list.len())
        .filter(|&index| units.list[index].is_complete())
        .collect();
    let mut waiting: Vec<usize> = (0..units.list.len())
        .filter(|index| !complete.contains(index))
        .collect();
    let missing = waiting.iter().map(|&index| &units.list[index]);
    let missing = missing
        .map(|unit| (unit.title(), Duration::from_secs(unit.seconds)))
        .collect();
    progress(StackEvent::Planned {
        kept: complete.len(),
        missing,
    });
    // The longest first: it decides when all is done.
    waiting.sort_by_key(|&index| std::cmp::Reverse(units.list[index].seconds));
    let jobs = std::thread::available_parallelism()
        .map_or(GO_BUILDS, usize::from)
        .max(GO_BUILDS);
    let mut running: FuturesUnordered<LocalBoxFuture<'_, (usize, Result<Duration>)>> =
        FuturesUnordered::new();
    let mut go_builds = 0;
    loop {
        let mut rest = Vec::new();
        for index in std::mem::take(&mut waiting) {
            let unit = &units.list[index];
            let is_go = matches!(unit.work, Work::Go(_));
            let is_ready = unit.inputs.iter().all(|input| complete.contains(input));
            if !is_ready || running.len() > jobs || (is_go && go_builds >= GO_BUILDS) {
                rest.push(index);
                continue;
            }
            go_builds += usize::from(is_go);
            progress(StackEvent::Started { unit: unit.title() });
            running.push(Box::pin(async move {
                let started = Instant::now();
                let built = one(units, unit, source, kind, cache, started).await;
                (index, built.map(|()| started.elapsed()))
            }));
        }
        waiting = rest;
        let Some((index, built)) = running.next().await else {
            return Ok(());
        };
        let unit = &units.list[index];
        go_builds -= usize::from(matches!(unit.work, Work::Go(_)));
        match built {
            Ok(took) => progress(StackEvent::Finished {
                unit: unit.title(),
                took,
            }),
            Err(error) => {
                progress(StackEvent::Failed { unit: unit.title() });
                return Err(error.context(format!("failed to build {}", unit.title())));
            }
        }
        complete.insert(index);
    }
}

async fn one(
    units: &Arc<Units>,
    unit: &Unit,
    source: Source,
    kind: &Path,
    cache: &Cache,
    started: Instant,
) -> Result<()> {
    let unfinished = cache.begin(&unit.folder)?;
    let name = unit
        .folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let log = cache.logs().join(format!("{name}.log"));
    let digests = match work(units, unit, kind, &unfinished, &log).await {
        Ok(digests) => digests,
        Err(error) => {
            cache::remove(&unfinished)?;
            return Err(error);
        }
    };
    let description = Description {
        component: unit.component.clone(),
        version: unit.version.clone(),
        kind: unit.work.kind().to_owned(),
        source: source.to_string(),
        key: unit.key.clone(),
        origin: unit.work.origin(),
        digests,
        seconds: started.elapsed().as_secs(),
    };
    Cache::publish(&unfinished, &unit.folder, &description)
}

/// Does a unit's work in a folder, and gives the digests of what is in it.
async fn work(
    units: &Arc<Units>,
    unit: &Unit,
    kind: &Path,
    folder: &Path,
    log: &Path,
) -> Result<BTreeMap<String, String>> {
    match &unit.work {
        Work::Go(go) => go::build(go, kind, folder, log).await?,
        Work::Package(package) => packages::take(package, folder, log).await?,
        Work::FetchedPrograms(programs) => fetch::programs(programs, folder, log).await?,
        Work::RootFileSystem(root) => {
            packages::root_file_system(root, folder, log).await?;
            let layer = folder.join(packages::LAYER);
            let digest = apart(move || cache::file_digest(&layer)).await?;
            return Ok(BTreeMap::from([(
                "root file system".to_owned(),
                format!("sha256:{digest}"),
            )]));
        }
        Work::Images(images) => {
            let (images, units) = (images.clone(), Arc::clone(units));
            let (kind, target) = (kind.to_owned(), folder.to_owned());
            let made = apart(move || oci::make(&images, &units, &kind, &target)).await?;
            return keep(folder, &made);
        }
        Work::FetchedImages(registry) => {
            return keep(folder, &fetch::images(registry, kind, folder, log).await?);
        }
        Work::OwnImages(images) => {
            return keep(folder, &take::images(images, folder, log).await?);
        }
        Work::Manifests(manifests) => manifest::write(manifests, units, kind, folder, log).await?,
        Work::FetchedManifests(manifests) => fetch::manifests(manifests, folder, log).await?,
        Work::OwnManifests(manifests) => take::manifests(manifests, folder)?,
        Work::Tools(programs) => gather(programs, units, folder)?,
        Work::Store => {
            publish::store(&images(units, unit)?, folder, log).await?;
            return Ok(BTreeMap::new());
        }
        Work::Contents => {
            let (images, target) = (images(units, unit)?, folder.to_owned());
            apart(move || publish::contents(&images, &target)).await?;
            return Ok(BTreeMap::new());
        }
    }
    let folder = folder.to_owned();
    apart(move || digests(&folder)).await
}

/// Runs what uses a processor for long beside the tasks that wait.
async fn apart<T: Send + 'static>(long: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(long)
        .await
        .context("failed to wait for a thread")?
}

fn keep(folder: &Path, made: &[Made]) -> Result<BTreeMap<String, String>> {
    oci::write_images(folder, made)?;
    let references = made.iter().flat_map(|image| {
        image
            .references
            .iter()
            .map(|name| (name.clone(), image.digest.clone()))
    });
    Ok(references.collect())
}

/// The images of the units that a unit needs.
fn images(units: &Units, unit: &Unit) -> Result<Vec<(PathBuf, Made)>> {
    let mut images = Vec::new();
    for &input in &unit.inputs {
        let folder = &units.list[input].folder;
        images.extend(
            oci::images(folder)?
                .into_iter()
                .map(|image| (folder.clone(), image)),
        );
    }
    Ok(images)
}

fn gather(programs: &[String], units: &Units, folder: &Path) -> Result<()> {
    let target = folder.join("programs");
    fs::create_dir_all(&target).with_context(|| format!("failed to make {}", target.display()))?;
    for program in programs {
        let from = units.program(program)?;
        oci::link(&from, &target.join(from.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Digests of programs and manifests by name.
fn digests(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut digests = BTreeMap::new();
    let programs = cache::entries(&folder.join("programs"))?;
    let manifests = manifest::files(folder)?.into_values().flatten();
    for path in programs.into_iter().chain(manifests) {
        let name = path
            .strip_prefix(folder)
            .unwrap_or(&path)
            .to_string_lossy()
            .into_owned();
        digests.insert(name, format!("sha256:{}", cache::file_digest(&path)?));
    }
    Ok(digests)
}

/// The version of the go command on `PATH`, if there is one.
pub async fn go_version() -> Option<String> {
    let output = Command::new("go")
        .args(["env", "GOVERSION"])
        .env("GOTOOLCHAIN", "local")
        .run()
        .await
        .ok()?;
    Some(output.stdout().trim().trim_start_matches("go").to_owned())
}
