//! Raw output to typed facts: one fact a file, and the only place that parses a tool's output.
//!
//! Parsing gives a typed value or an [`Inability`] that names whose output it was. Nothing here judges.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::query::{Output, Query, Subject};

pub mod addresses;
pub mod block_affinities;
pub mod bridge;
pub mod cni_configuration;
pub mod cni_log;
pub mod cni_network;
pub mod cni_reload;
pub mod cni_results;
pub mod cni_selection;
pub mod cni_versions;
pub mod connections;
pub mod crio_configuration;
pub mod directory;
pub mod events;
pub mod installation;
pub mod ip_pools;
pub mod journal;
pub mod known;
pub mod leases;
pub(crate) mod mutants;
pub mod network_attachments;
pub mod network_status;
pub mod nodes;
pub mod objects;
pub mod pods;
pub mod routes;
pub mod sandboxes;
pub mod tigera_status;
pub mod workloads;

pub use mutants::known_facts;

/// The raw outputs of one round of looking, by query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observations {
    outputs: BTreeMap<Query, Vec<Output>>,
}

impl Observations {
    /// Keeps the outputs of a query, in place of older ones.
    pub fn insert(&mut self, query: Query, outputs: Vec<Output>) {
        self.outputs.insert(query, outputs);
    }

    /// The outputs of a query.
    ///
    /// # Errors
    /// [`Inability::NotObserved`] where nobody asked for it.
    pub fn outputs(&self, query: &Query) -> Result<&[Output], Inability> {
        self.outputs
            .get(query)
            .map(Vec::as_slice)
            .ok_or_else(|| Inability::NotObserved {
                query: format!("{query:?}"),
            })
    }

    /// The outputs of a query, to be changed in place; none where nobody asked for it.
    pub(crate) fn outputs_mut(&mut self, query: &Query) -> Option<&mut Vec<Output>> {
        self.outputs.get_mut(query)
    }

    /// The one output of a query about the whole cluster.
    pub(crate) fn single(&self, query: &Query) -> Result<&Output, Inability> {
        match self.outputs(query)? {
            [output] => Ok(output),
            outputs => Err(Inability::Unreadable {
                what: "one output",
                subject: format!("{query:?}"),
                reason: format!("there are {}", outputs.len()),
            }),
        }
    }

    /// The outputs of a query by node.
    pub(crate) fn by_node(&self, query: &Query) -> Result<BTreeMap<&str, &Output>, Inability> {
        let outputs = self.outputs(query)?.iter();
        Ok(outputs
            .filter_map(|output| match &output.subject {
                Subject::Node(name) => Some((name.as_str(), output)),
                Subject::Cluster | Subject::Pod { .. } => None,
            })
            .collect())
    }

    /// The outputs of a query by pod, as `namespace/name`.
    pub(crate) fn by_pod(&self, query: &Query) -> Result<BTreeMap<String, &Output>, Inability> {
        let outputs = self.outputs(query)?.iter();
        Ok(outputs
            .filter_map(|output| match &output.subject {
                Subject::Pod { namespace, name } => Some((format!("{namespace}/{name}"), output)),
                Subject::Cluster | Subject::Node(_) => None,
            })
            .collect())
    }

    /// Every query with its outputs.
    pub fn iter(&self) -> impl Iterator<Item = (&Query, &[Output])> {
        self.outputs
            .iter()
            .map(|(query, outputs)| (query, outputs.as_slice()))
    }
}

/// Why we could not find out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Inability {
    /// The output was never fetched.
    #[error("no output was fetched for {query}")]
    NotObserved {
        /// The query, as its debug text.
        query: String,
    },
    /// The output is not what the tool prints.
    #[error("failed to parse {what} of {subject}: {reason}")]
    Unparsable {
        /// The fact, such as `routes`.
        what: &'static str,
        /// Whose output it was.
        subject: String,
        /// Where and why.
        reason: String,
    },
    /// The tool failed.
    #[error("failed to read {what} of {subject}: {reason}")]
    Unreadable {
        /// The fact.
        what: &'static str,
        /// Whose output it was.
        subject: String,
        /// The tool's status and last words.
        reason: String,
    },
}

