//! The facts of checks under their keys. A key can have several values; only where two records differ in them is there
//! something to tell.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::is_evaluated;
use crate::record::{Check, Record, Verdict};

/// What a remark is filed under among the facts.
const REMARK: &str = "remark";

/// Where a fact is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) step: String,
    pub(crate) check: String,
    pub(crate) subject: String,
    pub(crate) name: String,
}

/// Values by subject and name, and which check told them.
pub(in crate::record) type Facts<'record> =
    BTreeMap<(&'record str, &'record str), (BTreeSet<&'record str>, &'record Check)>;

/// The facts and remarks of these checks together.
pub(in crate::record) fn of<'record>(
    checks: impl IntoIterator<Item = &'record Check>,
) -> Facts<'record> {
    let mut facts = Facts::new();
    for check in checks {
        let told = check.facts.iter().map(|fact| {
            let key = (fact.subject.as_str(), fact.name.as_str());
            (key, fact.value.as_str())
        });
        let remarks = check
            .remarks
            .iter()
            .map(|remark| ((REMARK, remark.as_str()), "said"));
        for (key, value) in told.chain(remarks) {
            let entry = facts.entry(key).or_insert_with(|| (BTreeSet::new(), check));
            entry.0.insert(value);
        }
    }
    facts
}

/// Every fact, verdict and outcome of a record under a key of its own.
pub(in crate::record) fn all(record: &Record) -> BTreeMap<Key, String> {
    let mut all = BTreeMap::new();
    for step in &record.canonical.steps {
        let key = |check: &str, subject: &str, name: &str| Key {
            step: step.id.clone(),
            check: check.to_owned(),
            subject: subject.to_owned(),
            name: name.to_owned(),
        };
        all.insert(
            key("", "the step", "outcome"),
            step.outcome.word().to_owned(),
        );
        for check in &step.checks {
            let verdict = match &check.verdict {
                // Words of an error are of one run only.
                Verdict::Broken { .. } => "broken".to_owned(),
                verdict => verdict.words(),
            };
            all.insert(key(&check.that, "the check", "verdict"), verdict);
            if is_evaluated(check) {
                for ((subject, name), (values, _)) in of([check]) {
                    let values: Vec<_> = values.into_iter().collect();
                    all.insert(key(&check.that, subject, name), values.join(" | "));
                }
            }
        }
    }
    all
}
