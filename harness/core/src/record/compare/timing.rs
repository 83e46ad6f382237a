//! What became slower or faster than the noise. The noise band is measured where repeated runs are given, and stated
//! where not.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::record::{Outcome, Record};

/// Without repeated runs: so much of the base's time, in percent ...
const DEFAULT_PERCENT: u64 = 50;

/// ... and at least so many milliseconds. Waits end on events of the cluster, which come up to some seconds apart.
const DEFAULT_LEAST: u64 = 3000;

/// With repeated runs the band is widened on both sides by half of what was seen, and at least by so many milliseconds.
const MEASURED_LEAST: u64 = 250;

/// What was slower or faster, and what counts as noise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Timings {
    /// Where the bands come from.
    pub band: Band,
    /// What is outside of its band: the cluster, then steps in order, then the whole.
    pub changes: Vec<TimingChange>,
}

/// Where the noise bands come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Band {
    /// A share of the base's time, and at least some milliseconds.
    Stated {
        /// In percent.
        percent: u64,
        /// In milliseconds.
        least: u64,
    },
    /// The times of repeated runs, widened on both sides by half of their spread, and at least by some milliseconds.
    Measured {
        /// How many runs.
        runs: usize,
        /// In milliseconds.
        least: u64,
    },
}

/// Something that took more or less time than the noise explains. Milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TimingChange {
    /// A step's id, `the cluster` or `the whole run`.
    pub of: String,
    /// The base's time.
    pub before: u64,
    /// The candidate's time.
    pub after: u64,
    /// The least that is noise.
    pub from: u64,
    /// The most that is noise.
    pub to: u64,
}

impl Default for Band {
    fn default() -> Self {
        Self::Stated {
            percent: DEFAULT_PERCENT,
            least: DEFAULT_LEAST,
        }
    }
}

impl Band {
    fn of(&self, times: &[u64], base: u64) -> (u64, u64) {
        let least = times.iter().copied().min().unwrap_or(base);
        let most = times.iter().copied().max().unwrap_or(base);
        let margin = match self {
            Self::Stated { percent, least } => (base * percent / 100).max(*least),
            Self::Measured {
                least: at_least, ..
            } => ((most - least) / 2).max(*at_least),
        };
        (least.saturating_sub(margin), most + margin)
    }
}

/// Compares the times of what passed on both sides.
pub(super) fn compare(base: &Record, candidate: &Record, noise: &[Record]) -> Timings {
    let band = if noise.is_empty() {
        Band::default()
    } else {
        Band::Measured {
            runs: noise.len() + 1,
            least: MEASURED_LEAST,
        }
    };
    let (before, after) = (times(base), times(candidate));
    let noise: Vec<_> = noise.iter().map(times).collect();
    let order = std::iter::once("the cluster".to_owned())
        .chain(candidate.canonical.steps.iter().map(|step| step.id.clone()))
        .chain(std::iter::once("the whole run".to_owned()));
    let changes = order.filter_map(|of| {
        let (before, after) = (*before.get(&of)?, *after.get(&of)?);
        let seen = noise.iter().filter_map(|times| times.get(&of)).copied();
        let seen: Vec<u64> = seen.chain([before]).collect();
        let (from, to) = band.of(&seen, before);
        (after < from || after > to).then_some(TimingChange {
            of,
            before,
            after,
            from,
            to,
        })
    });
    Timings {
        changes: changes.collect(),
        band,
    }
}

/// The times of what passed. The whole run counts only when all of it did. A captured run has the capture's times.
pub(crate) fn times(record: &Record) -> BTreeMap<String, u64> {
    let mut times = BTreeMap::new();
    let steps = &record.canonical.steps;
    for step in steps {
        if let (Outcome::Passed, Some(timing)) = (&step.outcome, record.timing.steps.get(&step.id))
        {
            times.insert(step.id.clone(), timing.total);
        }
    }
    if !times.is_empty() && record.timing.cluster > 0 {
        times.insert("the cluster".to_owned(), record.timing.cluster);
    }
    if !steps.is_empty() && steps.iter().all(|step| step.outcome == Outcome::Passed) {
        times.insert("the whole run".to_owned(), record.timing.total);
    }
    times
}
