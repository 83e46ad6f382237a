//! One replay on a cluster of its own, from its lock to its reports: the cluster is made or taken, the plan is replayed on
//! it, the record is written, and the cluster is taken down. What is missing for it was made before.

mod cluster;
mod replay;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use rehearse_core::judge::JudgedSteps;
use rehearse_core::query::Query;
use rehearse_core::record::Record;
use rehearse_stack::Stack;
use tokio::time::Instant;

use self::replay::OnCluster;
use super::id::{cluster_name, run_id};
use super::log;
use super::shared_cluster::{Handover, SharedCluster};
use crate::blame;
use crate::event::Event;
use crate::folder::Folder;
use crate::interrupt::{Interrupt, Signals};
use crate::lock::{self, LOCK};
use crate::options::{Caller, ClusterChoice, RunOptions};
use crate::planted::Planting;
use crate::prepare::Prepared;
use crate::run::{Replayed, assemble, reports};
use crate::setup::{self, Needed};

/// One rehearsal from here on.
struct Rehearsal<'a> {
    cluster: &'a ClusterChoice,
    planting: Option<&'a Planting>,
    prepared: &'a Prepared,
    stack: &'a Stack,
    /// What tells why a step did not pass.
    evidence: BTreeSet<Query>,
    id: String,
    interrupt: &'a Interrupt,
    caller: Caller<'a>,
    started: Instant,
}

/// A rehearsal that has ended.
pub struct Finished {
    /// Its record.
    pub record: Record,
    /// Its folder.
    pub folder: Folder,
    /// The cluster, where another run can go on with it.
    pub cluster: Option<SharedCluster>,
}

/// Rehearses once, with faults planted after each step where there are some. Signals are caught from when all is known to
/// be there.
///
/// # Errors
/// What the user asked for and cannot be done, or what is missing; what happens to the cluster is in the record.
pub async fn once(
    options: &RunOptions,
    planting: Option<&Planting>,
    caller: Caller<'_>,
) -> Result<Finished> {
    let prepared = options.prepare()?;
    let id = run_id(Timestamp::now(), std::process::id());
    let out = options.folder(&id);
    Folder::refuse_used(&out)?;
    let started = Instant::now();
    let needed = look(options, &prepared, &id, true, caller).await?;
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    let begun = Begun {
        options,
        prepared: &prepared,
        id,
        started,
        planting,
    };
    let rehearsal = begun.rehearse(needed, &out, Handover::default(), &interrupt, caller);
    tokio::select! {
        ended = rehearsal => ended,
        never = interrupt.listen(signals) => match never {},
    }
}

/// One rehearsal of several, in the folder that its options name.
///
/// # Errors
/// As [`once`].
pub async fn one_of_several(
    options: &RunOptions,
    prepared: &Prepared,
    handover: Handover,
    interrupt: &Interrupt,
    caller: Caller<'_>,
) -> Result<Finished> {
    let id = run_id(Timestamp::now(), std::process::id());
    let out = options.folder(&id);
    let started = Instant::now();
    let creates = handover.received.is_none();
    let needed = look(options, prepared, &id, creates, caller).await?;
    let begun = Begun {
        options,
        prepared,
        id,
        started,
        planting: None,
    };
    begun
        .rehearse(needed, &out, handover, interrupt, caller)
        .await
}

/// A rehearsal that has an id and nothing else yet.
struct Begun<'a> {
    options: &'a RunOptions,
    prepared: &'a Prepared,
    id: String,
    started: Instant,
    planting: Option<&'a Planting>,
}

impl Begun<'_> {
    /// Makes what is missing and rehearses.
    async fn rehearse(
        self,
        needed: Needed<'_>,
        out: &Path,
        handover: Handover,
        interrupt: &Interrupt,
        caller: Caller<'_>,
    ) -> Result<Finished> {
        let ready = needed.make(interrupt, caller.tell).await?;
        let catalogue = &self.prepared.repository.catalogue;
        let rehearsal = Rehearsal {
            cluster: &self.options.cluster,
            planting: self.planting,
            prepared: self.prepared,
            stack: &ready.stack,
            evidence: catalogue.evidence(self.prepared.plan.components.keys()),
            id: self.id,
            interrupt,
            caller,
            started: self.started + ready.making,
        };
        // Boxed, as it is deep in all that rehearses.
        let ended = Box::pin(rehearsal.run(out, handover)).await;
        (caller.tell)(Event::Ended);
        ended
    }
}

/// Looks what is missing for a run of this id, which makes a cluster or has one.
async fn look<'a>(
    options: &RunOptions,
    prepared: &'a Prepared,
    id: &str,
    creates: bool,
    caller: Caller<'_>,
) -> Result<Needed<'a>> {
    let cluster = cluster_name(id);
    let creates = creates && !matches!(options.cluster, ClusterChoice::Reused(_));
    let creates = creates.then_some(cluster.as_str());
    setup::look(prepared, creates, caller.agree).await
}

impl Rehearsal<'_> {
    /// Replays once, and writes all that the run's folder has.
    ///
    /// # Errors
    /// What could not be begun or written; what happened to the cluster is in the record.
    async fn run(&self, out: &Path, mut handover: Handover) -> Result<Finished> {
        let plan = &self.prepared.plan;
        (self.caller.tell)(Event::Started {
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
        let taken = match handover.received.take() {
            Some(received) => self.go_on(received, &folder).await,
            None => None,
        };
        let taken = if let Some(received) = taken {
            Ok((received.shared(), received.cluster, Some(received.noted)))
        } else {
            let cluster = self.cluster(&folder, &handover).await;
            cluster.map(|cluster| (None, cluster, None))
        };
        let (record, left) = match taken {
            Ok((shared, cluster, noted)) => {
                let took = cluster_started.elapsed();
                let on = OnCluster {
                    took,
                    folder: &folder,
                    shared,
                    noted,
                    shares: handover.shares,
                };
                self.on_cluster(cluster, on).await?
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "no cluster");
                let why = match self.interrupt.why() {
                    Some(why) => format!("{why} while the cluster was made: {error:#}"),
                    None => format!("{error:#}"),
                };
                let replayed = Replayed::from(JudgedSteps::without_cluster(
                    plan,
                    blame::class(&error),
                    &why,
                ));
                let circumstances = self
                    .circumstances(String::new(), cluster_started.elapsed(), &folder)
                    .await;
                let record =
                    assemble::record(plan, &self.stack.components, replayed, circumstances);
                reports::write(&folder, &record)?;
                (record, None)
            }
        };
        reports::append_to_step_summary(&record)?;
        Ok(Finished {
            record,
            folder,
            cluster: left,
        })
    }
}
