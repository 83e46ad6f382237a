//! What is wrong in a cluster while something is waited for: each trouble with who needs whom, so that the cause is named
//! before its consequences, and whether anything that is under way could still mend it.
//!
//! The order is that in which a pod comes to run: the node's resources → pods in the node's own network (their images,
//! then their containers) → the network plugin's DaemonSet → the node's readiness → sandboxes → pods with a network of
//! their own → what an operator says of all that. It fetches nothing, and judges no check.

use std::fmt;

use crate::check::Failure;
use crate::redaction::Redacted;

mod container;
mod message;
mod node;
mod operator;
mod plugin;
mod sandbox;
mod situation;
#[cfg(test)]
mod tests;

pub use message::{Ending, KnownMessage, KnownMessages};
pub use situation::Situation;

/// Where in the order of who needs whom a trouble stands: what comes first is the cause of what comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A node's disk, memory or processes.
    NodeResources,
    /// The image of a pod in its node's own network, such as calico-node's or Typha's.
    HostImage,
    /// A container of such a pod that does not stay up.
    HostContainer,
    /// An operator that cannot make the network plugin.
    PluginNotMade,
    /// A network plugin's DaemonSet that is not ready.
    PluginNotReady,
    /// A node that is not ready.
    NodeNotReady,
    /// A sandbox that cannot be made.
    Sandbox,
    /// The image of a pod with a network of its own.
    PodImage,
    /// A container of such a pod.
    PodContainer,
    /// An API that an aggregated server serves.
    Api,
    /// What an operator says of a component that is not as it should be.
    OperatorStatus,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where it stands among the others.
    pub level: Level,
    /// Whom it is about, such as `pod calico-system/calico-node-x7k2p` or `node doc-worker`.
    pub subject: String,
    /// A word for it, such as `ErrImagePull` or `DiskPressure`.
    pub reason: String,
    /// What is said of it.
    pub message: String,
    /// The container that ended and whose last words tell more.
    pub ended: Option<EndedContainer>,
    /// Whether nothing that is under way could mend it.
    pub is_hopeless: bool,
}

/// A container that ended, by what a log is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndedContainer {
    /// Its pod's namespace.
    pub namespace: String,
    /// Its pod.
    pub pod: String,
    /// Its name.
    pub container: String,
    /// Whether it has been started again since, so that its log is the one of before.
    pub was_restarted: bool,
}

impl fmt::Display for Trouble {
    /// One line: `CrashLoopBackOff of pod calico-system/calico-node-x7k2p: container calico-node ended with exit code 1`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.reason, self.subject)?;
        if self.message.is_empty() {
            return Ok(());
        }
        write!(formatter, ": {}", self.message)
    }
}

/// All that is wrong, the cause first.
pub fn troubles(situation: &Situation) -> Vec<Trouble> {
    let mut troubles = node::resources(situation);
    troubles.extend(container::troubles(situation));
    troubles.extend(plugin::not_ready(situation));
    troubles.extend(node::not_ready(situation));
    troubles.extend(sandbox::troubles(situation));
    troubles.extend(operator::troubles(situation));
    troubles.sort_by(|left, right| {
        let place = |trouble: &Trouble| (trouble.level, !trouble.is_hopeless);
        place(left)
            .cmp(&place(right))
            .then_with(|| left.subject.cmp(&right.subject))
    });
    troubles
}

/// The trouble that makes waiting vain; none where there is hope. Its cause is the first of [`troubles`].
pub fn hopeless(troubles: &[Trouble]) -> Option<&Trouble> {
    troubles.iter().find(|trouble| trouble.is_hopeless)
}

/// How many of the later troubles are told beside the cause.
const CONSEQUENCES: usize = 4;

/// The cause as a report tells it, with the last words of the container that ended and the first of what follows from it;
/// none where there is no trouble.
pub fn cause(troubles: &[Trouble], last_words: Option<&Redacted>) -> Option<Failure> {
    let (cause, consequences) = troubles.split_first()?;
    let mut why = Vec::new();
    if let Some(words) = last_words
        .map(|words| words.trim())
        .filter(|words| !words.is_empty())
    {
        let lines: Vec<&str> = words.lines().map(str::trim_end).collect();
        why.push(format!("its last words: {}", lines.join(" | ")));
    }
    let told: Vec<String> = consequences
        .iter()
        .take(CONSEQUENCES)
        .map(ToString::to_string)
        .collect();
    if !told.is_empty() {
        let more = consequences.len() - told.len();
        let more = if more > 0 {
            format!("; and {more} more")
        } else {
            String::new()
        };
        why.push(format!("then: {}{more}", told.join("; ")));
    }
    if why.is_empty() {
        why.push("nothing else is wrong".to_owned());
    }
    let observed = if cause.message.is_empty() {
        cause.reason.clone()
    } else {
        format!("{}: {}", cause.reason, cause.message)
    };
    Some(Failure {
        subject: cause.subject.clone(),
        expected: "nothing in the way of what is waited for".to_owned(),
        observed,
        why: why.join("; "),
    })
}
