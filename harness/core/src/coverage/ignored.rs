//! Which facts a scenario ignores on purpose.

use std::collections::BTreeSet;

use super::trial;
use crate::capture::Capture;
use crate::pattern::matches;
use crate::plan::Plan;
use crate::problem::Problems;
use crate::scenario::{Ignored, Scenario};
use crate::yaml::Reading;

/// Whether an entry is about a fact.
pub(super) fn is_about(ignored: &Ignored, step: &str, fact: &str, subject: &str) -> bool {
    matches(&ignored.fact, fact)
        && ignored.step.as_ref().is_none_or(|wanted| wanted == step)
        && ignored
            .subject
            .as_ref()
            .is_none_or(|pattern| matches(pattern, subject))
}

/// A problem for each entry, by its place in the scenario, that no unwatched fact needed.
pub(super) fn unused(scenario: &Scenario, used: &BTreeSet<usize>) -> Problems {
    let why = "a check watches each such fact, or there is none";
    told(scenario, why, |index, _| !used.contains(&index))
}

/// A problem for each entry that is about no fact of any of the scenario's captures, each with the plan that it is judged
/// by. Where none of them has a step, nothing is said of the facts that it may have.
pub fn stale(scenario: &Scenario, captures: &[(Plan, Capture)]) -> Problems {
    let mut steps: BTreeSet<&str> = BTreeSet::new();
    let mut found = BTreeSet::new();
    for (plan, capture) in captures {
        steps.extend(capture.steps.iter().map(|step| step.id.as_str()));
        for (step, facts) in trial::facts(plan, capture) {
            for (index, entry) in scenario.ignore.iter().enumerate() {
                let mut facts = facts.iter();
                // To look for what is found already would take most of the time.
                if !found.contains(&index)
                    && facts.any(|(fact, subject)| is_about(entry, step, fact, subject))
                {
                    found.insert(index);
                }
            }
            if found.len() == scenario.ignore.len() {
                return Problems::default();
            }
        }
    }
    told(scenario, "no capture has such a fact", |index, entry| {
        let meant = scenario.steps.iter().map(|step| step.id.as_str());
        let mut meant = meant.filter(|step| entry.step.as_ref().is_none_or(|one| one == step));
        !found.contains(&index) && meant.all(|step| steps.contains(step))
    })
}

fn told(scenario: &Scenario, why: &str, is_wrong: impl Fn(usize, &Ignored) -> bool) -> Problems {
    let reading = Reading::of(&scenario.source);
    // A scenario that was made without a file has no places; its problems are told all the same.
    let tree = reading.tree().unwrap_or_default();
    for (index, ignored) in scenario.ignore.iter().enumerate() {
        if is_wrong(index, ignored) {
            reading.problem_with_hint(
                tree.key("ignore").item(index).key("fact").span(),
                format!("`{}` is ignored, but {why}", ignored.fact),
                "take the entry out, or correct its step or subject",
            );
        }
    }
    reading.finish()
}
