//! One replay on a cluster of its own, from its lock to its reports: the cluster is made or taken, the plan is replayed on
//! it, the record is written, and the cluster is taken down. What is missing for it was made before.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use rehearse_core::record::{Record, Timing};
use tokio::time::Instant;

use super::{Arguments, cluster_name, document};
use crate::commands::prepare::Prepared;
use crate::planted::Planting;
use crate::run::assemble::{self, Circumstances};
use crate::run::event::{Event, Listener};
use crate::run::folder::Folder;
use crate::run::interrupt::Interrupt;
use crate::run::lock::{self, LOCK};
use crate::run::{Replay, Replayed, machine, milliseconds, outputs, reports, timeline};
use crate::stack::Stack;
use crate::stage::{Cluster, Wanted};
use crate::{failure, log};

/// What a lease is given on top of the steps' deadlines: creating the cluster, evidence and reports.
const LEASE_RESERVE: Duration = Duration::from_mins(20);

/// How long the cluster's end may take; it takes a few seconds where it was seen.
const TEARDOWN_LIMIT: Duration = Duration::from_mins(2);

/// The same after a second signal.
const HURRIED_TEARDOWN_LIMIT: Duration = Duration::from_secs(10);

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

impl Rehearsal<'_> {
    /// Replays once, and writes all that the run's folder has.
    ///
    /// # Errors
    /// What could not be begun or written; what happened to the cluster is in the record.
    pub(super) async fn run(&self, out: &Path) -> anyhow::Result<(Record, Folder)> {
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
