//! `rehearse faults [SCENARIO]`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use rehearse_core::coverage::{Coverage, Trials, render};

use rehearse_engine::failure::Usage;
use rehearse_engine::mutants;
use rehearse_engine::options::RunOptions;
use rehearse_engine::prepare;
use rehearse_engine::repository::Repository;
use rehearse_engine::stage::{On, capture};

use super::run::choice;
use crate::output;
use crate::selection::SelectionArguments;

mod planted;

/// Arguments of `rehearse faults`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
On a capture, a mutant is one fact of a good run, changed where it stands in the raw output. The command fails when a
check does not fail for any mutant, when no check notices a fact that the scenario does not `ignore` with a reason, or
when a capture is not green without a mutant. A check that could not judge a mutant has not noticed it.
On a cluster, a fault is a defect that is planted there.

Examples:
  rehearse faults
  rehearse faults --on capture:calico-3.28.4_multus-4.2.1 --json | jq '.facts[] | select(.watch == \"unwatched\")'")]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionArguments,

    /// Mutants are tried on `capture`, all of the scenario's captures, or on `capture:NAME`, one of them or the path of
    /// one; faults are planted on `kind`, a real cluster
    #[arg(long, value_name = "STAGE", default_value = "capture")]
    on: On,

    /// Prints everything as JSON: each check by family of mutants, and each fact
    #[arg(long)]
    json: bool,

    /// Plants this fault only, on a cluster; may be given several times
    #[arg(long = "fault", value_name = "ID")]
    only: Vec<String>,

    /// Makes all that a cluster is missing first, as `run --setup` does
    #[arg(long)]
    setup: bool,

    /// Leaves the cluster when the faults have been planted
    #[arg(long)]
    keep: bool,

    /// Uses a cluster that an earlier run kept, and leaves it
    #[arg(long, value_name = "NAME", conflicts_with = "keep")]
    reuse: Option<String>,

    /// The folder of the run on a cluster [default: rehearse-runs/<run id>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Tries every mutant, or plants every fault, and prints what came of it.
pub async fn execute(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let name = match arguments.on {
        On::Capture(ref name) => name.clone(),
        On::Kind if arguments.json => {
            return Err(Usage::new(
                "--json has no meaning with --on kind",
                "leave it out: the run's folder has faults.json",
            )
            .into());
        }
        On::Kind => {
            let options = RunOptions {
                cluster: choice(arguments.keep, arguments.reuse.as_deref()),
                out: arguments.out,
                ..RunOptions::of(arguments.selection.selection()?)
            };
            return planted::execute(&options, &arguments.only, arguments.setup).await;
        }
    };
    arguments.refuse_what_needs_a_cluster()?;
    on_captures(&arguments, name.as_deref())
}

impl Arguments {
    fn refuse_what_needs_a_cluster(&self) -> Result<(), Usage> {
        let selection = &self.selection;
        let options = [
            ("--fault", !self.only.is_empty()),
            ("--setup", self.setup),
            ("--keep", self.keep),
            ("--reuse", self.reuse.is_some()),
            ("--out", self.out.is_some()),
            ("--with", !selection.with.is_empty()),
            ("--until", selection.until.is_some()),
            ("--locked", selection.locked.is_some()),
            ("--manifests", selection.manifests.is_some()),
        ];
        match options.into_iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => Err(Usage::new(
                format!("{option} has no meaning for the mutants of captures"),
                "add --on kind, or leave it out",
            )),
            None => Ok(()),
        }
    }
}

fn on_captures(arguments: &Arguments, name: Option<&str>) -> anyhow::Result<ExitCode> {
    let repository = Repository::read()?;
    let folder = arguments.selection.selection()?.read(&repository)?;
    let (scenario, _) = folder.whole()?;
    let names = match name {
        Some(name) => vec![name.to_owned()],
        None => capture::names(&folder.path)?,
    };
    if names.is_empty() {
        return Err(Usage::new(
            format!("{} has no captures", folder.path.display()),
            "make one of a run with `rehearse capture RUN`",
        )
        .into());
    }
    let mut coverage = Coverage::new(&scenario);
    for name in names {
        let stored = capture::named(&folder.path, &name)?;
        let plan = prepare::plan_in(&repository, &folder, &stored.capture)?;
        let (trials, unanswered) = Trials::of(&plan, &stored.capture);
        let outcomes = mutants::try_all(&trials);
        let results: Vec<_> = trials.iter().zip(outcomes).collect();
        coverage.add(&scenario, &plan, &stored.name, &results, &unanswered);
    }
    let text = if arguments.json {
        let json = serde_json::to_string_pretty(&coverage);
        output::json(&(json.context("failed to write the coverage as JSON")? + "\n"))
    } else {
        output::text(&render(&coverage)?)
    };
    output::print(&text)?;
    // Of one capture, an entry that another one needs is no mistake.
    let unused = coverage.unused(&scenario);
    if name.is_none() && !unused.is_empty() {
        return Err(unused.into());
    }
    Ok(ExitCode::from(u8::from(!coverage.is_complete())))
}
