//! What a step's checks say now against what a record says: verdicts and facts, check by check.
//!
//! It is no comparison of two runs: both are of one run's outputs, what differs is the scenario's or the program's doing, and
//! a check that came or went is told, whatever it says.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::facts::{self, Facts};
use super::{Check, Outcome, Step, Verdict};

/// The differences between recorded steps and the same steps judged again, a line each, in the order of the steps. A step
/// that the run did not perform and that the capture does not answer is no difference.
pub fn differences(recorded: &[Step], now: &[Step]) -> Vec<String> {
    let mut found = Vec::new();
    let by_id: BTreeMap<&str, &Step> = now.iter().map(|step| (step.id.as_str(), step)).collect();
    for step in recorded {
        match by_id.get(step.id.as_str()) {
            Some(again) => of_step(step, again, &mut found),
            None => found.push(format!(
                "{}: the scenario has no such step any more",
                step.id
            )),
        }
    }
    for step in now {
        if !recorded.iter().any(|one| one.id == step.id) {
            let outcome = step.outcome.words();
            found.push(format!("{}: new in the scenario: {outcome}", step.id));
        }
    }
    found
}

/// Also a step whose acts broke, so that nothing was looked at.
fn was_not_performed(step: &Step) -> bool {
    match step.outcome {
        Outcome::Blocked { .. } | Outcome::Skipped { .. } => true,
        Outcome::Broken { .. } => step.checks.iter().all(|check| {
            matches!(
                check.verdict,
                Verdict::Blocked { .. } | Verdict::Skipped { .. }
            )
        }),
        Outcome::Passed | Outcome::Failed => false,
    }
}

fn of_step(recorded: &Step, now: &Step, found: &mut Vec<String>) {
    if was_not_performed(recorded) && was_not_performed(now) {
        return;
    }
    let before = found.len();
    let id = &now.id;
    for check in &recorded.checks {
        let again = now.checks.iter().find(|one| one.that == check.that);
        let what = match again {
            Some(again) => of_check(check, again),
            None => vec!["the scenario has no such check any more".to_owned()],
        };
        let that = &check.that;
        found.extend(what.iter().map(|what| format!("{id}: {that}: {what}")));
    }
    for check in &now.checks {
        if !recorded.checks.iter().any(|one| one.that == check.that) {
            let (that, verdict) = (&check.that, check.verdict.words());
            found.push(format!("{id}: {that}: new in the scenario: {verdict}"));
        }
    }
    if found.len() == before && recorded.outcome != now.outcome {
        let (was, is) = (recorded.outcome.words(), now.outcome.words());
        found.push(format!("{id}: was {was}, is {is}"));
    }
}

fn of_check(recorded: &Check, now: &Check) -> Vec<String> {
    let mut what = Vec::new();
    if recorded.verdict != now.verdict {
        what.push(format!(
            "was {}, is {}",
            recorded.verdict.words(),
            now.verdict.words()
        ));
    }
    // What could not be judged has no facts to compare.
    if matches!(now.verdict, Verdict::Blocked { .. }) {
        return what;
    }
    let (before, after) = (facts::of([recorded]), facts::of([now]));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let told = |facts: &Facts<'_>| match facts.get(key) {
            Some((values, _)) => values.iter().copied().collect::<Vec<_>>().join(", "),
            None => "nothing".to_owned(),
        };
        let (before, after) = (told(&before), told(&after));
        if before != after {
            let (subject, name) = key;
            what.push(format!("fact {subject}, {name}: was {before}, is {after}"));
        }
    }
    what
}
