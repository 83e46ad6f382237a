//! The nodes' journals as they grow: one follower for each unit and node, shared by all who wait.
//!
//! A program that the engine runs on a node outlives the connection that started it, so each wait with a follower of
//! its own would leave one behind.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures::StreamExt as _;
use tokio::sync::broadcast;
use tokio::task::JoinSet;

use super::node::Node;
use crate::stage::StageError;

/// How many lines a slow reader may be behind before it is told that it missed some.
const BACKLOG: usize = 1024;

/// One new line of a unit's journal.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The node.
    pub(crate) node: String,
    /// What the unit said; the reason where the journal can't be followed any more.
    pub(crate) message: Result<String, String>,
}

/// The followers of one cluster.
#[derive(Debug, Default)]
pub(crate) struct Journals {
    following: Mutex<Following>,
}

#[derive(Debug, Default)]
struct Following {
    units: BTreeMap<String, broadcast::Sender<Line>>,
    tasks: JoinSet<()>,
}

impl Journals {
    /// The lines of a unit on all nodes from now on. The first line that a new follower gives is the last one of the past.
    pub(crate) fn follow(
        &self,
        engine: &Docker,
        nodes: &[Node],
        unit: &str,
    ) -> broadcast::Receiver<Line> {
        let mut following = self.following();
        // A follower that has ended would never be heard of again.
        if following.tasks.try_join_next().is_some() {
            *following = Following::default();
        }
        if let Some(lines) = following.units.get(unit) {
            return lines.subscribe();
        }
        let (lines, receiver) = broadcast::channel(BACKLOG);
        for node in nodes {
            let (engine, node) = (engine.clone(), node.clone());
            let (unit, lines) = (unit.to_owned(), lines.clone());
            following
                .tasks
                .spawn(async move { follow_node(&engine, &node, &unit, &lines).await });
        }
        following.units.insert(unit.to_owned(), lines);
        receiver
    }

    /// Ends all followers.
    pub(crate) fn stop(&self) {
        self.following().tasks.abort_all();
    }

    fn following(&self) -> MutexGuard<'_, Following> {
        self.following
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows until the node is gone, and says so.
async fn follow_node(engine: &Docker, node: &Node, unit: &str, lines: &broadcast::Sender<Line>) {
    let reason = match pass_on(engine, node, unit, lines).await {
        Ok(said) if said.is_empty() => format!("journalctl of {unit} ended"),
        Ok(said) => format!("journalctl of {unit} ended: {said}"),
        Err(error) => error.to_string(),
    };
    send(lines, node, Err(reason));
}

/// Passes lines on until the program ends, and gives what it said last.
async fn pass_on(
    engine: &Docker,
    node: &Node,
    unit: &str,
    lines: &broadcast::Sender<Line>,
) -> Result<String, StageError> {
    let failed =
        |error| StageError::node(&node.name, format!("follow the journal of {unit}"), error);
    let command = [
        "journalctl",
        "--follow",
        "--lines=1",
        "--output=cat",
        "--unit",
        unit,
    ];
    let exec = engine
        .create_exec(
            &node.container,
            CreateExecOptions {
                attach_stdout: Some(true),
                attach_stderr: Some(true),
                cmd: Some(command.to_vec()),
                ..CreateExecOptions::default()
            },
        )
        .await
        .map_err(failed)?;
    let started = engine
        .start_exec(&exec.id, None::<StartExecOptions>)
        .await
        .map_err(failed)?;
    let StartExecResults::Attached { mut output, .. } = started else {
        return Ok(String::new());
    };
    let (mut rest, mut said) = (Vec::new(), String::new());
    while let Some(piece) = output.next().await {
        match piece.map_err(failed)? {
            LogOutput::StdOut { message } => rest.extend_from_slice(&message),
            other => other.to_string().trim().clone_into(&mut said),
        }
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            send(lines, node, Ok(line));
        }
    }
    Ok(said)
}

/// Nobody listens between two waits, and then a line is of no use to anybody.
fn send(lines: &broadcast::Sender<Line>, node: &Node, message: Result<String, String>) {
    let line = Line {
        node: node.name.clone(),
        message,
    };
    if lines.send(line).is_err() {
        tracing::trace!(node = node.name, "journal line without a reader");
    }
}
