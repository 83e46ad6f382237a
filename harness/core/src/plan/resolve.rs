//! From a scenario, its files, what the source has and what the user asks for to a [`Plan`], or to all that is in the way.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Available, Choice, Options, Plan, PlannedAct, PlannedCheck, Step, files, versions};
use crate::problem::{Problem, Problems, known_names};
use crate::scenario::{Scenario, Step as WrittenStep, Time};
use crate::yaml::{self, Node};

/// How long a step may take that does not say: a rollout of a few small pods takes half a minute on two cores, and a
/// step that pulls or installs says more.
pub const DEFAULT_DEADLINE: Duration = Duration::from_mins(2);

/// Resolves everything that a run needs to know beforehand. `files` are the texts of the scenario's folder, at
/// least those of [`super::scenario_files`], by their paths in it; one that is not there is left out.
///
/// # Errors
/// Every problem: unknown components and versions, files that are missing or cannot be used, times that contradict each
/// other, an unknown `--until`.
pub fn resolve(
    scenario: &Scenario,
    files: &BTreeMap<String, String>,
    available: &Available,
    options: &Options,
) -> Result<Plan, Problems> {
    // A scenario that was made without a file has no places; its problems are told all the same.
    let tree = yaml::read(&scenario.source).unwrap_or_default();
    let mut problems = Problems::default();
    files::check(scenario, &tree, files, &mut problems);
    let choices = versions::choose(scenario, &tree, available, options, &mut problems);
    until(scenario, options, &mut problems);
    let mut steps = Vec::new();
    for (index, written) in scenario.steps.iter().enumerate() {
        let place = Placed {
            scenario,
            node: tree.key("steps").item(index),
        };
        steps.push(step(written, &place, files, &choices, &mut problems));
    }
    problems.or(Plan {
        scenario: scenario.scenario.clone(),
        title: scenario.title.clone(),
        document: scenario.document.clone(),
        nodes: scenario.nodes.clone(),
        pod_subnet: scenario.cluster.pod_subnet,
        service_subnet: scenario.cluster.service_subnet,
        source: available.source,
        components: choices,
        steps,
        until: options.until.clone(),
    })
}

fn until(scenario: &Scenario, options: &Options, problems: &mut Problems) {
    let Some(until) = &options.until else {
        return;
    };
    let ids = scenario.steps.iter().map(|step| step.id.as_str());
    if !ids.clone().any(|id| id == until) {
        problems.push(
            Problem::new(
                &format!("--until {until}"),
                format!("the scenario has no step `{until}`"),
            )
            .with_hint(known_names(until, ids)),
        );
    }
}

/// A piece of the scenario with its node in the file.
struct Placed<'a> {
    scenario: &'a Scenario,
    node: &'a Node,
}

impl Placed<'_> {
    fn problem(&self, node: &Node, message: impl Into<String>) -> Problem {
        self.scenario.source.problem(node.span(), message)
    }
}

fn step(
    written: &WrittenStep,
    place: &Placed<'_>,
    files: &BTreeMap<String, String>,
    choices: &BTreeMap<String, Choice>,
    problems: &mut Problems,
) -> Step {
    let deadline = written.deadline.map_or(DEFAULT_DEADLINE, Time::duration);
    let acts = written.act.iter().map(|act| PlannedAct {
        act: act.clone(),
        text: act.file().and_then(|(_, path)| files.get(path).cloned()),
    });
    let mut checks = Vec::new();
    for (index, expectation) in written.expect.iter().enumerate() {
        let node = place.node.key("expect").item(index);
        let mut time = |time: Option<Time>, key: &str| {
            let time = time?.duration();
            if time > deadline {
                let message = format!(
                    "`{key}` is longer than the step's deadline of {} s",
                    deadline.as_secs_f64()
                );
                let hint = "give the step a longer `deadline`";
                problems.push(place.problem(node.key(key), message).with_hint(hint));
            }
            Some(time)
        };
        checks.push(PlannedCheck {
            that: expectation.that.clone(),
            location: place.scenario.source.location(node.span()),
            check: expectation.check.clone(),
            until: time(expectation.until, "until"),
            hold: time(expectation.hold, "hold"),
            skipped: versions::not_meant(&expectation.when, choices),
        });
    }
    // A step without a check that is looked at would be a pass of nothing. A component that is not there has been told.
    let is_known = |component: &String| choices.contains_key(component);
    let mut named = written.expect.iter().flat_map(|one| one.when.keys());
    if checks.iter().all(|check| check.skipped.is_some()) && named.all(is_known) {
        let message = format!(
            "no check of step `{}` is meant for these versions",
            written.id
        );
        let reasons: Vec<_> = checks
            .iter()
            .filter_map(|check| check.skipped.as_deref())
            .collect();
        let span = place.node.key_span("expect");
        let problem = place.scenario.source.problem(span, message);
        problems.push(problem.with_hint(reasons.join("; ")));
    }
    Step {
        id: written.id.clone(),
        location: place.scenario.source.location(place.node.span()),
        title: written.title.clone(),
        document: written.document.clone(),
        deadline,
        acts: acts.collect(),
        checks,
    }
}
