//! One replay on a cluster of its own, from its lock to its reports: the cluster is made or taken, the plan is replayed on
//! it, the record is written, and the cluster is taken down. What is missing for it was made before.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rehearse_core::record::{Record, Shared, Timing};
use tokio::time::Instant;

use super::going_on::{Begun, Noted, Passing};
use super::{Arguments, cluster_name, document, teardown};
use crate::commands::prepare::Prepared;
use crate::log;
use rehearse_engine::failure;
use rehearse_engine::planted::Planting;
use rehearse_engine::run::assemble::{self, Circumstances};
use rehearse_engine::run::event::{Event, Listener};
use rehearse_engine::run::folder::Folder;
use rehearse_engine::run::interrupt::Interrupt;
use rehearse_engine::run::lock::{self, LOCK};
use rehearse_engine::run::{Replay, Replayed, machine, milliseconds, outputs, reports, timeline};
use rehearse_engine::stage::{Cluster, Wanted};
use rehearse_stack::Stack;

/// What a lease is given on top of the steps' deadlines: creating the cluster, evidence and reports.
const LEASE_RESERVE: Duration = Duration::from_mins(20);

/// One run from here on.
pub(super) struct Rehearsal<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) planting: Option<&'a Planting>,
    pub(super) prepared: &'a Prepared,
    pub(super) stack: &'a Stack,
    pub(super) id: String,
    pub(super) interrupt: &'a Interrupt,
    pub(super) tell: Listener<'a>,
    pub(super) started: Instant,
}

/// A run that has ended.
pub(in crate::commands) struct Ended {
    /// Its record.
    pub(in crate::commands) record: Record,
    /// Its folder.
    pub(in crate::commands) folder: Folder,
    /// The cluster, where another run can go on with it.
    pub(in crate::commands) begun: Option<Begun>,
}

/// What a run begins with on its cluster.
struct OnCluster<'a> {
    /// How long it took to make or to take.
    took: Duration,
    folder: &'a Folder,
    /// The steps that another run performed.
    shared: Option<Shared>,
    /// What was noted after these.
    noted: Option<Noted>,
    /// How many steps the next run has in common with this one.
    shares: Option<usize>,
}

impl Rehearsal<'_> {
    /// Replays once, and writes all that the run's folder has.
    ///
    /// # Errors
    /// What could not be begun or written; what happened to the cluster is in the record.
    pub(super) async fn run(&self, out: &Path, mut passing: Passing) -> anyhow::Result<Ended> {
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
        let taken = match passing.begun.take() {
            Some(begun) => self.go_on(begun, &folder).await,
            None => None,
        };
        let taken = if let Some(begun) = taken {
            Ok((begun.shared(), begun.cluster, Some(begun.noted)))
        } else {
            let cluster = self.cluster(&folder, &passing).await;
            cluster.map(|cluster| (None, cluster, None))
        };
        let (record, begun) = match taken {
            Ok((shared, cluster, noted)) => {
                let took = cluster_started.elapsed();
                let on = OnCluster {
                    took,
                    folder: &folder,
                    shared,
                    noted,
                    shares: passing.shares,
                };
                self.on_cluster(cluster, on).await?
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
                (record, None)
            }
        };
        reports::append_to_step_summary(&record)?;
        Ok(Ended {
            record,
            folder,
            begun,
        })
    }

    /// Goes on with what an earlier run left, where it is as it was left; else takes it down.
    async fn go_on(&self, begun: Begun, folder: &Folder) -> Option<Begun> {
        (self.tell)(Event::Doing {
            what: format!("going on with the cluster {}", begun.cluster.name()),
        });
        let started = Instant::now();
        match begun.judge(self.on(&begun.cluster, folder)).await {
            Ok(()) => {
                (self.tell)(Event::Done {
                    what: format!("cluster {} is as it was left", begun.cluster.name()),
                    took: started.elapsed(),
                });
                Some(begun)
            }
            Err(error) => {
                (self.tell)(Event::Notice {
                    text: format!("a cluster of its own is made for this run: {error:#}"),
                });
                teardown::of(begun.cluster, self.interrupt, self.tell).await;
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
            tell: self.tell,
            interrupt: self.interrupt,
            planting: self.planting,
        }
    }

    async fn cluster(&self, folder: &Folder, passing: &Passing) -> anyhow::Result<Cluster> {
        let plan = &self.prepared.plan;
        let mut stack = self.stack.clone();
        if let Some(registry) = &passing.registry {
            stack.registry_data = Some(registry.clone());
        }
        let steps: Duration = plan.steps.iter().map(|step| step.deadline).sum();
        let name = match &self.arguments.reuse {
            Some(name) => name.clone(),
            None => cluster_name(&self.id),
        };
        let wanted = Wanted {
            name: name.clone(),
            run_id: self.id.clone(),
            plan,
            stack: &stack,
            directory: folder.path().to_owned(),
            deadline: (steps + LEASE_RESERVE) * (1 + passing.later),
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

    /// Replays, and whatever comes of it: writes the record, takes the cluster down or puts it back for the next run, and
    /// writes how long that took.
    async fn on_cluster(
        &self,
        cluster: Cluster,
        on: OnCluster<'_>,
    ) -> anyhow::Result<(Record, Option<Begun>)> {
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
            if replayed.all_passed() {
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
            return written.map(|()| (record, None));
        }
        let started = Instant::now();
        let put_back = match noted {
            Some(noted) if on.shares.is_some() && self.interrupt.why().is_none() => {
                self.put_back(noted, replay).await
            }
            _ => None,
        };
        let begun = if let Some(noted) = put_back {
            Some(Begun { cluster, noted })
        } else {
            teardown::of(cluster, self.interrupt, self.tell).await;
            None
        };
        record.timing.teardown = Some(milliseconds(started.elapsed()));
        written?;
        reports::write(folder, &record)?;
        Ok((record, begun))
    }

    /// Notes the cluster as the shared steps left it; without it, the next run has a cluster of its own.
    async fn noted(
        &self,
        cluster: &Cluster,
        replayed: &Replayed,
        folder: &Folder,
    ) -> Option<Noted> {
        match Noted::now(cluster, replayed, folder, &self.id).await {
            Ok(noted) => Some(noted),
            Err(error) => {
                (self.tell)(Event::Notice {
                    text: format!("the cluster ends with this run: {error:#}"),
                });
                None
            }
        }
    }

    async fn put_back(&self, noted: Noted, replay: Replay<'_>) -> Option<Noted> {
        let name = replay.cluster.name();
        (self.tell)(Event::Doing {
            what: format!("putting the cluster {name} back"),
        });
        let started = Instant::now();
        match noted.put_back(replay).await {
            Ok(()) => {
                (self.tell)(Event::Done {
                    what: format!("cluster {name} put back for the next cell"),
                    took: started.elapsed(),
                });
                Some(noted)
            }
            Err(error) => {
                (self.tell)(Event::Notice {
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
            command: format!(
                "{} --locked {}{}",
                self.arguments.selection.command(&self.prepared.plan),
                folder.path().join(LOCK).display(),
                document::option(self.prepared.document.as_ref())
            ),
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
