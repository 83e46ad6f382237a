//! `rehearse run [SCENARIO]`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use rehearse_core::matrix::Shard;
use rehearse_core::record::DocumentUnderTest;
use rehearse_engine::failure::Usage;
use rehearse_engine::options::{ClusterChoice, RunOptions};
use rehearse_engine::rehearsal::on_kind;
use rehearse_engine::stage::On;

use crate::asking::Asking;
use crate::output;
use crate::selection::SelectionArguments;
use crate::summary;

mod document;
mod matrix;
mod on_capture;
mod repeat;

/// Arguments of `rehearse run`.
#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = "\
Examples:
  rehearse run --setup                         the first time: makes what is missing first
  rehearse run --with multus=4.0.2 --out out   another version, the record in out/
  rehearse run --until net-calico --keep       stops there and leaves the cluster
  rehearse run --reuse rehearse-20260101-120000-1a2b
  rehearse run --on capture                    judges what an earlier run saw; starts nothing
  rehearse run --matrix --out out              every cell of versions.yaml, a folder each
  rehearse run --locked out/rehearse.lock      the same again, exactly
  rehearse run --document guide.md             tells of what is to be mended in it, too

The run's folder has record.json, junit.xml, ctrf.json, summary.md, report.html, evidence/,
outputs/ (what `rehearse capture` and `rehearse recheck` read), rehearse.lock and rehearse.log.
Where GITHUB_STEP_SUMMARY is set, the summary is appended to it.

Exit codes:
  0  every step passed
  1  a check failed
  2  the scenario or the usage is wrong
  3  it could not be found out: something is missing, the machine or the cluster gave up")]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionArguments,

    /// First makes all that is missing: starts an engine where none answers, builds the stack. Without it, a terminal
    /// is asked and anything else is told what is missing
    #[arg(long)]
    setup: bool,

    /// Where the plan is performed: `kind` is a cluster of this run's own on this machine; `capture` plays the outputs
    /// that an earlier run kept, and starts nothing: those of the capture that fits the plan, or with `capture:NAME` of
    /// that one (a folder of the scenario's captures/, or a path), in its versions
    #[arg(long, value_name = "kind|capture[:NAME]", default_value_t = On::Kind)]
    on: On,

    /// Leaves the cluster when the run ends
    #[arg(long)]
    keep: bool,

    /// Uses a cluster that an earlier run kept, and leaves it; it must be what the plan wants
    #[arg(long, value_name = "NAME", conflicts_with = "keep")]
    reuse: Option<String>,

    /// The run's folder [default: rehearse-runs/<run id>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The document, as it is now: before anything starts, what `document lint` and `document check` find in it is taken
    /// into the record and its reports. A finding is about the document and does not change the exit code
    #[arg(long, value_name = "PATH")]
    document: Option<PathBuf>,

    /// Runs every cell of the scenario's versions.yaml, one after the other, in a folder of its own; the steps that
    /// versions.yaml calls shared are performed once for cells that differ later only. A known defect is expected to be
    /// there still. `--with` on an axis leaves only that version of it
    #[arg(long, conflicts_with_all = ["keep", "reuse", "locked", "repeat"])]
    matrix: bool,

    /// Only this part of the cells, such as 1/3
    #[arg(long, value_name = "I/N", requires = "matrix")]
    shard: Option<Shard>,

    /// Only this cell, by its name; may be given several times
    #[arg(long, value_name = "NAME", requires = "matrix")]
    cell: Vec<String>,

    /// Gives every cell a cluster of its own, also where versions.yaml says which steps cells have in common
    #[arg(long, requires = "matrix")]
    own_clusters: bool,

    /// Replays so many times, each on a cluster of its own and in a folder of its own (DIR/01, DIR/02, ...), and tells
    /// which facts flicker; exit code 1 where the canonical records differ
    #[arg(long, value_name = "N", conflicts_with_all = ["keep", "reuse"])]
    repeat: Option<NonZeroUsize>,
}

impl Arguments {
    /// What a rehearsal of it is given.
    fn options(&self, document: Option<DocumentUnderTest>) -> Result<RunOptions, Usage> {
        Ok(RunOptions {
            selection: self.selection.selection()?,
            cluster: choice(self.keep, self.reuse.as_deref()),
            out: self.out.clone(),
            document,
        })
    }
}

/// Which cluster, by the options `--keep` and `--reuse`.
pub(super) fn choice(keep: bool, reuse: Option<&str>) -> ClusterChoice {
    match (reuse, keep) {
        (Some(name), _) => ClusterChoice::Reused(name.to_owned()),
        (None, true) => ClusterChoice::Kept,
        (None, false) => ClusterChoice::OfItsOwn,
    }
}

/// Replays the scenario; the exit code is the record's.
pub async fn execute(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let document = document::examine(&arguments)?;
    if arguments.matrix {
        return matrix::execute(&arguments, document).await;
    }
    if let On::Capture(name) = &arguments.on {
        return on_capture::execute(&arguments, name.as_deref(), document);
    }
    if let Some(times) = arguments.repeat {
        return repeat::execute(&arguments, times, document).await;
    }
    let asking = Asking::new(arguments.setup);
    let options = arguments.options(document)?;
    let ended = asking.with(async |caller| on_kind::once(&options, None, caller).await);
    let ended = ended.await?;
    let summary = summary::of(&ended.record, ended.folder.path());
    output::print(&summary)?;
    Ok(ExitCode::from(ended.record.exit_code()))
}
