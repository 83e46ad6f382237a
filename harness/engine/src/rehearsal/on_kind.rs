//! One replay on a cluster of its own, from its lock to its reports: the cluster is made or taken, the plan is replayed on
//! it, the record is written, and the cluster is taken down. What is missing for it was made before.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use rehearse_core::judge::JudgedSteps;
use rehearse_core::query::Query;
use rehearse_core::record::{Record, Shared, Timing, milliseconds};
use rehearse_stack::Stack;
use tokio::time::Instant;

use super::id::{cluster_name, run_id};
use super::shared_cluster::{Handover, SharedCluster, SharedSteps};
use super::{log, teardown};
use crate::blame;
use crate::event::Event;
use crate::folder::Folder;
use crate::interrupt::{Interrupt, Signals};
use crate::lock::{self, LOCK};
use crate::machine;
use crate::options::{Caller, ClusterChoice, RunOptions};
use crate::planted::Planting;
use crate::prepare::Prepared;
use crate::run::assemble::{self, Circumstances};
use crate::run::{Replay, Replayed, outputs, reports, timeline};
use crate::setup::{self, Needed};
use crate::stage::{Cluster, Wanted};

/// What a lease is given on top of the steps' deadlines: creating the cluster, evidence and reports.
const LEASE_RESERVE: Duration = Duration::from_mins(20);

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
        let catalogue = &self.prepared.catalogue;
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

