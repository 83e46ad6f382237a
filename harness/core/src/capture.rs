//! What one run saw, word for word and step by step: enough to judge it again without a cluster.
//!
//! It holds raw outputs and nothing that was concluded from them. [`play`] judges them with a plan's checks as a run
//! would. Nothing here reads or writes a file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::catalogue::Source;
use crate::judge::{Look, Unfetched};
use crate::query::{Output, Query};
use crate::record::Component;
use crate::scenario::{Cluster, Document, Nodes};

mod answer;
mod believed;
mod file;
mod fit;
mod fold;
mod keep;
mod play;
mod selector;
mod stale;
mod state;
#[cfg(test)]
mod tests;
mod trim;

pub use file::{LARGEST, LARGEST_UNPACKED, ReadError};
pub use keep::{keep, sha256};
pub use play::{play, unanswered};
pub use stale::Answers;

/// The version of the capture's form.
pub const FORMAT: u32 = 2;

/// The forms that are read: one without [`CapturedStep::others`] is a capture all the same.
const READABLE: std::ops::RangeInclusive<u32> = 1..=FORMAT;

/// The raw outputs of one real run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Capture {
    /// [`FORMAT`], or one before it.
    pub format: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The document that was replayed.
    pub document: Document,
    /// Where components came from.
    pub source: Source,
    /// How many nodes the cluster had.
    pub nodes: Nodes,
    /// The cluster's address ranges.
    pub cluster: Cluster,
    /// The components that ran, as the run's record names them.
    pub components: Vec<Component>,
    /// The steps that were performed, in order.
    pub steps: Vec<CapturedStep>,
}

/// What was seen in one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CapturedStep {
    /// Its id.
    pub id: String,
    /// When it began.
    pub started: Timestamp,
    /// What was done, a line each.
    pub acts: Vec<String>,
    /// The sha256 of each act with the text of its file: what tells whether a scenario still does the same.
    pub act_digests: Vec<String>,
    /// The last raw outputs of each query of the step's checks, sorted by query.
    pub looks: Vec<CapturedLook>,
    /// The outputs of what else the program knows to ask, sorted by query: for checks that are written later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<CapturedLook>,
    /// The checks that had seen something else before, where that makes a difference; sorted by their sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<CapturedCheck>,
}

/// What one check saw that got its verdict before the step's last looks. It is judged on this alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CapturedCheck {
    /// The check's sentence.
    pub that: String,
    /// What it saw, sorted by query.
    pub looks: Vec<CapturedLook>,
}

/// The last raw outputs of one query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CapturedLook {
    /// What was asked.
    pub query: Query,
    /// What was answered, sorted by subject.
    pub outputs: Vec<Output>,
    /// Why nothing was answered, where fetching it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfetched: Option<Unfetched>,
    /// The step whose output of the same query each of these goes on after: only in a file, where what a log or a list
    /// had before is not written again. The outputs are whole once a capture is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl CapturedLook {
    /// A query that was answered.
    pub fn of(query: Query, outputs: Vec<Output>) -> Self {
        Self {
            query,
            outputs,
            unfetched: None,
            after: None,
        }
    }
}

impl Capture {
    /// The versions that ran, by component; one that is not a version is left out.
    pub fn versions(&self) -> BTreeMap<String, Version> {
        let versions = self.components.iter();
        versions
            .filter_map(|component| {
                let version = component.version.parse().ok()?;
                Some((component.name.clone(), version))
            })
            .collect()
    }

    /// A step by its id.
    pub fn step(&self, id: &str) -> Option<&CapturedStep> {
        self.steps.iter().find(|step| step.id == id)
    }
}

impl CapturedStep {
    /// What one check saw: what it had seen before where that is kept, else the step's last outputs.
    pub fn look(&self, that: &str, queries: &[Query]) -> Look {
        let own = self.earlier.iter().find(|check| check.that == that);
        let own = own.map(|check| check.looks.as_slice()).unwrap_or_default();
        let mut look = Look::default();
        for query in queries {
            let before = own.iter().find(|look| look.query == *query);
            let answer = before.map(CapturedLook::answer);
            let answer = answer.or_else(|| self.answer(query)).unwrap_or_else(|| {
                Err(Unfetched::NotKept {
                    why: format!("the capture has no output of {query}"),
                })
            });
            look.insert(query.clone(), answer);
        }
        look
    }
}
