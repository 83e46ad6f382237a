//! Which facts a scenario ignores on purpose.

use std::collections::BTreeSet;

use crate::pattern::matches;
use crate::problem::{Problem, Problems};
use crate::scenario::{Ignored, Scenario};
use crate::yaml;

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
    // A scenario that was made without a file has no places; its problems are told all the same.
    let tree = yaml::read(&scenario.source).unwrap_or_default();
    let mut problems = Problems::default();
    for (index, ignored) in scenario.ignore.iter().enumerate() {
        if !used.contains(&index) {
            let span = tree.key("ignore").item(index).key("fact").span();
            let message = format!(
                "`{}` is ignored, but a check watches each such fact, or there is none",
                ignored.fact
            );
            let problem: Problem = scenario.source.problem(span, message);
            problems.push(problem.with_hint("take the entry out, or correct its step or subject"));
        }
    }
    problems
}
