//! What differs between two cells: verdicts and facts by step, check and subject, and what can't be compared.
//!
//! It tells differences and explains none; it knows no version and no expected change.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::record::{Check, Record, Step, Verdict};

/// One thing that is not the same in two records.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CellChange {
    /// The step's id.
    pub step: String,
    /// The check's sentence.
    pub check: String,
    /// Whom it is about; empty for a verdict.
    pub subject: String,
    /// What it tells; `verdict` for a verdict.
    pub name: String,
    /// What was only before, a line each; none where there was nothing.
    pub before: Option<String>,
    /// What is only after.
    pub after: Option<String>,
}

/// How two records differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CellChanges {
    /// The differences, in the order of the steps and checks.
    pub list: Vec<CellChange>,
    /// Step and check that can't be compared, and why.
    pub not_comparable: Vec<(String, String, String)>,
    /// How many facts are the same.
    pub same: usize,
}

impl CellChange {
    /// The change on one line, as a pattern is looked for in it.
    pub fn line(&self) -> String {
        let of = |value: &Option<String>| {
            let text = value.as_deref().unwrap_or("nothing");
            text.replace('\n', ", ")
        };
        let about = format!("{} {}", self.subject, self.name);
        format!(
            "{}: {}: {}: {} → {}",
            self.step,
            self.check,
            about.trim(),
            of(&self.before),
            of(&self.after)
        )
    }

    /// Whether a pattern, a piece of text, is in [`CellChange::line`]; upper and lower case are alike.
    pub fn matches(&self, pattern: &str) -> bool {
        self.line().to_lowercase().contains(&pattern.to_lowercase())
    }

    /// Whether another change is of the same fact or verdict.
    pub fn is_of_the_same(&self, other: &Self) -> bool {
        let key = |change: &Self| {
            let CellChange { step, check, .. } = change.clone();
            (step, check, change.subject.clone(), change.name.clone())
        };
        key(self) == key(other)
    }
}

/// What differs between two records of one scenario.
pub fn changes(before: &Record, after: &Record) -> CellChanges {
    let mut changes = CellChanges::default();
    let steps: BTreeMap<&str, &Step> = by_id(after);
    for step in &before.canonical.steps {
        let Some(other) = steps.get(step.id.as_str()) else {
            let why = "the step is not in both scenarios".to_owned();
            changes
                .not_comparable
                .push((step.id.clone(), String::new(), why));
            continue;
        };
        for check in &step.checks {
            let other = other.checks.iter().find(|other| other.that == check.that);
            match other {
                Some(other) => changes.check(&step.id, check, other),
                None => changes.not_comparable.push((
                    step.id.clone(),
                    check.that.clone(),
                    "the check is not in both scenarios".to_owned(),
                )),
            }
        }
    }
    changes
}

fn by_id(record: &Record) -> BTreeMap<&str, &Step> {
    let steps = record.canonical.steps.iter();
    steps.map(|step| (step.id.as_str(), step)).collect()
}

impl CellChanges {
    fn check(&mut self, step: &str, before: &Check, after: &Check) {
        if let Some(why) = hidden(&before.verdict)
            .map(|word| format!("{word} before"))
            .or_else(|| hidden(&after.verdict).map(|word| format!("{word} after")))
        {
            self.not_comparable
                .push((step.to_owned(), before.that.clone(), why));
            return;
        }
        let words = (word(&before.verdict), word(&after.verdict));
        if words.0 != words.1 {
            self.list.push(CellChange {
                step: step.to_owned(),
                check: before.that.clone(),
                subject: String::new(),
                name: "verdict".to_owned(),
                before: Some(words.0.to_owned()),
                after: Some(words.1.to_owned()),
            });
        }
        // The facts of a check that is meant for one side only are new or gone by the scenario's own word.
        if is_skipped(before) || is_skipped(after) {
            return;
        }
        let (old, new) = (by_key(before), by_key(after));
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        for key in keys {
            let empty = BTreeSet::new();
            let (old, new) = (
                old.get(&key).unwrap_or(&empty),
                new.get(&key).unwrap_or(&empty),
            );
            self.same += old.intersection(new).count();
            if old != new {
                self.list.push(CellChange {
                    step: step.to_owned(),
                    check: before.that.clone(),
                    subject: key.0.to_owned(),
                    name: key.1.to_owned(),
                    before: lines(old.difference(new)),
                    after: lines(new.difference(old)),
                });
            }
        }
    }
}

/// The values of each fact, by whom it is about and what it tells.
fn by_key(check: &Check) -> BTreeMap<(&str, &str), BTreeSet<&str>> {
    let mut values: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for fact in &check.facts {
        let key = (fact.subject.as_str(), fact.name.as_str());
        values.entry(key).or_default().insert(fact.value.as_str());
    }
    values
}

fn lines<'a>(values: impl Iterator<Item = &'a &'a str>) -> Option<String> {
    let values: Vec<&str> = values.copied().collect();
    (!values.is_empty()).then(|| values.join("\n"))
}

fn is_skipped(check: &Check) -> bool {
    matches!(check.verdict, Verdict::Skipped { .. })
}

/// Whether a verdict says nothing of the versions, and the word for it.
fn hidden(verdict: &Verdict) -> Option<&'static str> {
    let is_found_out = matches!(
        verdict,
        Verdict::Passed | Verdict::Failed | Verdict::Skipped { .. }
    );
    (!is_found_out).then(|| word(verdict))
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Skipped { .. } => "not meant",
        Verdict::Blocked { .. } => "blocked",
        Verdict::Broken { .. } => "broken",
    }
}
