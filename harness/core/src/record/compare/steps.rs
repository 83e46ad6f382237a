//! The walk over both records' steps and checks: what is the same, what differs, and what only one side looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{self, Facts};
use super::outcome::{Reached, is_evaluated, is_of_the_machine, reached, words};
use super::{Change, Class, Comparison, Difference, NotCompared};
use crate::record::{Check, Outcome, Record, Step, Verdict};

mod variants;

/// The subject of a change of a step's outcome.
const STEP: &str = "the step";

/// The subject of a change of a check's verdict.
const CHECK: &str = "the check";

/// The fact that a verdict or an outcome is.
const VERDICT: &str = "verdict";

/// Compares all steps: in the candidate's order, then those that only the base has.
pub(super) fn compare(base: &Record, candidate: &Record, comparison: &mut Comparison) {
    for step in &candidate.canonical.steps {
        let mut walk = Walk {
            base,
            candidate,
            step: &step.id,
            comparison,
        };
        match find(base, &step.id) {
            Some(before) => walk.step(before, step),
            None => walk.one_sided(step, true),
        }
    }
    for step in &base.canonical.steps {
        if find(candidate, &step.id).is_none() {
            let mut walk = Walk {
                base,
                candidate,
                step: &step.id,
                comparison,
            };
            walk.one_sided(step, false);
        }
    }
}

fn find<'record>(record: &'record Record, id: &str) -> Option<&'record Step> {
    record.canonical.steps.iter().find(|step| step.id == id)
}

/// One step of both records.
struct Walk<'a> {
    base: &'a Record,
    candidate: &'a Record,
    step: &'a str,
    comparison: &'a mut Comparison,
}

