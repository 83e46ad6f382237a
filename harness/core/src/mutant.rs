//! Mutants: one fact of a capture's raw output changed at the place where it stands, to see whether a check notices.
//!
//! Here is what all makers of mutants share. A maker stands beside the parser of what it changes, and knows nothing of how
//! a check judges; what a check says must be absent is put there, and no more. Which checks notice is for [`crate::coverage`].

use std::fmt;

use serde::Serialize;
use strum::IntoStaticStr;

use crate::query::Query;

pub(crate) mod address;
mod edit;
mod pointer;
mod site;
mod surroundings;

pub(crate) use edit::{Edit, Original};
pub(crate) use pointer::{array, escape, text};
pub(crate) use site::{FactId, Site, first_half};
pub(crate) use surroundings::{Pod, Surroundings, full_name};

/// What kind of fact is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum FactKind {
    /// An address or an interface of a pod or a node, and `status.podIP`.
    Address,
    /// A route.
    Route,
    /// An annotation of a pod or a node.
    Annotation,
    /// `network-status`, entry by entry.
    NetworkStatus,
    /// Which files and plugins there are.
    File,
    /// What a CNI configuration says.
    Configuration,
    /// A CNI result that the runtime keeps.
    Result,
    /// A host-local lease.
    Lease,
    /// A Calico IPAM block.
    Block,
    /// How much of something is ready.
    Readiness,
    /// A version.
    Version,
    /// Any other word of an API object about itself.
    Status,
    /// An event.
    Event,
    /// A line of a log or of what a program prints.
    Line,
    /// A line of CRI-O's journal.
    Journal,
    /// A bridge or its port.
    Link,
    /// A connection that was tried.
    Connection,
    /// A whole output.
    Output,
}

impl FactKind {
    /// The name as tables and JSON write it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One changed fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    /// The kind of fact.
    pub kind: FactKind,
    /// The fact's stable key, such as `routes.gateway`; one of [`crate::observation::known_facts`].
    pub fact: &'static str,
    /// Whose fact it is, such as `pod default/normal-5b6fc64bd8-9xq6c: default dev net1`.
    pub subject: String,
    /// What was done to it, such as `other gateway`.
    pub mutation: &'static str,
    /// Which of the step's looks.
    pub(crate) look: usize,
    /// Which of the look's outputs.
    pub(crate) output: usize,
    /// What is changed there.
    pub(crate) edit: Edit,
}

/// `fact / subject / mutation`; with the step before it, unique in a capture.
impl fmt::Display for Mutant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} / {} / {}",
            self.fact, self.subject, self.mutation
        )
    }
}

/// What makes the mutants of one kind of output.
pub(crate) struct Maker {
    /// The keys of the facts that it changes.
    pub(crate) facts: &'static [&'static str],
    /// Makes those of one output; false where such an output is not its own.
    pub(crate) make: fn(&mut Site<'_>, &Query) -> bool,
}
