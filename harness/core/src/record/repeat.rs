//! Several runs of the same versions: whether their canonical parts are the same bytes, which facts flicker, and how far
//! their times spread.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Record;
use super::compare::facts::{self, Key};
use super::compare::timing::times;

/// What several runs have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stability {
    /// How many runs.
    pub runs: usize,
    /// How many facts, verdicts and outcomes there are in all of them together.
    pub facts: usize,
    /// Whether the canonical parts are the same to the byte.
    pub identical: bool,
    /// Facts that are not the same in all runs.
    pub flickers: Vec<Flicker>,
    /// Parts of the canonical record besides facts that are not the same, as paths into its JSON.
    pub other_differences: Vec<String>,
    /// How long each step took, in order; the cluster first, the whole run last.
    pub spread: Vec<Spread>,
}

/// A fact that is not the same in all runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Flicker {
    /// The step's id.
    pub step: String,
    /// The check's sentence; empty for the step's outcome.
    pub check: String,
    /// Whom it is about.
    pub subject: String,
    /// The fact's name.
    pub fact: String,
    /// How many runs have each value; none is the value of a run that does not tell the fact.
    pub values: BTreeMap<String, usize>,
}

/// How long something took over all runs in which it passed. Milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Spread {
    /// A step's id, `the cluster` or `the whole run`.
    pub of: String,
    /// In how many runs it passed.
    pub runs: usize,
    /// The shortest.
    pub least: u64,
    /// Half of the runs took no longer.
    pub median: u64,
    /// The longest.
    pub most: u64,
}

/// What a run is said to have that does not tell a fact.
const NOT_TOLD: &str = "not told";

/// Looks for what is not the same in all runs. No runs have nothing in common, and are not identical.
pub fn stability(records: &[Record]) -> Stability {
    let told: Vec<BTreeMap<Key, String>> = records.iter().map(facts::all).collect();
    let keys: BTreeSet<&Key> = told.iter().flat_map(BTreeMap::keys).collect();
    let flickers: Vec<Flicker> = keys.iter().filter_map(|key| flicker(key, &told)).collect();
    let identical = records.first().is_some_and(|first| {
        let first = first.canonical_json();
        records[1..]
            .iter()
            .all(|record| record.canonical_json() == first)
    });
    let other_differences = if identical {
        Vec::new()
    } else {
        other_differences(records)
    };
    Stability {
        runs: records.len(),
        facts: keys.len(),
        identical,
        flickers,
        other_differences,
        spread: spread(records),
    }
}

fn flicker(key: &Key, told: &[BTreeMap<Key, String>]) -> Option<Flicker> {
    let mut values: BTreeMap<String, usize> = BTreeMap::new();
    for facts in told {
        let value = facts.get(key).map_or(NOT_TOLD, String::as_str);
        *values.entry(value.to_owned()).or_default() += 1;
    }
    (values.len() > 1).then(|| Flicker {
        step: key.step.clone(),
        check: key.check.clone(),
        subject: key.subject.clone(),
        fact: key.name.clone(),
        values,
    })
}

/// Paths into the canonical JSON that are not the same in all runs; facts have a list of their own.
fn other_differences(records: &[Record]) -> Vec<String> {
    let mut paths = BTreeSet::new();
    let mut canonicals = records
        .iter()
        .map(|record| serde_json::json!(record.canonical));
    if let Some(first) = canonicals.next() {
        for other in canonicals {
            differing(&first, &other, String::new(), &mut paths);
        }
    }
    let is_told = |path: &str| {
        path.starts_with("/steps/")
            && ["/facts", "/verdict", "/remarks", "/outcome"]
                .iter()
                .any(|part| path.contains(part))
    };
    paths.into_iter().filter(|path| !is_told(path)).collect()
}

fn differing(
    one: &serde_json::Value,
    other: &serde_json::Value,
    path: String,
    paths: &mut BTreeSet<String>,
) {
    use serde_json::Value;
    match (one, other) {
        (one, other) if one == other => {}
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let of = |side: &serde_json::Map<String, Value>| {
                    side.get(key).cloned().unwrap_or(Value::Null)
                };
                differing(&of(one), &of(other), format!("{path}/{key}"), paths);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differing(one, other, format!("{path}/{index}"), paths);
            }
        }
        _ => {
            paths.insert(path);
        }
    }
}

fn spread(records: &[Record]) -> Vec<Spread> {
    let Some(first) = records.first() else {
        return Vec::new();
    };
    let taken: Vec<_> = records.iter().map(times).collect();
    let order = std::iter::once("the cluster".to_owned())
        .chain(first.canonical.steps.iter().map(|step| step.id.clone()))
        .chain(std::iter::once("the whole run".to_owned()));
    order
        .filter_map(|of| {
            let mut times: Vec<u64> = taken
                .iter()
                .filter_map(|taken| taken.get(&of))
                .copied()
                .collect();
            times.sort_unstable();
            let (least, most) = (*times.first()?, *times.last()?);
            Some(Spread {
                of,
                runs: times.len(),
                least,
                median: times[(times.len() - 1) / 2],
                most,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::ReadError;
    use crate::record::compare::tests::multus_4;

    #[test]
    fn runs_that_differ_in_time_only_are_identical() -> Result<(), ReadError> {
        let mut records = vec![multus_4()?, multus_4()?, multus_4()?];
        records[1].timing.total += 1000;
        "another".clone_into(&mut records[2].run.id);
        let stability = stability(&records);
        assert!(stability.identical);
        assert_eq!((stability.runs, stability.flickers.len()), (3, 0));
        let whole = stability.spread.last();
        assert_eq!(
            whole.map(|spread| (spread.of.as_str(), spread.most - spread.least, spread.runs)),
            Some(("the whole run", 1000, 3))
        );
        Ok(())
    }

    #[test]
    fn a_fact_that_flickers_is_told_with_its_values() -> Result<(), ReadError> {
        let mut records = vec![multus_4()?, multus_4()?, multus_4()?];
        let check = &mut records[1].canonical.steps[0].checks[0];
        let flickering = check.facts.pop_first();
        let name = flickering.map(|fact| fact.name);
        let stability = stability(&records);
        assert!(!stability.identical);
        let [flicker] = stability.flickers.as_slice() else {
            panic!("one flickers, not {:?}", stability.flickers);
        };
        assert_eq!(Some(&flicker.fact), name.as_ref());
        assert_eq!(flicker.values.get(NOT_TOLD), Some(&1));
        assert_eq!(flicker.values.values().sum::<usize>(), 3);
        assert_eq!(stability.other_differences, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn what_is_no_fact_is_told_by_its_path() -> Result<(), ReadError> {
        let mut records = vec![multus_4()?, multus_4()?];
        "other".clone_into(&mut records[1].canonical.components[0].origin);
        let stability = stability(&records);
        assert!(!stability.identical);
        assert_eq!(stability.flickers, []);
        assert_eq!(stability.other_differences, ["/components/0/origin"]);
        Ok(())
    }

    #[test]
    fn no_runs_are_not_identical() {
        assert!(!stability(&[]).identical);
    }
}
