//! What a rehearsal does on its cluster: replays, writes the record, and gives the cluster up.

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use rehearse_core::record::{Record, Shared, Timing, milliseconds};
use tokio::time::Instant;

use super::Rehearsal;
use crate::event::Event;
use crate::folder::Folder;
use crate::lock::LOCK;
use crate::machine;
use crate::rehearsal::shared_cluster::{SharedCluster, SharedSteps};
use crate::rehearsal::teardown;
use crate::run::assemble::{self, Circumstances};
use crate::run::{Replay, Replayed, outputs, reports, timeline};
use crate::stage::Cluster;

/// What a run begins with on its cluster.
pub(super) struct OnCluster<'a> {
    /// How long it took to make or to take.
    pub(super) took: Duration,
    /// Where its files go.
    pub(super) folder: &'a Folder,
    /// The steps that another run performed.
    pub(super) shared: Option<Shared>,
    /// What was noted after these.
    pub(super) noted: Option<SharedSteps>,
    /// How many steps the next run has in common with this one.
    pub(super) shares: Option<usize>,
}

impl Rehearsal<'_> {
    /// Replays, and whatever comes of it: writes the record, takes the cluster down or puts it back for the next run, and
    /// writes how long that took.
    pub(super) async fn on_cluster(
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

    pub(super) fn on<'b>(&'b self, cluster: &'b Cluster, folder: &'b Folder) -> Replay<'b> {
        Replay {
            messages: &self.prepared.repository.messages,
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

    /// What is known of the run besides what it replayed.
    pub(super) async fn circumstances(
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
            home: Some(self.prepared.repository.home.origin()),
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
