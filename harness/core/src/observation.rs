//! Raw output to typed facts: one fact a file, and the only place that parses a tool's output.
//!
//! Parsing gives a typed value or an [`Inability`] that names whose output it was. Nothing here judges.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::query::{Output, Query};

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