impl Walk<'_> {
    fn step(&mut self, before: &Step, after: &Step) {
        match (reached(before), reached(after)) {
            (Reached::No { .. }, Reached::No { .. }) => {
                self.comparison
                    .reached_by_neither
                    .push(self.step.to_owned());
            }
            (Reached::No { why, by }, Reached::Yes) => {
                self.not_compared(None, evaluated_facts(after), format!("base: {why}"), by);
            }
            (Reached::Yes, Reached::No { why, by }) => {
                let facts = evaluated_facts(before);
                self.not_compared(None, facts, format!("candidate: {why}"), by);
            }
            (Reached::Yes, Reached::Yes) => self.looked_at(before, after),
        }
    }

    /// A step that only one record's scenario has.
    fn one_sided(&mut self, step: &Step, is_candidate: bool) {
        let (class, before, after) = if is_candidate {
            (Class::New, None, Some(words(&step.outcome)))
        } else {
            (Class::Gone, Some(words(&step.outcome)), None)
        };
        let difference = Difference::Told {
            fact: format!("the step {}", step.id),
            value: words(&step.outcome),
            by_candidate: is_candidate,
        };
        self.push(
            None,
            STEP,
            VERDICT,
            class,
            (before, after),
            vec![difference],
        );
    }

    fn looked_at(&mut self, before: &Step, after: &Step) {
        let (left, right) = (by_sentence(before), by_sentence(after));
        let broke_in_its_acts = self.broken_act(before, after);
        let mut unseen = BTreeSet::new();
        let mut variants = variants::Variants::default();
        let only_base = before
            .checks
            .iter()
            .filter(|check| !right.contains_key(check.that.as_str()));
        for check in after.checks.iter().chain(only_base) {
            let that = check.that.as_str();
            match (left.get(that).copied(), right.get(that).copied()) {
                (Some(before), Some(after)) if is_evaluated(before) && is_evaluated(after) => {
                    self.verdict(before, after);
                    self.facts(&facts::of([before]), &facts::of([after]));
                }
                (before, after) if variants.take(before, after) => {}
                (Some(left), Some(right)) if is_evaluated(left) || is_evaluated(right) => {
                    if broke_in_its_acts {
                        unseen.insert(check.that.clone());
                    } else {
                        self.unseen(left, right, (before, after));
                    }
                }
                _ => {}
            }
        }
        if !unseen.is_empty() {
            let facts = |step: &Step| -> usize {
                let checks = step.checks.iter();
                let checks = checks.filter(|check| unseen.contains(&check.that));
                checks.map(|check| check.facts.len()).sum()
            };
            let facts = facts(before).max(facts(after));
            let why = format!(
                "{}: the step broke before its checks were looked at",
                if matches!(after.outcome, Outcome::Broken { .. }) {
                    "candidate"
                } else {
                    "base"
                }
            );
            let machine = is_of_the_machine(&before.outcome) || is_of_the_machine(&after.outcome);
            let cause = (!machine).then_some(self.step);
            self.not_compared(None, facts, why, cause);
        }
        variants.compare(self);
    }

    /// Tells a step that broke on one side although none of its checks says so; whether there was one.
    fn broken_act(&mut self, before: &Step, after: &Step) -> bool {
        let is_broken = |step: &Step| {
            let told = step
                .checks
                .iter()
                .any(|check| matches!(check.verdict, Verdict::Broken { .. }));
            matches!(step.outcome, Outcome::Broken { .. }) && !told
        };
        if is_broken(before) == is_broken(after) {
            return false;
        }
        if is_of_the_machine(&before.outcome) || is_of_the_machine(&after.outcome) {
            return true;
        }
        let sides = (words(&before.outcome), words(&after.outcome));
        self.verdict_change(None, STEP, sides);
        true
    }

    fn verdict(&mut self, before: &Check, after: &Check) {
        if before.verdict == after.verdict {
            self.comparison.same += 1;
            return;
        }
        let sides = (before.verdict.words(), after.verdict.words());
        self.verdict_change(Some(after), CHECK, sides);
    }

    /// A check that could not be found out, or was not looked at, on one side only.
    fn unseen(&mut self, before: &Check, after: &Check, steps: (&Step, &Step)) {
        let (side, step, unseen, seen) = if is_evaluated(after) {
            ("base", steps.0, before, after)
        } else {
            ("candidate", steps.1, after, before)
        };
        let is_broken = matches!(unseen.verdict, Verdict::Broken { .. });
        let mut cause = None;
        if is_broken && !is_of_the_machine(&step.outcome) {
            let sides = (before.verdict.words(), after.verdict.words());
            self.verdict_change(Some(after), CHECK, sides);
            cause = Some(self.step);
        }
        let why = format!("{side}: {}", unseen.verdict.words());
        self.not_compared(Some(&seen.that), seen.facts.len(), why, cause);
    }

    fn verdict_change(&mut self, check: Option<&Check>, subject: &str, sides: (String, String)) {
        let (before, after) = sides;
        let difference = Difference::Verdict {
            before: before.clone(),
            after: after.clone(),
        };
        let sides = (Some(before), Some(after));
        self.push(
            check,
            subject,
            VERDICT,
            Class::Verdict,
            sides,
            vec![difference],
        );
    }

    /// Compares facts key by key; gives the changes' places in the comparison.
    fn facts(&mut self, before: &Facts<'_>, after: &Facts<'_>) -> std::ops::Range<usize> {
        let first = self.comparison.changes.len();
        let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for (subject, name) in keys {
            let key = &(*subject, *name);
            let values = |facts: &'_ Facts<'_>, others: &Facts<'_>| -> Vec<String> {
                let other = others.get(key).map(|(values, _)| values);
                let own = facts.get(key).into_iter().flat_map(|(values, _)| values);
                own.filter(|value| !other.is_some_and(|other| other.contains(*value)))
                    .map(|value| (*value).to_owned())
                    .collect()
            };
            let (gone, came) = (values(before, after), values(after, before));
            if gone.is_empty() && came.is_empty() {
                self.comparison.same += 1;
                continue;
            }
            let check = after
                .get(key)
                .or_else(|| before.get(key))
                .map(|(_, check)| *check);
            let mut gone = gone.into_iter();
            let mut came = came.into_iter();
            loop {
                match (gone.next(), came.next()) {
                    (None, None) => break,
                    sides => self.fact(check, key, sides),
                }
            }
        }
        first..self.comparison.changes.len()
    }

    fn fact(
        &mut self,
        check: Option<&Check>,
        (subject, name): &(&str, &str),
        sides: (Option<String>, Option<String>),
    ) {
        let kind = check.map_or("", |check| check.kind.as_str());
        let (class, differences) = match &sides {
            (Some(before), Some(after)) => (
                Class::Changed,
                Difference::between(kind, name, before, after),
            ),
            (before, after) => {
                let by_candidate = after.is_some();
                let value = after.as_ref().or(before.as_ref());
                let value = value.map_or("", String::as_str);
                let difference = Difference::told(kind, name, value, by_candidate);
                let class = if by_candidate {
                    Class::New
                } else {
                    Class::Gone
                };
                (class, vec![difference])
            }
        };
        self.push(check, subject, name, class, sides, differences);
    }

    fn push(
        &mut self,
        check: Option<&Check>,
        subject: &str,
        fact: &str,
        class: Class,
        (before, after): (Option<String>, Option<String>),
        differences: Vec<Difference>,
    ) {
        let failures_of = |record: &Record| {
            let failures = record.run.failures.get(self.step)?;
            failures.get(&check?.that).cloned()
        };
        let failures = match class {
            Class::Verdict => failures_of(self.candidate).or_else(|| failures_of(self.base)),
            Class::Changed | Class::New | Class::Gone => None,
        };
        let location = |record: &Record| {
            let step = find(record, self.step)?;
            record.location(step, check).cloned()
        };
        self.comparison.changes.push(Change {
            location: location(self.candidate).or_else(|| location(self.base)),
            step: self.step.to_owned(),
            check: check.map(|check| check.that.clone()),
            kind: check.map(|check| check.kind.clone()),
            subject: subject.to_owned(),
            fact: fact.to_owned(),
            class,
            before,
            after,
            differences,
            failures: failures.unwrap_or_default(),
            blame: super::Blame::Nothing,
            explanation: None,
        });
    }

    fn not_compared(&mut self, check: Option<&str>, facts: usize, why: String, by: Option<&str>) {
        self.comparison.not_compared.push(NotCompared {
            step: self.step.to_owned(),
            check: check.map(str::to_owned),
            facts,
            why,
            because_of: by.map(str::to_owned),
        });
    }
}

fn by_sentence(step: &Step) -> BTreeMap<&str, &Check> {
    let checks = step.checks.iter();
    checks.map(|check| (check.that.as_str(), check)).collect()
}

fn evaluated_facts(step: &Step) -> usize {
    let checks = step.checks.iter().filter(|check| is_evaluated(check));
    checks.map(|check| check.facts.len()).sum()
}
