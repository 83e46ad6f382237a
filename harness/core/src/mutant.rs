//! Mutants on captures: one fact of a raw output changed at the place where it stands, to see whether a check notices.
//!
//! A capture of a good run is green. For each typed fact of it there are mutants by the fact's type, one change each, so
//! that each witness is changed alone. Which checks turn red for which of them shows that a check can fail, and that a
//! fact is watched. Nothing here knows how a check judges; what a check says must be absent is put there, and no more.

use std::fmt;

use serde::Serialize;

mod address;
mod annotation;
mod attachment;
mod block;
mod configuration;
mod connection;
mod coverage;
mod edit;
mod event;
mod file;
mod ignored;
mod installation;
mod journal;
mod lease;
mod line;
mod link;
mod make;
mod network_status;
mod node;
mod output;
mod pod;
mod readiness;
mod result;
mod route;
mod site;
mod surroundings;
mod table;
mod tigera;
mod trial;
mod version;

pub use coverage::{CheckRow, Coverage, FactRow, Reds, Watch};
pub use ignored::{KNOWN_FACTS, matches as matches_pattern};
pub use table::render;
pub use trial::{Baseline, Trial, Trials, TriedCheck, Unanswered};

pub(crate) use edit::Edit;

/// What kind of fact is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
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

impl Family {
    /// The name as tables and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Route => "route",
            Self::Annotation => "annotation",
            Self::NetworkStatus => "network-status",
            Self::File => "file",
            Self::Configuration => "configuration",
            Self::Result => "result",
            Self::Lease => "lease",
            Self::Block => "block",
            Self::Readiness => "readiness",
            Self::Version => "version",
            Self::Status => "status",
            Self::Event => "event",
            Self::Line => "line",
            Self::Journal => "journal",
            Self::Link => "link",
            Self::Connection => "connection",
            Self::Output => "output",
        }
    }
}

/// One changed fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    /// The kind of fact.
    pub family: Family,
    /// The fact's stable key, such as `routes.gateway`; one of [`KNOWN_FACTS`].
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
