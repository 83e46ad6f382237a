//! What one run saw, word for word and step by step: enough to judge it again without a cluster.
//!
//! It holds raw outputs and nothing that was concluded from them. It neither reads nor writes files, and it judges
//! nothing: that is [`crate::check`]'s.

use std::collections::BTreeMap;

use jiff::Timestamp;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::catalogue::Source;
use crate::observation::Observations;
use crate::query::{Output, Query};
use crate::record::Component;
use crate::scenario::Document;

/// The version of the capture's form.
pub const FORMAT: u32 = 1;

/// The raw outputs of one real run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Capture {
    /// [`FORMAT`].
    pub format: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The document that was replayed.
    pub document: Document,
    /// Where components came from.
    pub source: Source,
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
    /// The last raw outputs of each query, sorted by query.
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
    /// What was seen, as checks take it.
    pub fn observations(&self) -> Observations {
        let mut observations = Observations::default();
        for look in &self.looks {
            observations.insert(look.query.clone(), look.outputs.clone());
        }
        observations
    }
}
