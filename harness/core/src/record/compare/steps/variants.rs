//! Checks that one side's scenario or versions left out. A scenario that has one check for old versions and another for
//! new ones asks both for the same facts, so these are compared across checks of one kind in one step.

use std::collections::{BTreeMap, BTreeSet};

use super::Walk;
use crate::record::compare::explanation::Explanation;
use crate::record::compare::facts;
use crate::record::compare::outcome::is_evaluated;
use crate::record::{Check, Record, Verdict};

/// The checks that only one side evaluated because the other left them out, by kind.
#[derive(Default)]
pub(super) struct Variants<'record> {
    by_kind: BTreeMap<&'record str, Sides<'record>>,
}

#[derive(Default)]
struct Sides<'record> {
    base: Vec<LeftOut<'record>>,
    candidate: Vec<LeftOut<'record>>,
}

/// A check that one side evaluated, and why the other did not; none where its scenario has no such check.
type LeftOut<'record> = (&'record Check, Option<&'record str>);

impl<'record> Variants<'record> {
    /// Takes a check that only one side evaluated because the other left it out; whether it is one.
    pub(super) fn take(
        &mut self,
        before: Option<&'record Check>,
        after: Option<&'record Check>,
    ) -> bool {
        let (check, other, by_base) = match (before, after) {
            (Some(before), after) if is_evaluated(before) => (before, after, true),
            (before, Some(after)) if is_evaluated(after) => (after, before, false),
            _ => return false,
        };
        let why = match Here::of(other) {
            Here::Looked => return false,
            Here::Absent => None,
            Here::Skipped(why) => Some(why),
        };
        let sides = self.by_kind.entry(&check.kind).or_default();
        let side = if by_base {
            &mut sides.base
        } else {
            &mut sides.candidate
        };
        side.push((check, why));
        true
    }

    pub(super) fn compare(self, walk: &mut Walk<'_>) {
        for sides in self.by_kind.into_values() {
            sides.compare(walk);
        }
    }
}

/// What a side did with a check that the other one evaluated.
enum Here<'record> {
    /// It has a verdict, or it was not reached.
    Looked,
    /// Its scenario has no such check.
    Absent,
    /// It is not meant for its versions.
    Skipped(&'record str),
}

impl<'record> Here<'record> {
    fn of(check: Option<&'record Check>) -> Self {
        match check.map(|check| &check.verdict) {
            None => Self::Absent,
            Some(Verdict::Skipped { why }) => Self::Skipped(why),
            Some(_) => Self::Looked,
        }
    }
}

impl Sides<'_> {
    fn compare(&self, walk: &mut Walk<'_>) {
        for (check, why) in &self.candidate {
            if check.verdict == Verdict::Failed {
                let before = why.map_or_else(
                    || "not in the scenario".to_owned(),
                    |why| format!("skipped: {why}"),
                );
                let sides = (before, check.verdict.words());
                walk.verdict_change(Some(check), super::CHECK, sides);
            }
        }
        let base = facts::of(self.base.iter().map(|(check, _)| *check));
        let candidate = facts::of(self.candidate.iter().map(|(check, _)| *check));
        let changed = walk.facts(&base, &candidate);
        let Some(when) = self.when(walk.base, walk.candidate) else {
            return;
        };
        for change in &mut walk.comparison.changes[changed] {
            change.explanation = Some(Explanation::Scenario { when: when.clone() });
        }
    }

    /// What the scenario says of the versions, where that is why the checks differ and where all of them passed.
    fn when(&self, base: &Record, candidate: &Record) -> Option<String> {
        let sides = || self.base.iter().chain(&self.candidate);
        if sides().any(|(check, _)| check.verdict != Verdict::Passed) {
            return None;
        }
        let mut all = BTreeSet::new();
        for (_, why) in sides() {
            let why = (*why)?;
            let differs =
                components(why).any(|name| version(base, name) != version(candidate, name));
            if !differs {
                return None;
            }
            all.insert(why);
        }
        let all: Vec<_> = all.into_iter().collect();
        Some(all.join("; "))
    }
}

/// The components that a plan's reason names, as in `meant for multus <4.0.0, runs 4.2.1`.
fn components(why: &str) -> impl Iterator<Item = &str> {
    why.split("; ")
        .filter_map(|reason| reason.strip_prefix("meant for ")?.split(' ').next())
}

fn version<'record>(record: &'record Record, name: &str) -> Option<&'record str> {
    let mut components = record.canonical.components.iter();
    components
        .find(|component| component.name == name)
        .map(|component| component.version.as_str())
}
