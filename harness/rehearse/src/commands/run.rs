//! `rehearse run [SCENARIO]`

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use rehearse_core::matrix::Shard;
use rehearse_core::record::{Record, Timing};
use tokio::time::Instant;

use super::prepare::{Prepared, Selection};
use super::setup::{self, Needed};
use crate::planted::Planting;
use crate::run::assemble::{self, Circumstances};
use crate::run::event::{Event, Listener};
use crate::run::folder::Folder;
use crate::run::interrupt::{Interrupt, Signals};
use crate::run::lock::{self, LOCK};
use crate::run::progress::Progress;
use crate::run::{Replay, Replayed, machine, milliseconds, outputs, reports, timeline};
use crate::stack::Stack;
use crate::stage::{Cluster, On, Wanted};
use crate::{failure, log};

mod matrix;
mod on_capture;
mod repeat;

pub(super) use matrix::replay;

/// Where runs go when `--out` does not say; git ignores it.
pub(super) const RUNS: &str = "rehearse-runs";

/// What a lease is given on top of the steps' deadlines: creating the cluster, evidence and reports.
const LEASE_RESERVE: Duration = Duration::from_mins(20);

/// How long the cluster's end may take; it takes a few seconds where it was seen.
const TEARDOWN_LIMIT: Duration = Duration::from_mins(2);

/// The same after a second signal.
const HURRIED_TEARDOWN_LIMIT: Duration = Duration::from_secs(10);

/// Arguments of `rehearse run`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse run --setup                         the first time: makes what is missing first
  rehearse run --with multus=4.0.2 --out out   another version, the record in out/
  rehearse run --until net-calico --keep       stops there and leaves the cluster
  rehearse run --reuse rehearse-20260101-120000-1a2b
  rehearse run --on capture                    judges what an earlier run saw; starts nothing
  rehearse run --matrix --out out              every cell of versions.yaml, a folder each
  rehearse run --locked out/rehearse.lock      the same again, exactly

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

    /// Runs every cell of the scenario's versions.yaml, one after the other, each on a cluster of its own and in a folder
    /// of its own; a known defect is expected to be there still. `--with` on an axis leaves only that version of it
    #[arg(long, conflicts_with_all = ["keep", "reuse", "locked", "repeat"])]
    matrix: bool,

    /// Only this part of the cells, such as 1/3
    #[arg(long, value_name = "I/N", requires = "matrix")]
    shard: Option<Shard>,

    /// Only this cell, by its name; may be given several times
    #[arg(long, value_name = "NAME", requires = "matrix")]
    cell: Vec<String>,

    /// Replays so many times, each on a cluster of its own and in a folder of its own (DIR/01, DIR/02, ...), and tells
    /// which facts flicker; exit code 1 where the canonical records differ
    #[arg(long, value_name = "N", conflicts_with_all = ["keep", "reuse"])]
    repeat: Option<NonZeroUsize>,
}

/// One run from here on.
struct Rehearsal<'a> {
    arguments: &'a Arguments,
    planting: Option<&'a Planting>,
    prepared: &'a Prepared,
    stack: &'a Stack,
    id: String,
    interrupt: &'a Interrupt,
    tell: Listener<'a>,
    started: Instant,
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
            matrix: false,
            shard: None,
            cell: Vec::new(),
            repeat: None,
        }
    }
}

/// Replays the scenario; the exit code is the record's.
pub async fn execute(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if arguments.matrix {
        return matrix::execute(arguments).await;
    }
    if let On::Capture(name) = &arguments.on {
        return on_capture::execute(&arguments, name.as_deref());
    }
    if let Some(times) = arguments.repeat {
        return repeat::execute(&arguments, times).await;
    }
    let (record, folder) = rehearse(&arguments, None).await?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(reports::summary(&record, folder.path()).as_bytes())?;
    Ok(ExitCode::from(record.exit_code()))
}

