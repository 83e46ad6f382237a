//! Names are well-formed and unique where they are keys, and no list of steps or expectations is empty.

use std::collections::BTreeSet;

use crate::scenario::draft::{Draft, StepDraft};
use crate::written::{Around, Written};
use crate::yaml::{Node, Reading};

pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    let around = Around::default();
    let written = |node| Written::new(node, reading, &around);
    if let Some(name) = &draft.scenario {
        written(draft.node.key("scenario")).name(name);
    }
    if draft.node.key("steps").is_empty_list() {
        reading.problem_with_hint(
            draft.node.key("steps").span(),
            "a scenario without steps proves nothing",
            "write at least one step",
        );
    }
    let mut ids = BTreeSet::new();
    for step in &draft.steps {
        if let Some(id) = &step.id {
            written(step.node.key("id")).name(id);
            unique(
                id,
                &mut ids,
                "another step has the id",
                step.node.key("id"),
                reading,
            );
        }
        expectations(step, reading);
    }
}

fn expectations(step: &StepDraft, reading: &Reading<'_>) {
    if step.node.key("expect").is_empty_list() {
        reading.problem_with_hint(
            step.node.key_span("expect"),
            "a step that expects nothing proves nothing",
            "write at least one expectation",
        );
    }
    let mut sentences = BTreeSet::new();
    for expectation in &step.expectations {
        let Some(that) = &expectation.that else {
            continue;
        };
        let node = expectation.node.key("that");
        if that.trim().is_empty() {
            reading.problem(node.span(), "`that` is empty");
        }
        unique(
            that,
            &mut sentences,
            "another expectation of this step has the sentence",
            node,
            reading,
        );
    }
}

fn unique<'a>(
    name: &'a str,
    seen: &mut BTreeSet<&'a str>,
    message: &str,
    node: &Node,
    reading: &Reading<'_>,
) {
    if !seen.insert(name) {
        reading.problem_with_hint(
            node.span(),
            format!("{message} `{name}`"),
            "it is a key of the record: choose another",
        );
    }
}
