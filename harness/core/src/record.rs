//! The one result object; every report is a pure function of it.
//!
//! The canonical part holds inputs, facts and verdicts and is byte-identical for two runs of the same versions. Times,
//! generated names and word-for-word values are in the other parts.

mod canonical;
pub mod compare;
mod document;
pub(crate) mod order;
pub mod recheck;
pub mod repeat;
mod state;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalogue::Source;
use crate::check::{Detail, Fact, Failure};
use crate::problem::Location;
use crate::scenario::{Document, DocumentLines, Nodes};

pub use canonical::ReadError;
pub use document::{DocumentCoverage, DocumentFinding, DocumentUnderTest, Severity};
pub use state::{State, Tally};
pub use verdict::Verdict;

/// The version of the record's form.
pub const FORMAT: u32 = 1;

/// The stage on which nothing is started.
pub const CAPTURE: &str = "capture";

/// What blocks a step that a capture cannot answer.
pub const THE_CAPTURE: &str = "the capture";

/// What blocks a step that the captured run did not reach: it had ended before, as one does where an act fails.
pub const THE_CAPTURES_END: &str = "the end of the captured run";

/// All that a run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Record {
    /// [`FORMAT`].
    pub format: u32,
    /// Inputs, facts and verdicts.
    pub canonical: Canonical,
    /// What is found in the document's text; none where the run was given no document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentUnderTest>,
    /// How long everything took.
    pub timing: Timing,
    /// What is true of this one run only.
    pub run: Run,
}

/// What two runs of the same versions have in common, to the byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Canonical {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's title.
    pub title: String,
    /// The document.
    pub document: Document,
    /// `kind` or `capture`.
    pub stage: String,
    /// What was played, on the stage `capture`; none where no capture fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<Played>,
    /// Where components come from.
    pub source: Source,
    /// How many nodes.
    pub nodes: Nodes,
    /// Every component, sorted by name.
    pub components: Vec<Component>,
    /// Every step of the plan, in order, also those that were not reached.
    pub steps: Vec<Step>,
}

/// The capture whose outputs were judged: nothing was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Played {
    /// Its name, such as `calico-3.28.4_multus-4.2.1`.
    pub name: String,
    /// Of the file as it is stored, in lower-case hex.
    pub sha256: String,
}

/// One component of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Component {
    /// Its name in the catalogue.
    pub name: String,
    /// The version that ran.
    pub version: String,
    /// Who chose this version and why; none where nobody asked for any.
    pub reason: Option<String>,
    /// What it was made from: a module and version, an image reference, a package.
    pub origin: String,
    /// Image or content digests by reference or program name.
    pub digests: BTreeMap<String, String>,
    /// What is not the upstream artefact, such as an entrypoint of ours.
    pub notes: Vec<String>,
}

/// One step's outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// Its id.
    pub id: String,
    /// What holds afterwards.
    pub title: String,
    /// The document's lines.
    pub document: Option<DocumentLines>,
    /// What was done, a line each.
    pub acts: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Its checks, in order.
    pub checks: Vec<Check>,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Outcome {
    /// Every check that is meant for these versions passed, and there was at least one.
    Passed,
    /// A check failed.
    Failed,
    /// An earlier step left the cluster in another state than this one starts from, or the capture cannot answer.
    Blocked {
        /// That step, [`THE_CAPTURE`] or [`THE_CAPTURES_END`].
        by: String,
        /// What the capture lacks; none where a step says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// It was not asked for.
    Skipped {
        /// Why.
        why: String,
    },
    /// It could not be found out.
    Broken {
        /// Whose fault that is.
        class: Class,
        /// What happened, with its subject.
        why: String,
    },
}

/// Whose fault it is that something could not be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// This program.
    Harness,
    /// The machine: engine, disk, memory, a signal.
    Machine,
    /// The cluster: API server or node that does not answer, an act that it refused.
    Cluster,
}

/// One check's verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    /// The short sentence; the key in its step.
    pub that: String,
    /// The rule's kind, such as `pod-routes`.
    pub kind: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen, normalised.
    pub facts: BTreeSet<Fact>,
    /// What a reader should know although nothing failed.
    pub remarks: BTreeSet<String>,
}

