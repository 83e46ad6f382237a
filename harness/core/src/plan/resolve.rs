//! From a scenario, its files, what the source has and what the user asks for to a [`Plan`], or to all that is in the way.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{
    Available, Choice, Files, Options, Plan, PlannedAct, PlannedCheck, Step, files, versions,
};
use crate::problem::{Problem, Problems, known_names};
use crate::scenario::{Draft, Step as WrittenStep, StepDraft, Time};

/// How long a step may take that does not say: a rollout of a few small pods takes half a minute on two cores, and a
/// step that pulls or installs says more.
pub const DEFAULT_DEADLINE: Duration = Duration::from_mins(2);

/// Resolves everything that a run needs to know beforehand. `files` are those of [`Draft::files`].
///
/// # Errors
/// Every problem: those of the scenario's text, unknown components, versions and manifests, conditions that no version
/// meets, files that are missing or cannot be used, times that contradict each other, an unknown `--until`. A text that is
/// broken in one place hides none of the others.
pub fn resolve(
    draft: &Draft,
    files: &Files,
    available: &Available,
    options: &Options,
) -> Result<Plan, Problems> {
    let mut problems = draft.problems().clone();
    files::check(draft, files, &mut problems);
    let choices = versions::choose(draft, available, options, &mut problems);
    until(draft, options, &mut problems);
    for step in &draft.steps {
        times(step, draft, &mut problems);
        unmeant(step, draft, &choices, &mut problems);
    }
    problems.or(())?;
    let scenario = draft.whole()?;
    let steps = scenario.steps.iter().zip(&draft.steps);
    let steps = steps.map(|(written, read)| step(written, read, draft, files, &choices));
    let steps = steps.collect();
    Ok(Plan {
        scenario: scenario.scenario,
        title: scenario.title,
        document: scenario.document,
        nodes: scenario.nodes,
        pod_subnet: scenario.cluster.pod_subnet,
        service_subnet: scenario.cluster.service_subnet,
        source: available.source,
        components: choices,
        steps,
        until: options.until.clone(),
    })
}

fn until(draft: &Draft, options: &Options, problems: &mut Problems) {
    let Some(until) = &options.until else {
        return;
    };
    let names = draft.names();
    if names.lacks_step(until) {
        problems.push(
            Problem::new(
                &format!("--until {until}"),
                format!("the scenario has no step `{until}`"),
            )
            .with_hint(known_names(until, names.steps())),
        );
    }
}

/// No check is waited for longer than its step lasts.
fn times(step: &StepDraft, draft: &Draft, problems: &mut Problems) {
    let deadline = deadline(step.deadline);
    for expectation in &step.expectations {
        for (key, time) in [("until", expectation.until), ("hold", expectation.hold)] {
            if time.is_some_and(|time| time.duration() > deadline) {
                let message = format!(
                    "`{key}` is longer than the step's deadline of {} s",
                    deadline.as_secs_f64()
                );
                let span = expectation.node.key(key).span();
                let hint = "give the step a longer `deadline`";
                problems.push(draft.source.problem(span, message).with_hint(hint));
            }
        }
    }
}

/// A step without a check that is looked at would be a pass of nothing.
fn unmeant(
    step: &StepDraft,
    draft: &Draft,
    choices: &BTreeMap<String, Choice>,
    problems: &mut Problems,
) {
    let checks = &step.expectations;
    // One that could not be read may be meant, and a component that is not there has been told.
    let is_read = checks.len() == step.node.key("expect").items().len();
    let mut named = checks.iter().flat_map(|one| one.when.keys());
    if checks.is_empty() || !is_read || !named.all(|name| choices.contains_key(name)) {
        return;
    }
    let reasons: Option<Vec<String>> = checks
        .iter()
        .map(|check| versions::not_meant(&check.when, choices))
        .collect();
    if let Some(reasons) = reasons {
        let message = match &step.id {
            Some(id) => format!("no check of step `{id}` is meant for these versions"),
            None => "no check of this step is meant for these versions".to_owned(),
        };
        let span = step.node.key_span("expect");
        let problem = draft.source.problem(span, message);
        problems.push(problem.with_hint(reasons.join("; ")));
    }
}

fn deadline(written: Option<Time>) -> Duration {
    written.map_or(DEFAULT_DEADLINE, Time::duration)
}

/// A step as it is written, and as it was read with its places.
fn step(
    written: &WrittenStep,
    read: &StepDraft,
    draft: &Draft,
    files: &Files,
    choices: &BTreeMap<String, Choice>,
) -> Step {
    let acts = written.act.iter().map(|act| PlannedAct {
        act: act.clone(),
        text: act
            .file()
            .and_then(|(_, path)| files.get(path)?.as_ref().ok().cloned()),
    });
    let checks = written.expect.iter().zip(&read.expectations);
    let checks = checks.map(|(expectation, read)| PlannedCheck {
        that: expectation.that.clone(),
        location: draft.source.location(read.node.span()),
        check: expectation.check.clone(),
        until: expectation.until.map(Time::duration),
        hold: expectation.hold.map(Time::duration),
        skipped: versions::not_meant(&expectation.when, choices),
    });
    Step {
        id: written.id.clone(),
        location: draft.source.location(read.node.span()),
        title: written.title.clone(),
        document: written.document.clone(),
        deadline: deadline(written.deadline),
        acts: acts.collect(),
        checks: checks.collect(),
    }
}
