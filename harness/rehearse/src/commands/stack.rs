//! `rehearse stack`: makes what a run needs, lists it, removes what nothing needs any more.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use rehearse_core::catalogue::{Catalogue, Source};
use semver::Version;
use tokio::signal::unix::{SignalKind, signal};

use crate::command::Command;
use crate::stack::cache::{self, Cache, Kept};
use crate::stack::{self, Request};

mod progress;

pub use progress::Progress;

/// What to do with the stack.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Action {
    /// Builds or fetches what is missing; what is there is not built again
    Build(BuildArguments),
    /// Lists every component's versions, and what of them is built
    List,
    /// Removes what no version in the catalogue needs any more
    Prune {
        /// Only says what would be removed
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Clone, Debug, clap::Args)]
struct BuildArguments {
    /// Where components come from: module, registry or local
    #[arg(long, value_name = "SOURCE", default_value_t = Source::Module)]
    from: Source,

    /// Another version of a component, such as multus=4.0.2; may be given several times
    #[arg(long, value_name = "COMPONENT=VERSION", value_parser = component_version)]
    with: Vec<(String, Version)>,

    /// The folder of manifests that go with --from local
    #[arg(long, value_name = "DIR")]
    manifests: Option<PathBuf>,

    /// Installs the distribution packages that building needs, where this is root with apt-get
    #[arg(long)]
    setup: bool,
}

