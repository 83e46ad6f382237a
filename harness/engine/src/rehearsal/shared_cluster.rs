//! A cluster that goes on from one cell of a matrix to the next, with the steps that both have in common.
//!
//! What a cell did after these steps is undone at its end. The next one goes on only where the nodes are as they were, and
//! the last of these steps, judged anew, has the same facts; else it is given a cluster of its own.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use jiff::Timestamp;
use rehearse_core::catalogue::State;
use rehearse_core::record::{Outcome, Shared};
use tokio::time::Instant;

use crate::folder::{self, Folder};
use crate::run::node_state::NodeState;
use crate::run::{Replay, Replayed, step_folder};
use crate::stage::Cluster;

/// How long undoing what a cell did may take; a new cluster takes about as long.
const LIMIT: Duration = Duration::from_mins(1);

/// The folders of a run that have a file or a folder for each step.
const FOLDERS: [&str; 2] = ["outputs", "evidence"];

/// How a run comes by its cluster, and what becomes of it.
#[derive(Default)]
pub struct Handover {
    /// What an earlier run left; none where this one makes its own cluster.
    pub received: Option<SharedCluster>,
    /// How many steps the next run has in common with this one; none where the cluster ends with this run.
    pub shares: Option<usize>,
    /// How many runs come after this one on the same cluster.
    pub later: u32,
    /// A registry's contents with the images of all these runs, where this run makes the cluster for others too.
    pub registry: Option<PathBuf>,
}

/// A cluster as its first steps left it.
pub struct SharedCluster {
    pub(super) cluster: Cluster,
    /// What was noted after them.
    pub(super) noted: SharedSteps,
}

/// What is noted after the steps that are shared.
pub(super) struct SharedSteps {
    /// What came of these steps.
    replayed: Replayed,
    /// The nodes after them.
    nodes: NodeState,
    /// When they had been performed.
    since: Timestamp,
    /// The folder of the run that performed them.
    folder: PathBuf,
    /// Its id.
    run: String,
}

impl SharedSteps {
    /// Notes the cluster as it is.
    ///
    /// # Errors
    /// With the node that does not say what is on it.
    pub(super) async fn now(
        cluster: &Cluster,
        state: State,
        replayed: &Replayed,
        folder: &Folder,
        run: &str,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            nodes: NodeState::now(cluster, state).await?,
            replayed: replayed.clone(),
            since: Timestamp::now(),
            folder: folder.path().to_owned(),
            run: run.to_owned(),
        })
    }

    /// What came of the steps, for a run that goes on after them: when they were performed is the other run's.
    pub(super) fn replayed(&self) -> Replayed {
        let mut replayed = self.replayed.clone();
        replayed.marks.clear();
        replayed
    }

    /// Undoes what the replay did since, so that another one can go on.
    ///
    /// # Errors
    /// What cannot be undone.
    pub(super) async fn put_back(&self, replay: Replay<'_>) -> anyhow::Result<()> {
        let number = self.replayed.judged.steps.len();
        replay
            .undo(number, self.since, Instant::now() + LIMIT)
            .await?;
        self.nodes.put_back(replay.cluster).await
    }
}

impl SharedCluster {
    /// Judges the last of the steps anew, and takes what was kept of all of them into the run's folder.
    ///
    /// # Errors
    /// Where its checks or facts are not what they were.
    pub(super) async fn judge(&self, replay: Replay<'_>) -> anyhow::Result<()> {
        let number = self.noted.replayed.judged.steps.len();
        let (Some(recorded), Some(planned)) = (
            self.noted.replayed.judged.steps.last(),
            replay.plan.steps.get(number - 1),
        ) else {
            bail!("failed to go on: no step was performed");
        };
        let again = replay.judge_again(planned).await;
        if again.outcome != Outcome::Passed {
            bail!(
                "failed to see {} as it was left: {:?}",
                again.id,
                again.outcome
            );
        }
        for (was, is) in recorded.checks.iter().zip(&again.checks) {
            if was != is {
                bail!(
                    "failed to see {} as it was left: the facts of '{}' differ",
                    again.id,
                    is.that
                );
            }
        }
        for (index, step) in self.noted.replayed.judged.steps.iter().enumerate() {
            let name = step_folder(index + 1, &step.id);
            for folder in FOLDERS {
                let kept = self.noted.folder.join(folder);
                let into = replay.folder.path().join(folder);
                folder::copy(&kept.join(&name), &into.join(&name))?;
                let file = format!("{name}.json");
                folder::copy(&kept.join(&file), &into.join(&file))?;
            }
        }
        Ok(())
    }

    /// What the record says of it.
    pub(super) fn shared(&self) -> Option<Shared> {
        let until = self.noted.replayed.judged.steps.last()?.id.clone();
        Some(Shared {
            until,
            run: self.noted.run.clone(),
        })
    }
}