/// Replays the scenario once on a real cluster, with faults planted after each step where there are some.
///
/// # Errors
/// What the user asked for and cannot be done, or what is missing; what happens to the cluster is in the record.
pub async fn rehearse(
    arguments: &Arguments,
    planting: Option<&Planting>,
) -> anyhow::Result<(Record, Folder)> {
    let prepared = arguments.selection.prepare()?;
    let id = run_id(Timestamp::now(), std::process::id());
    let out = arguments.folder(&id);
    Folder::refuse_used(&out)?;
    let started = Instant::now();
    let needed = arguments.look(&prepared, &id).await?;
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    let replay = arguments.replay(&prepared, needed, planting, id, started, &interrupt, &out);
    tokio::select! {
        result = replay => result,
        never = interrupt.listen(signals) => match never {},
    }
}

impl Arguments {
    /// The folder of a run of this id, where no other is asked for.
    fn folder(&self, id: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Path::new(RUNS).join(id))
    }

    /// Looks what is missing for a run of this id, and asks where somebody can be asked.
    async fn look<'a>(&self, prepared: &'a Prepared, id: &str) -> anyhow::Result<Needed<'a>> {
        let cluster = cluster_name(id);
        let creates = self.reuse.is_none().then_some(cluster.as_str());
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
    ) -> anyhow::Result<(Record, Folder)> {
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
        let ended = rehearsal.run(out).await;
        progress.end();
        ended
    }
}

/// The name of a run's own cluster.
pub(super) fn cluster_name(run: &str) -> String {
    format!("rehearse-{run}")
}

