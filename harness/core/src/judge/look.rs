//! What a stage gives for some queries: outputs, or why there are none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::observation::Observations;
use crate::query::{Output, Query};
use crate::record::Class;
use crate::redaction::Redacted;

/// The answers to some queries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    seen: Observations,
    unfetched: BTreeMap<Query, Unfetched>,
}

/// Why a query has no outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Unfetched {
    /// Fetching it was tried, and could not be done.
    Failed {
        /// Whose fault that is.
        class: Class,
        /// What happened, with its subject.
        why: Redacted,
    },
    /// Nobody asked while there was a cluster to ask.
    NotKept {
        /// What is lacking.
        why: String,
    },
}

impl Look {
    /// The look in which none of these queries could be fetched, for one reason.
    pub fn failed(queries: impl IntoIterator<Item = Query>, class: Class, why: &Redacted) -> Self {
        let unfetched = queries.into_iter().map(|query| {
            let why = why.clone();
            (query, Unfetched::Failed { class, why })
        });
        Self {
            seen: Observations::default(),
            unfetched: unfetched.collect(),
        }
    }

    /// Keeps what came of one query, in place of what came of it before. What was fetched before a failure stays
    /// readable in [`Look::observations`], and is judged no more.
    pub fn insert(&mut self, query: Query, answer: Result<Vec<Output>, Unfetched>) {
        match answer {
            Ok(outputs) => {
                self.unfetched.remove(&query);
                self.seen.insert(query, outputs);
            }
            Err(unfetched) => {
                self.unfetched.insert(query, unfetched);
            }
        }
    }

    /// Keeps all answers of a later look.
    pub fn extend(&mut self, later: &Self) {
        for (query, outputs) in later.seen.iter() {
            self.insert(query.clone(), Ok(outputs.to_vec()));
        }
        for (query, unfetched) in &later.unfetched {
            self.insert(query.clone(), Err(unfetched.clone()));
        }
    }

    /// The answers to these queries alone.
    #[must_use]
    pub fn only<'a>(&self, queries: impl IntoIterator<Item = &'a Query>) -> Self {
        let mut look = Self::default();
        for query in queries {
            if let Some(answer) = self.answer(query) {
                let answer = answer.map(<[Output]>::to_vec).map_err(Clone::clone);
                look.insert(query.clone(), answer);
            }
        }
        look
    }

    /// What came of one query; none where this look did not ask.
    pub fn answer(&self, query: &Query) -> Option<Result<&[Output], &Unfetched>> {
        match self.unfetched.get(query) {
            Some(unfetched) => Some(Err(unfetched)),
            None => self.seen.outputs(query).ok().map(Ok),
        }
    }

    /// Says that it is this one's fault where fetching failed; whether it did anywhere.
    pub fn blame(&mut self, culprit: Class) -> bool {
        let mut failed = false;
        for unfetched in self.unfetched.values_mut() {
            if let Unfetched::Failed { class, .. } = unfetched {
                *class = culprit;
                failed = true;
            }
        }
        failed
    }

    /// What was fetched.
    pub fn observations(&self) -> &Observations {
        &self.seen
    }

    /// What was not fetched, and why.
    pub fn unfetched(&self) -> impl Iterator<Item = (&Query, &Unfetched)> {
        self.unfetched.iter()
    }
}

impl From<Observations> for Look {
    /// The look in which all of this was fetched.
    fn from(seen: Observations) -> Self {
        Self {
            seen,
            unfetched: BTreeMap::new(),
        }
    }
}

impl Unfetched {
    /// The reason as text.
    pub fn why(&self) -> &str {
        match self {
            Self::Failed { why, .. } => why.as_str(),
            Self::NotKept { why } => why,
        }
    }
}
