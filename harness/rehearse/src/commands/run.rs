//! `rehearse run [SCENARIO]`

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use rehearse_core::matrix::Shard;
use rehearse_core::record::{DocumentUnderTest, Record};
use tokio::time::Instant;

use super::prepare::{Prepared, Selection};
use super::setup::{self, Needed};
use crate::progress::Progress;
use rehearse_engine::planted::Planting;
use rehearse_engine::run::event::Event;
use rehearse_engine::run::folder::Folder;
use rehearse_engine::run::interrupt::{Interrupt, Signals};
use rehearse_engine::run::reports;
use rehearse_engine::stage::On;

mod document;
mod going_on;
mod matrix;
mod on_capture;
mod rehearsal;
mod repeat;
mod teardown;

use going_on::Passing;
pub(super) use matrix::replay;
use rehearsal::{Ended, Rehearsal};

/// Where runs go when `--out` does not say; git ignores it.
pub(super) const RUNS: &str = "rehearse-runs";

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
    selection: Selection,

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
    /// A run of this selection on a real cluster, with nothing else asked for.
    pub fn on_kind(
        selection: Selection,
        setup: bool,
        keep: bool,
        reuse: Option<String>,
        out: Option<PathBuf>,
    ) -> Self {
        Self {
            selection,
            setup,
            on: On::Kind,
            keep,
            reuse,
            out,
            document: None,
            matrix: false,
            shard: None,
            cell: Vec::new(),
            own_clusters: false,
            repeat: None,
        }
    }
}

/// Replays the scenario; the exit code is the record's.
pub async fn execute(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let document = document::examine(&arguments)?;
    if arguments.matrix {
        return matrix::execute(arguments, document).await;
    }
    if let On::Capture(name) = &arguments.on {
        return on_capture::execute(&arguments, name.as_deref(), document);
    }
    if let Some(times) = arguments.repeat {
        return repeat::execute(&arguments, times, document).await;
    }
    let (record, folder) = rehearse(&arguments, None, document).await?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(reports::summary(&record, folder.path()).as_bytes())?;
    Ok(ExitCode::from(record.exit_code()))
}

/// Replays the scenario once on a real cluster, with faults planted after each step where there are some, and with what
/// was found in a document where there is one.
///
/// # Errors
/// What the user asked for and cannot be done, or what is missing; what happens to the cluster is in the record.
pub async fn rehearse(
    arguments: &Arguments,
    planting: Option<&Planting>,
    document: Option<DocumentUnderTest>,
) -> anyhow::Result<(Record, Folder)> {
    let prepared = Prepared {
        document,
        ..arguments.selection.prepare()?
    };
    let id = run_id(Timestamp::now(), std::process::id());
    let out = arguments.folder(&id);
    Folder::refuse_used(&out)?;
    let started = Instant::now();
    let needed = arguments.look(&prepared, &id, true).await?;
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    let passing = Passing::default();
    let replay = arguments.replay(
        &prepared, needed, planting, id, started, &interrupt, &out, passing,
    );
    let ended = tokio::select! {
        ended = replay => ended?,
        never = interrupt.listen(signals) => match never {},
    };
    Ok((ended.record, ended.folder))
}

impl Arguments {
    /// The folder of a run of this id, where no other is asked for.
    fn folder(&self, id: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Path::new(RUNS).join(id))
    }

    /// Looks what is missing for a run of this id, which makes a cluster or has one, and asks where somebody can be asked.
    async fn look<'a>(
        &self,
        prepared: &'a Prepared,
        id: &str,
        creates: bool,
    ) -> anyhow::Result<Needed<'a>> {
        let cluster = cluster_name(id);
        let creates = (creates && self.reuse.is_none()).then_some(cluster.as_str());
        setup::look(prepared, &self.selection, self.setup, creates).await
    }

    /// Makes what is missing and replays once.
    #[expect(
        clippy::too_many_arguments,
        reason = "all of them belong to one run, and are made by two callers"
    )]
    async fn replay(
        &self,
        prepared: &Prepared,
        needed: Needed<'_>,
        planting: Option<&Planting>,
        id: String,
        started: Instant,
        interrupt: &Interrupt,
        out: &Path,
        passing: Passing,
    ) -> anyhow::Result<Ended> {
        let ready = needed.make(interrupt).await?;
        let progress = Progress::new();
        let tell = |event: Event| progress.show(&event);
        let rehearsal = Rehearsal {
            arguments: self,
            planting,
            prepared,
            stack: &ready.stack,
            id,
            interrupt,
            tell: &tell,
            started: started + ready.making,
        };
        // Boxed, as it is deep in every command that replays.
        let ended = Box::pin(rehearsal.run(out, passing)).await;
        progress.end();
        ended
    }
}

/// The name of a run's own cluster.
pub(super) fn cluster_name(run: &str) -> String {
    format!("rehearse-{run}")
}

/// `20260101-120000-1a2b`: sorts by time, and two runs of one second differ.
pub(super) fn run_id(now: Timestamp, process: u32) -> String {
    let nanosecond = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    let mixed = (nanosecond / 1000) ^ process;
    format!("{}-{:04x}", now.strftime("%Y%m%d-%H%M%S"), mixed & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_sorts_by_time() -> Result<(), jiff::Error> {
        let now: Timestamp = "2026-01-02T03:04:05.678901Z".parse()?;
        let id = run_id(now, 1234);
        assert!(id.starts_with("20260102-030405-"), "{id}");
        assert_eq!(id.len(), "20260102-030405-1a2b".len());
        assert_ne!(id, run_id(now, 1235));
        Ok(())
    }
}