impl Rehearsal<'_> {
    async fn run(&self, out: &Path) -> anyhow::Result<(Record, Folder)> {
        let plan = &self.prepared.plan;
        (self.tell)(Event::Started {
            id: self.id.clone(),
            scenario: plan.scenario.clone(),
            steps: plan.steps.len(),
            versions: plan.one_line(),
        });
        let lock = lock::of(plan, self.stack, &self.prepared.scenario_sha256).await?;
        if let Some(locked) = &self.prepared.locked {
            lock::refuse_differences(locked, &lock)?;
        }
        let folder = Folder::create(out)?;
        folder.write(LOCK, &lock.to_json())?;
        log::to_file(&folder.path().join("rehearse.log"))?;
        tracing::info!(
            id = self.id,
            scenario = plan.scenario,
            versions = plan.one_line(),
            "run started"
        );
        let cluster_started = Instant::now();
        let record = match self.cluster(&folder).await {
            Ok(cluster) => {
                let took = cluster_started.elapsed();
                self.on_cluster(cluster, took, &folder).await?
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "no cluster");
                let why = match self.interrupt.why() {
                    Some(why) => format!("{why} while the cluster was made: {error:#}"),
                    None => format!("{error:#}"),
                };
                let replayed = Replayed::without_cluster(plan, failure::class(&error), &why);
                let circumstances = self
                    .circumstances(String::new(), cluster_started.elapsed(), &folder)
                    .await;
                let record =
                    assemble::record(plan, &self.stack.components, replayed, circumstances);
                reports::write(&folder, &record)?;
                record
            }
        };
        reports::append_to_step_summary(&record)?;
        Ok((record, folder))
    }

    async fn cluster(&self, folder: &Folder) -> anyhow::Result<Cluster> {
        let plan = &self.prepared.plan;
        let steps: Duration = plan.steps.iter().map(|step| step.deadline).sum();
        let name = match &self.arguments.reuse {
            Some(name) => name.clone(),
            None => cluster_name(&self.id),
        };
        let wanted = Wanted {
            name: name.clone(),
            run_id: self.id.clone(),
            plan,
            stack: self.stack,
            directory: folder.path().to_owned(),
            deadline: steps + LEASE_RESERVE,
            catalogue_folder: self.prepared.home.kind(),
            keep: self.arguments.keep,
        };
        let started = Instant::now();
        let cluster = if self.arguments.reuse.is_some() {
            (self.tell)(Event::Doing {
                what: format!("taking the cluster {name}"),
            });
            Cluster::reuse(&name, wanted).await?
        } else {
            (self.tell)(Event::Doing {
                what: format!("creating the cluster {name}"),
            });
            let progress = |what: &str| {
                (self.tell)(Event::Doing {
                    what: what.to_owned(),
                });
            };
            Cluster::create(wanted, self.interrupt.token(), &progress).await?
        };
        (self.tell)(Event::Done {
            what: format!("cluster {name} with {} nodes", cluster.nodes().len()),
            took: started.elapsed(),
        });
        Ok(cluster)
    }

    /// Replays, and whatever comes of it: writes the record, takes the cluster down, and writes how long that took.
    async fn on_cluster(
        &self,
        cluster: Cluster,
        took: Duration,
        folder: &Folder,
    ) -> anyhow::Result<Record> {
        let plan = &self.prepared.plan;
        let replay = Replay {
            plan,
            cluster: &cluster,
            stack: self.stack,
            folder,
            tell: self.tell,
            interrupt: self.interrupt,
            planting: self.planting,
        };
        let mut replayed = replay.run().await;
        let marks = std::mem::take(&mut replayed.marks);
        let mut circumstances = self
            .circumstances(cluster.name().to_owned(), took, folder)
            .await;
        let last_words = tokio::select! {
            () = self.interrupt.hurry().cancelled() => None,
            ((moments, missing), facts) = async {
                futures::join!(timeline::of(&cluster, marks), cluster.facts())
            } => Some((moments, missing, facts)),
        };
        if let Some((moments, missing, facts)) = last_words {
            circumstances.timeline = moments;
            for text in missing {
                (self.tell)(Event::Notice {
                    text: format!("the timeline is not complete: {text}"),
                });
            }
            match facts {
                Ok(facts) => circumstances.node_facts = facts,
                Err(error) => (self.tell)(Event::Notice {
                    text: format!("the nodes' facts are not in the record: {error:#}"),
                }),
            }
        }
        let mut record = assemble::record(plan, &self.stack.components, replayed, circumstances);
        // Before the teardown: whatever happens to that, the record is there.
        let written = reports::write(folder, &record)
            .and_then(|()| outputs::keep_head(folder, plan, &record));
        if self.arguments.keep || self.arguments.reuse.is_some() {
            (self.tell)(Event::Notice {
                text: format!(
                    "the cluster {} is kept: KUBECONFIG={} kubectl get nodes; `rehearse cluster down {0}` removes it",
                    cluster.name(),
                    cluster.kubeconfig().display()
                ),
            });
            cluster.leave();
            return written.map(|()| record);
        }
        let started = Instant::now();
        self.tear_down(cluster).await;
        record.timing.teardown = Some(milliseconds(started.elapsed()));
        written?;
        reports::write(folder, &record)?;
        Ok(record)
    }

    /// Takes the cluster down within a limit of its own; what stays is said, and swept by the next run.
    async fn tear_down(&self, cluster: Cluster) {
        let name = cluster.name().to_owned();
        (self.tell)(Event::Doing {
            what: format!("removing the cluster {name}"),
        });
        let started = Instant::now();
        let limit = async {
            tokio::select! {
                () = tokio::time::sleep(TEARDOWN_LIMIT) => TEARDOWN_LIMIT,
                () = async {
                    self.interrupt.hurry().cancelled().await;
                    tokio::time::sleep(HURRIED_TEARDOWN_LIMIT).await;
                } => HURRIED_TEARDOWN_LIMIT,
            }
        };
        let removed = tokio::select! {
            removed = cluster.delete() => removed.context("it could not be removed"),
            limit = limit => Err(anyhow::anyhow!("it was not gone after {} s", limit.as_secs())),
        };
        match removed {
            Ok(()) => (self.tell)(Event::Done {
                what: format!("cluster {name} removed"),
                took: started.elapsed(),
            }),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "teardown");
                (self.tell)(Event::Notice {
                    text: format!(
                        "the cluster {name} may be there still: {error:#} (hint: `rehearse cluster sweep`, or the next run, removes it)"
                    ),
                });
            }
        }
    }

    async fn circumstances(
        &self,
        cluster: String,
        cluster_took: Duration,
        folder: &Folder,
    ) -> Circumstances {
        let total = self.started.elapsed();
        let started = Timestamp::now()
            .checked_sub(total)
            .unwrap_or_else(|_| Timestamp::now());
        Circumstances {
            id: self.id.clone(),
            cluster,
            command: format!(
                "{} --locked {}",
                self.arguments.selection.command(&self.prepared.plan),
                folder.path().join(LOCK).display()
            ),
            machine: machine::facts().await,
            timing: Timing {
                started: started.to_string(),
                total: milliseconds(total),
                cluster: milliseconds(cluster_took),
                ..Timing::default()
            },
            ..Circumstances::default()
        }
    }
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
