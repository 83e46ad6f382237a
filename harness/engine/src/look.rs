//! One look at the cluster: queries, each fetched once and all at the same time, and what checks make of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use futures::future::join_all;
use rehearse_core::check::{Check, Context, Evaluation};
use rehearse_core::observation::Observations;
use rehearse_core::query::{Output, Query};
use rehearse_core::record::Class;

use crate::observe;
use crate::stage::Cluster;

/// What was fetched.
#[derive(Debug, Default)]
pub struct Look {
    seen: Observations,
    unseen: BTreeMap<Query, Unseen>,
}

/// Why a query has no output. The error is needed once for each check that asked, so its text and class are kept.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub struct Unseen {
    text: String,
    /// Whose fault it is.
    pub class: Class,
}

impl Look {
    /// Fetches all queries at the same time.
    pub async fn now(cluster: &Cluster, queries: BTreeSet<Query>) -> Self {
        let fetches = queries.into_iter().map(async |query| {
            let outputs = observe::fetch(cluster, &query).await;
            (query, outputs)
        });
        let mut look = Self::default();
        for (query, outputs) in join_all(fetches).await {
            match outputs {
                Ok(outputs) => look.seen.insert(query, outputs),
                Err(error) => {
                    let class = crate::failure::class(&error);
                    let text = format!("{error:#}");
                    tracing::warn!(?query, error = text, "failed to fetch");
                    look.unseen.insert(query, Unseen { text, class });
                }
            }
        }
        look
    }

    /// What was fetched, when all of it was.
    ///
    /// # Errors
    /// The first query's that could not be fetched.
    pub fn complete(self) -> anyhow::Result<Observations> {
        match self.unseen.into_values().next() {
            Some(unseen) => Err(unseen.into()),
            None => Ok(self.seen),
        }
    }

    /// A check's judgement.
    ///
    /// # Errors
    /// When a query of the check could not be fetched, or its output is not what the tool prints.
    pub fn judge(&self, check: &Check, context: &Context) -> anyhow::Result<Evaluation> {
        if let Some(unseen) = check
            .queries(context)
            .iter()
            .find_map(|query| self.unseen.get(query))
        {
            return Err(unseen.clone().into());
        }
        check
            .evaluate(&self.seen, context)
            .with_context(|| format!("failed to judge {}", check.kind()))
    }

    /// What there is to keep as evidence.
    pub fn outputs(&self) -> impl Iterator<Item = (&Query, &[Output])> {
        self.seen.iter()
    }

    /// What was fetched, and why the rest was not, a line each.
    pub fn into_parts(self) -> (Observations, Vec<String>) {
        let missing = self
            .unseen
            .into_values()
            .map(|unseen| unseen.to_string())
            .collect();
        (self.seen, missing)
    }
}
