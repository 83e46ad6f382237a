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
    read(file, text).whole()
}

/// Reads as much of a scenario as there is to be read; `file` is its path as the user gave it.
pub fn read(file: &str, text: &str) -> Draft {
    let source = SourceText::new(file, text);
    let reading = Reading::of(&source);
    let (draft, problems) = match reading.tree() {
        Ok(node) => {
            let draft = scenario(node, &reading);
            if let Some(draft) = &draft {
                rules::check(draft, &reading);
            }
            (draft, reading.finish())
        }
        Err(problems) => (None, problems),
    };
    Draft {
        source,
        problems,
        // What is no mapping has nothing of a scenario.
        ..draft.unwrap_or_default()
    }
}

fn scenario(node: Node, reading: &Reading<'_>) -> Option<Draft> {
    let fields = Fields::of(&node, SCENARIO_KEYS, reading)?;
    let steps = fields.required_list("steps").unwrap_or_default();
    Some(Draft {
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
        node,
        ..Draft::default()
    })
}

fn ignored(node: &Node, reading: &Reading<'_>) -> Option<IgnoredDraft> {
    let fields = Fields::of(node, IGNORED_KEYS, reading)?;
    Some(IgnoredDraft {
        node: node.clone(),
        fact: fields.required("fact"),
        step: fields.optional("step"),
        subject: fields.optional("subject"),
        reason: fields.required("reason"),
    })
}

fn step(node: &Node, reading: &Reading<'_>) -> Option<StepDraft> {
    let fields = Fields::of(node, STEP_KEYS, reading)?;
    let acts = fields.optional_list("act");
    let expectations = fields.required_list("expect").unwrap_or_default();
    Some(StepDraft {
        node: node.clone(),
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

fn act(node: &Node, reading: &Reading<'_>) -> Option<ActDraft> {
    let act = yaml::value(node, reading)?;
    Some(ActDraft {
        node: node.only().clone(),
        act,
    })
}

fn expectation(node: &Node, reading: &Reading<'_>) -> Option<ExpectationDraft> {
    let fields = Fields::of(node, EXPECTATION_KEYS, reading)?;
    Some(ExpectationDraft {
        node: node.clone(),
        that: fields.required("that"),
        check: fields.required("check"),
        until: fields.optional("until"),
        hold: fields.optional("hold"),
        when: fields.optional("when").unwrap_or_default(),
    })
}
