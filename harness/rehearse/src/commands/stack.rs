//! `rehearse stack`: makes what a run needs, lists it, removes what nothing needs any more.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use rehearse_core::catalogue::{Catalogue, Source};
use tokio::signal::unix::{SignalKind, signal};

use rehearse_stack::{self as stack, Request};

use crate::output;
use crate::progress::StackProgress;
use crate::selection::{With, versions};

mod list;
mod prune;
mod versions;

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
    List {
        /// What each source has, what a build would take, and how far each version was tried
        #[arg(long)]
        versions: bool,
    },
    /// Prints the key of a stack: the sha256 of all that goes into it, under which a CI can keep it
    Key(Choice),
    /// Removes what no version in the catalogue needs any more
    Prune {
        /// Only says what would be removed
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Clone, Debug, clap::Args)]
struct BuildArguments {
    #[command(flatten)]
    choice: Choice,

    /// Installs the distribution packages that building needs, where this is root with apt-get
    #[arg(long)]
    setup: bool,
}

/// Which stack.
#[derive(Clone, Debug, clap::Args)]
struct Choice {
    /// Where components come from: module, registry or local
    #[arg(long, value_name = "SOURCE", default_value_t = Source::Module)]
    from: Source,

    /// Another version of a component, such as multus=4.0.2; may be given several times
    #[arg(long, value_name = "COMPONENT=VERSION")]
    with: Vec<With>,

    /// The folder of manifests that go with --from local
    #[arg(long, value_name = "DIR")]
    manifests: Option<PathBuf>,
}

impl Choice {
    fn request(&self, kind: &Path, setup: bool) -> Result<Request> {
        Ok(Request {
            source: self.from,
            versions: versions(&self.with)?,
            local_manifests: self.manifests.clone(),
            kind: kind.to_owned(),
            setup,
        })
    }
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
            build_stack(catalogue, &build.choice.request(kind, build.setup)?).await?;
        }
        Action::List { versions: true } => versions::show(catalogue, kind)?,
        Action::List { versions: false } => list::show(catalogue, kind)?,
        Action::Key(choice) => {
            let key = stack::key(catalogue, &choice.request(kind, false)?).await?;
            writeln!(output::stdout(), "{key}").context("failed to write to standard output")?;
        }
        Action::Prune { dry_run } => prune::remove(catalogue, kind, *dry_run).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn build_stack(catalogue: &Catalogue, request: &Request) -> Result<()> {
    let progress = StackProgress::default();
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
    let mut output = output::stdout();
    writeln!(
        output,
        "stack is ready: {} components, {} images, node image {}",
        built.components.len(),
        built.images.len(),
        built.node_image
    )
    .context("failed to write to standard output")
}

/// A size for people.
fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}