/// What a run begins with on its cluster.
struct OnCluster<'a> {
    /// How long it took to make or to take.
    took: Duration,
    folder: &'a Folder,
    /// The steps that another run performed.
    shared: Option<Shared>,
    /// What was noted after these.
    noted: Option<SharedSteps>,
    /// How many steps the next run has in common with this one.
    shares: Option<usize>,
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

    /// Goes on with what an earlier run left, where it is as it was left; else takes it down.
    async fn go_on(&self, received: SharedCluster, folder: &Folder) -> Option<SharedCluster> {
        (self.caller.tell)(Event::Doing {
            what: format!("going on with the cluster {}", received.cluster.name()),
        });
        let started = Instant::now();
        match received.judge(self.on(&received.cluster, folder)).await {
            Ok(()) => {
                (self.caller.tell)(Event::Done {
                    what: format!("cluster {} is as it was left", received.cluster.name()),
                    took: started.elapsed(),
                });
                Some(received)
            }
            Err(error) => {
                (self.caller.tell)(Event::Notice {
                    text: format!("a cluster of its own is made for this run: {error:#}"),
                });
                teardown::of(received.cluster, self.interrupt, self.caller.tell).await;
                None
            }
        }
    }

    fn on<'b>(&'b self, cluster: &'b Cluster, folder: &'b Folder) -> Replay<'b> {
        Replay {
            messages: &self.prepared.messages,
            plan: &self.prepared.plan,
            cluster,
            stack: self.stack,
            folder,
            tell: self.caller.tell,
            evidence: &self.evidence,
            interrupt: self.interrupt,
            planting: self.planting,
        }
    }

    async fn cluster(&self, folder: &Folder, handover: &Handover) -> Result<Cluster> {
        let plan = &self.prepared.plan;
        let mut stack = self.stack.clone();
        if let Some(registry) = &handover.registry {
            stack.registry_data = Some(registry.clone());
        }
        let steps: Duration = plan.steps.iter().map(|step| step.deadline).sum();
        let name = match self.cluster {
            ClusterChoice::Reused(name) => name.clone(),
            ClusterChoice::OfItsOwn | ClusterChoice::Kept => cluster_name(&self.id),
        };
        let wanted = Wanted {
            name: name.clone(),
            run_id: self.id.clone(),
            plan,
            stack: &stack,
            directory: folder.path().to_owned(),
            deadline: (steps + LEASE_RESERVE) * (1 + handover.later),
            catalogue_folder: self.prepared.home.kind(),
            keep: *self.cluster == ClusterChoice::Kept,
        };
        let started = Instant::now();
        let cluster = if matches!(self.cluster, ClusterChoice::Reused(_)) {
            (self.caller.tell)(Event::Doing {
                what: format!("taking the cluster {name}"),
            });
            Cluster::reuse(&name, wanted).await?
        } else {
            (self.caller.tell)(Event::Doing {
                what: format!("creating the cluster {name}"),
            });
            let progress = |what: &str| {
                (self.caller.tell)(Event::Doing {
                    what: what.to_owned(),
                });
            };
            Cluster::create(wanted, self.interrupt.token(), &progress).await?
        };
        (self.caller.tell)(Event::Done {
            what: format!("cluster {name} with {} nodes", cluster.nodes().len()),
            took: started.elapsed(),
        });
        Ok(cluster)
    }

    /// Replays, and whatever comes of it: writes the record, takes the cluster down or puts it back for the next run, and
    /// writes how long that took.
    async fn on_cluster(
        &self,
        cluster: Cluster,
        on: OnCluster<'_>,
    ) -> Result<(Record, Option<SharedCluster>)> {
        let OnCluster { folder, took, .. } = on;
        let plan = &self.prepared.plan;
        let replay = self.on(&cluster, folder);
        let mut noted = on.noted;
        let mut replayed = match &noted {
            Some(noted) => noted.replayed(),
            None => Replayed::default(),
        };
        if let (None, Some(number)) = (&noted, on.shares) {
            replayed = replay.run(replayed, number).await;
            if replayed.judged.all_passed() {
                noted = self.noted(&cluster, &replayed, folder).await;
            }
        }
        let mut replayed = replay.run(replayed, plan.steps.len()).await;
        let marks = std::mem::take(&mut replayed.marks);
        let mut circumstances = self
            .circumstances(cluster.name().to_owned(), took, folder)
            .await;
        circumstances.shared = on.shared;
        let last_words = tokio::select! {
            () = self.interrupt.hurry().cancelled() => None,
            ((moments, missing), facts) = async {
                futures::join!(timeline::of(&cluster, marks), cluster.facts())
            } => Some((moments, missing, facts)),
        };
        if let Some((moments, missing, facts)) = last_words {
            // What was before belongs to the run that performed the shared steps.
            let from = circumstances
                .shared
                .as_ref()
                .map(|_| circumstances.timing.started.clone());
            circumstances.timeline = moments;
            circumstances
                .timeline
                .retain(|moment| from.as_ref().is_none_or(|from| moment.at >= *from));
            for text in missing {
                (self.caller.tell)(Event::Notice {
                    text: format!("the timeline is not complete: {text}"),
                });
            }
            match facts {
                Ok(facts) => circumstances.node_facts = facts,
                Err(error) => (self.caller.tell)(Event::Notice {
                    text: format!("the nodes' facts are not in the record: {error:#}"),
                }),
            }
        }
        let mut record = assemble::record(plan, &self.stack.components, replayed, circumstances);
        // Before the teardown: whatever happens to that, the record is there.
        let written = reports::write(folder, &record)
            .and_then(|()| outputs::keep_head(folder, plan, &record));
        if self.cluster.is_left() {
            (self.caller.tell)(Event::Notice {
                text: format!(
                    "the cluster {} is kept: KUBECONFIG={} kubectl get nodes; `rehearse cluster down {0}` removes it",
                    cluster.name(),
                    cluster.kubeconfig().display()
                ),
            });
            cluster.leave();
            return written.map(|()| (record, None));
        }
        let started = Instant::now();
        let put_back = match noted {
            Some(noted) if on.shares.is_some() && self.interrupt.why().is_none() => {
                self.put_back(noted, replay).await
            }
            _ => None,
        };
        let left = if let Some(noted) = put_back {
            Some(SharedCluster { cluster, noted })
        } else {
            teardown::of(cluster, self.interrupt, self.caller.tell).await;
            None
        };
        record.timing.teardown = Some(milliseconds(started.elapsed()));
        written?;
        reports::write(folder, &record)?;
        Ok((record, left))
    }

    /// Notes the cluster as the shared steps left it; without it, the next run has a cluster of its own.
    async fn noted(
        &self,
        cluster: &Cluster,
        replayed: &Replayed,
        folder: &Folder,
    ) -> Option<SharedSteps> {
        let Prepared {
            catalogue, plan, ..
        } = self.prepared;
        let state = catalogue.state(plan.components.keys());
        match SharedSteps::now(cluster, state, replayed, folder, &self.id).await {
            Ok(noted) => Some(noted),
            Err(error) => {
                (self.caller.tell)(Event::Notice {
                    text: format!("the cluster ends with this run: {error:#}"),
                });
                None
            }
        }
    }

    async fn put_back(&self, noted: SharedSteps, replay: Replay<'_>) -> Option<SharedSteps> {
        let name = replay.cluster.name();
        (self.caller.tell)(Event::Doing {
            what: format!("putting the cluster {name} back"),
        });
        let started = Instant::now();
        match noted.put_back(replay).await {
            Ok(()) => {
                (self.caller.tell)(Event::Done {
                    what: format!("cluster {name} put back for the next cell"),
                    took: started.elapsed(),
                });
                Some(noted)
            }
            Err(error) => {
                (self.caller.tell)(Event::Notice {
                    text: format!("the cluster {name} ends with this run: {error:#}"),
                });
                None
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
            command: (self.caller.again)(self.prepared, &folder.path().join(LOCK)),
            home: Some(self.prepared.home.origin()),
            document: self.prepared.document.clone(),
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
