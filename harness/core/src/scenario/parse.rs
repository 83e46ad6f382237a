//! From the text of a scenario file to a [`Scenario`], or to all that is wrong with it.
//!
//! Steps, acts and expectations are read each on its own, so that one broken piece does not hide the next. What depends
//! on anything but this text (files, components, versions) is judged by [`crate::plan::resolve`].

use super::Scenario;
use super::draft::{ActDraft, Draft, ExpectationDraft, IgnoredDraft, StepDraft};
use super::rules;
use crate::problem::{Problems, SourceText};
use crate::yaml::{self, Fields, Node, Reading};

const SCENARIO_KEYS: &[&str] = &[
    "scenario",
    "title",
    "document",
    "nodes",
    "cluster",
    "components",
    "steps",
    "ignore",
];
const IGNORED_KEYS: &[&str] = &["fact", "step", "subject", "reason"];
const STEP_KEYS: &[&str] = &["id", "title", "document", "deadline", "act", "expect"];
const EXPECTATION_KEYS: &[&str] = &["that", "check", "until", "hold", "when"];

/// Reads a scenario; `file` is its path as the user gave it, and stands in the problems.
///
/// # Errors
/// Every problem of the file, in its order.
pub fn parse(file: &str, text: &str) -> Result<Scenario, Problems> {
    let source = SourceText::new(file, text);
    let tree = yaml::read(&source)?;
    let reading = Reading::of(&source);
    let scenario = scenario(&tree, &reading).and_then(|draft| {
        rules::check(&draft, &reading);
        draft.finish(&source)
    });
    let problems = reading.finish();
    match scenario {
        Some(scenario) => problems.or(scenario),
        None => Err(problems.sorted()),
    }
}

fn scenario<'a>(node: &'a Node, reading: &'a Reading<'_>) -> Option<Draft<'a>> {
    let fields = Fields::of(node, SCENARIO_KEYS, reading)?;
    let steps = fields.required_list("steps").unwrap_or_default();
    Some(Draft {
        node,
        scenario: fields.required("scenario"),
        title: fields.required("title"),
        document: fields.required("document"),
        nodes: fields.required("nodes"),
        cluster: fields.required("cluster"),
        components: fields.required("components"),
        steps: steps
            .iter()
            .filter_map(|node| step(node, reading))
            .collect(),
        ignored: fields
            .optional_list("ignore")
            .iter()
            .filter_map(|node| ignored(node, reading))
            .collect(),
    })
}

fn ignored<'a>(node: &'a Node, reading: &'a Reading<'_>) -> Option<IgnoredDraft<'a>> {
    let fields = Fields::of(node, IGNORED_KEYS, reading)?;
    Some(IgnoredDraft {
        node,
        fact: fields.required("fact"),
        step: fields.optional("step"),
        subject: fields.optional("subject"),
        reason: fields.required("reason"),
    })
}

fn step<'a>(node: &'a Node, reading: &'a Reading<'_>) -> Option<StepDraft<'a>> {
    let fields = Fields::of(node, STEP_KEYS, reading)?;
    let acts = fields.optional_list("act");
    let expectations = fields.required_list("expect").unwrap_or_default();
    Some(StepDraft {
        node,
        id: fields.required("id"),
        title: fields.required("title"),
        document: fields.optional("document"),
        deadline: fields.optional("deadline"),
        acts: acts.iter().filter_map(|node| act(node, reading)).collect(),
        expectations: expectations
            .iter()
            .filter_map(|node| expectation(node, reading))
            .collect(),
    })
}

fn act<'a>(node: &'a Node, reading: &'a Reading<'_>) -> Option<ActDraft<'a>> {
    let act = yaml::value(node, reading)?;
    Some(ActDraft {
        node: node.only(),
        act,
    })
}

fn expectation<'a>(node: &'a Node, reading: &'a Reading<'_>) -> Option<ExpectationDraft<'a>> {
    let fields = Fields::of(node, EXPECTATION_KEYS, reading)?;
    Some(ExpectationDraft {
        node,
        that: fields.required("that"),
        check: fields.required("check"),
        until: fields.optional("until"),
        hold: fields.optional("hold"),
        when: fields.optional("when").unwrap_or_default(),
    })
}
