//! Why a change is no surprise, other than by a known change: the scenario says so, or repeated runs differ in it too.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::facts;
use super::{Change, Class};
use crate::record::Record;

/// Why a change is no surprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Explanation {
    /// A known change of a component.
    Known {
        /// Its id in the data.
        id: String,
        /// What changed, as a sentence.
        because: String,
        /// Where upstream says so.
        reference: String,
    },
    /// The scenario has one check for the versions of the one side, another or none for those of the other.
    Scenario {
        /// The `when` that holds on one side only.
        when: String,
    },
    /// Runs of the same versions differ in it too.
    Flickers {
        /// The values that were seen.
        seen: Vec<String>,
    },
}

/// Facts that differ between runs of the same versions, with the values that were seen.
pub(super) struct Flickering(BTreeMap<facts::Key, BTreeSet<String>>);

impl Flickering {
    pub(super) fn of(base: &Record, noise: &[Record]) -> Self {
        let mut seen: BTreeMap<facts::Key, BTreeSet<String>> = BTreeMap::new();
        if !noise.is_empty() {
            for record in std::iter::once(base).chain(noise) {
                for (key, value) in facts::all(record) {
                    seen.entry(key).or_default().insert(value);
                }
            }
            seen.retain(|_, values| values.len() > 1);
        }
        Self(seen)
    }

    /// Explains a change to a value that runs of the base's own versions had too.
    pub(super) fn explain(&self, change: &mut Change) {
        if change.class != Class::Changed {
            return;
        }
        let key = facts::Key {
            step: change.step.clone(),
            check: change.check.clone().unwrap_or_default(),
            subject: change.subject.clone(),
            name: change.fact.clone(),
        };
        if let (Some(seen), Some(after)) = (self.0.get(&key), &change.after)
            && seen.contains(after)
        {
            change.explanation = Some(Explanation::Flickers {
                seen: seen.iter().cloned().collect(),
            });
        }
    }
}
