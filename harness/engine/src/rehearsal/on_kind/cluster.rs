//! How a rehearsal comes to its cluster, and how it leaves it for another one.

use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use super::Rehearsal;
use crate::event::Event;
use crate::folder::Folder;
use crate::options::ClusterChoice;
use crate::prepare::Prepared;
use crate::rehearsal::id::cluster_name;
use crate::rehearsal::shared_cluster::{Handover, SharedCluster, SharedSteps};
use crate::rehearsal::teardown;
use crate::run::{Replay, Replayed};
use crate::stage::{Cluster, Wanted};

/// What a lease is given on top of the steps' deadlines: creating the cluster, evidence and reports.
const LEASE_RESERVE: Duration = Duration::from_mins(20);

impl Rehearsal<'_> {
    /// Goes on with what an earlier run left, where it is as it was left; else takes it down.
    pub(super) async fn go_on(
        &self,
        received: SharedCluster,
        folder: &Folder,
    ) -> Option<SharedCluster> {
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

    /// Makes the cluster, or takes the one that is asked for.
    pub(super) async fn cluster(&self, folder: &Folder, handover: &Handover) -> Result<Cluster> {
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
            catalogue_folder: self.prepared.repository.home.kind(),
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

    /// Notes the cluster as the shared steps left it; without it, the next run has a cluster of its own.
    pub(super) async fn noted(
        &self,
        cluster: &Cluster,
        replayed: &Replayed,
        folder: &Folder,
    ) -> Option<SharedSteps> {
        let Prepared {
            repository, plan, ..
        } = self.prepared;
        let state = repository.catalogue.state(plan.components.keys());
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

    /// Puts the cluster back for the next run, which needs nothing of the steps that are not shared.
    pub(super) async fn put_back(
        &self,
        noted: SharedSteps,
        replay: Replay<'_>,
    ) -> Option<SharedSteps> {
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
}