impl Inability {
    /// What was printed is not what the tool prints.
    pub(crate) fn unparsable(
        what: &'static str,
        subject: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self::Unparsable {
            what,
            subject: subject.into(),
            reason: reason.into(),
        }
    }
}

/// One entry of an output that is not understood: a fact about that entry alone, beside the ones that are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
#[error("not understood: {reason}: {text}")]
pub struct Odd {
    /// Why, as a sentence fragment.
    pub reason: String,
    /// The entry as it was printed, on one line and cut where it is long.
    pub text: String,
}

/// How many characters of an entry that is not understood are shown.
const SHOWN: usize = 400;

impl Odd {
    /// An entry with why it is not understood.
    pub fn new(reason: impl Into<String>, text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let line = words.join(" ");
        let text = match line.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{} …", line.get(..end).unwrap_or_default()),
            None => line,
        };
        Self {
            reason: reason.into(),
            text,
        }
    }
}

/// The entries of one output, each in its kind's order: those that are understood, typed, and those that are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<T> {
    /// Those that are understood.
    pub entries: Vec<T>,
    /// Those that are not.
    pub odd: Vec<Odd>,
}

impl<T> Default for Reading<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            odd: Vec::new(),
        }
    }
}

impl<T> FromIterator<Result<T, Odd>> for Reading<T> {
    fn from_iter<I: IntoIterator<Item = Result<T, Odd>>>(entries: I) -> Self {
        let mut reading = Self::default();
        for entry in entries {
            match entry {
                Ok(entry) => reading.entries.push(entry),
                Err(odd) => reading.odd.push(odd),
            }
        }
        reading
    }
}

/// The standard output of a tool that ended well.
pub(crate) fn text<'a>(what: &'static str, output: &'a Output) -> Result<&'a str, Inability> {
    if output.status == 0 {
        return Ok(&output.text);
    }
    let error = output.error.trim();
    let last_words = if error.is_empty() {
        "no error output"
    } else {
        error
    };
    Err(Inability::Unreadable {
        what,
        subject: output.subject.to_string(),
        reason: format!("status {}, {last_words}", output.status),
    })
}

/// The JSON that a tool which ended well printed.
pub(crate) fn json<T: DeserializeOwned>(
    what: &'static str,
    output: &Output,
) -> Result<T, Inability> {
    serde_json::from_str(text(what, output)?)
        .map_err(|error| Inability::unparsable(what, output.subject.to_string(), error.to_string()))
}

/// The JSON that `ip -j` was asked for. Where there is none, what is known of older tools says why: `BusyBox`'s knows no
/// `-j`, and one of before iproute2 5.4 prints text in the midst of JSON.
pub(crate) fn printed_json<T: DeserializeOwned>(
    what: &'static str,
    output: &Output,
) -> Result<T, Inability> {
    let unreadable = |reason: &str, said: &str| Inability::Unreadable {
        what,
        subject: output.subject.to_string(),
        reason: Odd::new(reason, said).to_string(),
    };
    if output.status != 0 {
        if output.error.contains("BusyBox") {
            return Err(unreadable(
                "its `ip` is BusyBox's, which prints no JSON",
                &output.error,
            ));
        }
        if output.error.contains("ption \"-j\"") {
            let reason = "its `ip` is older than iproute2 4.13, which was the first to print JSON";
            return Err(unreadable(reason, &output.error));
        }
    }
    let text = text(what, output)?;
    serde_json::from_str(text).map_err(|_| {
        let reason = if text.trim_start().starts_with('[') {
            "text stands in the midst of JSON: its `ip` is older than iproute2 5.4, or the output was cut"
        } else {
            "no JSON was printed"
        };
        unreadable(reason, text)
    })
}