/// How long everything took. Times are RFC 3339, durations milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Timing {
    /// When the run began.
    pub started: String,
    /// From the first look at the machine to the last check.
    pub total: u64,
    /// Until the cluster was there.
    pub cluster: u64,
    /// Tearing the cluster down.
    pub teardown: Option<u64>,
    /// By step id.
    pub steps: BTreeMap<String, StepTiming>,
}

/// A duration as the record holds it, in milliseconds.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How long one step took, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepTiming {
    /// When it began.
    pub started: String,
    /// In all.
    pub total: u64,
    /// Its acts.
    pub acts: u64,
    /// By check: until it was true, or given up.
    pub checks: BTreeMap<String, u64>,
}

/// What is true of this one run only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Run {
    /// The run's id.
    pub id: String,
    /// The cluster's name.
    pub cluster: String,
    /// How to do the same again.
    pub command: String,
    /// Where the catalogue and the scenarios were taken from: `checkout PATH`, or `program SHA256` where the program carried
    /// them; none where nothing of them was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// The machine: `kernel`, `engine`, `storage-driver`, `cgroup`, `processors`, `memory`, ...
    pub machine: BTreeMap<String, String>,
    /// Node name to its facts: `kubelet`, `runtime`, `address`, `operating-system`, ...
    pub node_facts: BTreeMap<String, BTreeMap<String, String>>,
    /// Failures by step id and check.
    pub failures: BTreeMap<String, BTreeMap<String, Vec<Failure>>>,
    /// Details by step id and check.
    pub details: BTreeMap<String, BTreeMap<String, Vec<Detail>>>,
    /// Where the scenario writes each step, by step id; none in records of programs that did not keep it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locations: BTreeMap<String, StepLocations>,
    /// API events, the runtime's journal and configuration changes, merged by time.
    pub timeline: Vec<Moment>,
    /// Retries that the machine needed (a pull, a port), a line each; never of a check.
    pub retries: Vec<String>,
    /// Evidence files by step id, relative to the run's folder.
    pub evidence: BTreeMap<String, Vec<String>>,
    /// The steps that were not performed by this run, but once for several cells of a matrix; none where it performed
    /// all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Shared>,
}

/// Where the scenario that was run writes a step. An edit above it moves all of it, so that it is no canonical part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepLocations {
    /// The step itself.
    pub step: Location,
    /// Its checks, by their sentence.
    pub checks: BTreeMap<String, Location>,
}

/// Steps that an earlier run performed, on the cluster that this one went on with after what else it had done was undone
/// and the last of these steps was judged anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shared {
    /// The last of these steps.
    pub until: String,
    /// The id of the run that performed them.
    pub run: String,
}

impl Shared {
    /// What a report says of it, as one sentence without a full stop.
    pub fn sentence(&self) -> String {
        format!(
            "the steps up to {} were performed once for several cells, by run {}; what its later steps did was undone, and {0} judged anew",
            self.until, self.run
        )
    }
}

/// One moment on the timeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Moment {
    /// RFC 3339 with microseconds, UTC.
    pub at: String,
    /// `step`, `event`, `crio` or `configuration`.
    pub source: String,
    /// The node or object.
    pub subject: String,
    /// What happened.
    pub text: String,
}

impl Record {
    /// Where the scenario writes a step, or a check of it; where a check's own place is not known, its step's.
    pub fn location(&self, step: &Step, check: Option<&Check>) -> Option<&Location> {
        let locations = self.run.locations.get(&step.id)?;
        let own = check.and_then(|check| locations.checks.get(&check.that));
        own.or(Some(&locations.step))
    }

    /// The exit code of the run: 0 all passed, 1 a check failed, 3 it could not be found out. No step that passed, or a
    /// step that was never reached, is never a pass.
    pub fn exit_code(&self) -> u8 {
        let any = |is: fn(&Outcome) -> bool| {
            let steps = &self.canonical.steps;
            steps.iter().any(|step| is(&step.outcome))
        };
        if any(|outcome| matches!(outcome, Outcome::Failed)) {
            1
        } else if any(|outcome| matches!(outcome, Outcome::Broken { .. } | Outcome::Blocked { .. }))
        {
            3
        } else if any(|outcome| matches!(outcome, Outcome::Passed)) {
            0
        } else {
            3
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