/// Does it. `kind` is the repository's folder of that name.
///
/// # Errors
/// What can't be built, read or removed.
pub async fn execute(
    arguments: &Arguments,
    catalogue: &Catalogue,
    kind: &Path,
) -> Result<ExitCode> {
    match &arguments.action {
        Action::Build(build) => {
            let request = Request {
                source: build.from,
                versions: build.with.iter().cloned().collect(),
                local_manifests: build.manifests.clone(),
                kind: kind.to_owned(),
                setup: build.setup,
            };
            build_stack(catalogue, &request).await?;
        }
        Action::List => list(catalogue, kind)?,
        Action::Prune { dry_run } => prune(catalogue, kind, *dry_run).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn build_stack(catalogue: &Catalogue, request: &Request) -> Result<()> {
    let progress = Progress::new();
    let show = |event| progress.show(&event);
    let mut interrupt =
        signal(SignalKind::interrupt()).context("failed to watch for an interruption")?;
    let mut end = signal(SignalKind::terminate()).context("failed to watch for an interruption")?;
    // Dropping the build ends the programs that it has started.
    let built = tokio::select! {
        built = stack::build(catalogue, request, &show) => built,
        _ = interrupt.recv() => bail!("failed to build the stack: interrupted (hint: what is complete is kept, the same command goes on)"),
        _ = end.recv() => bail!("failed to build the stack: told to end (hint: what is complete is kept, the same command goes on)"),
    };
    let built = built?;
    let mut output = io::stdout();
    writeln!(
        output,
        "stack is ready: {} components, {} images, node image {}",
        built.components.len(),
        built.images.len(),
        built.node_image
    )
    .context("failed to write to standard output")
}

fn list(catalogue: &Catalogue, kind: &Path) -> Result<()> {
    let cache = Cache::find()?;
    let known = stack::known_folders(catalogue, kind, &cache)?;
    let kept = cache.kept()?;
    let mut by_version: BTreeMap<(String, String, String), Vec<&Kept>> = BTreeMap::new();
    for piece in &kept {
        let what = &piece.description;
        by_version
            .entry((
                what.component.clone(),
                what.version.clone(),
                what.source.clone(),
            ))
            .or_default()
            .push(piece);
    }
    let mut rows = Vec::new();
    for (component, versions) in &catalogue.components {
        for (version, entry) in versions {
            for source in [Source::Module, Source::Registry]
                .into_iter()
                .filter(|source| entry.has(*source))
            {
                let key = (component.clone(), version.to_string(), source.to_string());
                rows.push(row(
                    &key,
                    by_version.remove(&key).unwrap_or_default(),
                    &known,
                ));
            }
        }
    }
    // What is left is of no version in the catalogue, or belongs to no component.
    rows.extend(
        by_version
            .into_iter()
            .map(|(key, pieces)| row(&key, pieces, &known)),
    );
    let mut output = io::stdout();
    writeln!(
        output,
        "{:<22} {:<9} {:<9} {:<10} {:>9}  KEYS",
        "COMPONENT", "VERSION", "SOURCE", "BUILT", "SIZE"
    )
    .and_then(|()| rows.iter().try_for_each(|row| writeln!(output, "{row}")))
    .context("failed to write to standard output")
}

fn row(
    (component, version, source): &(String, String, String),
    pieces: Vec<&Kept>,
    known: &BTreeSet<PathBuf>,
) -> String {
    let current = pieces
        .iter()
        .filter(|piece| known.contains(&piece.folder))
        .count();
    let built = match (pieces.len(), current) {
        (0, _) => "no",
        (_, 0) => "outdated",
        _ => "yes",
    };
    let size: u64 = pieces.iter().map(|piece| piece.size).sum();
    let keys: Vec<String> = pieces
        .iter()
        .map(|piece| {
            format!(
                "{}:{}",
                piece.description.kind,
                short(&piece.description.key)
            )
        })
        .collect();
    format!(
        "{component:<22} {version:<9} {source:<9} {built:<10} {:>9}  {}",
        megabytes(size),
        keys.join(" ")
    )
}

fn short(key: &str) -> &str {
    key.get(..12).unwrap_or(key)
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

async fn prune(catalogue: &Catalogue, kind: &Path, dry_run: bool) -> Result<()> {
    let cache = Cache::find()?;
    let known = stack::known_folders(catalogue, kind, &cache)?;
    let mut doomed: Vec<(PathBuf, u64)> = cache
        .kept()?
        .into_iter()
        .map(|piece| (piece.folder, piece.size))
        .collect();
    doomed.retain(|(folder, _)| !known.contains(folder));
    doomed.extend(cache.abandoned()?.into_iter().map(|folder| (folder, 0)));
    let verb = if dry_run { "would remove" } else { "removed" };
    let mut output = io::stdout();
    for (folder, size) in &doomed {
        if !dry_run {
            cache::remove(folder)?;
        }
        writeln!(output, "{verb} {} ({})", folder.display(), megabytes(*size))
            .context("failed to write to standard output")?;
    }
    let images = outdated_images(&known).await?;
    for image in &images {
        if !dry_run {
            Command::new("docker")
                .args(["image", "rm", image.as_str()])
                .run()
                .await?;
        }
        writeln!(output, "{verb} image {image}").context("failed to write to standard output")?;
    }
    if doomed.is_empty() && images.is_empty() {
        writeln!(output, "nothing to remove").context("failed to write to standard output")?;
    }
    Ok(())
}

/// Images of ours in the engine whose tag is no key that the catalogue can ask for; none where no engine answers.
async fn outdated_images(known: &BTreeSet<PathBuf>) -> Result<Vec<String>> {
    let listing = Command::new("docker")
        .args([
            "image",
            "ls",
            "--format",
            "{{.Repository}}:{{.Tag}}",
            "--filter",
            "reference=rehearse-node",
            "--filter",
            "reference=rehearse-registry",
        ])
        .output()
        .await;
    let Ok(listing) = listing else {
        return Ok(Vec::new());
    };
    let is_known = |tag: &str| {
        known
            .iter()
            .any(|folder| folder.to_string_lossy().ends_with(tag))
    };
    let is_outdated = |name: &&str| {
        name.rsplit_once(':')
            .is_some_and(|(_, tag)| tag.len() == 12 && !is_known(tag))
    };
    Ok(listing
        .stdout()
        .lines()
        .filter(is_outdated)
        .map(str::to_owned)
        .collect())
}

fn component_version(text: &str) -> Result<(String, Version), String> {
    let (component, version) = text
        .split_once('=')
        .ok_or("it is not COMPONENT=VERSION, such as multus=4.0.2")?;
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = Version::parse(version)
        .map_err(|error| format!("{version} is not a version such as 4.0.2: {error}"))?;
    Ok((component.to_owned(), version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_of_a_component() {
        assert_eq!(
            component_version("multus=v4.0.2"),
            Ok(("multus".to_owned(), Version::new(4, 0, 2)))
        );
        assert!(component_version("multus").is_err() && component_version("multus=new").is_err());
    }

    #[test]
    fn what_no_recipe_asks_for_is_outdated() {
        let key = |built: &str| ("kind".to_owned(), "0.33.0".to_owned(), built.to_owned());
        assert!(row(&key("module"), Vec::new(), &BTreeSet::new()).contains(" no "));
    }
}
