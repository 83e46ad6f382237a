//! From the text of a file of faults to [`Planted`], or to all that is wrong with it.
//!
//! What a fault says about checks is looked up in the scenario, so that a check which was renamed is a problem here and
//! not a fault that nothing notices.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Act, Fault, Planted};
use crate::problem::{Problems, SourceText};
use crate::scenario::{Names, Time};
use crate::yaml::{self, Fields, Node, Reading};

const FILE_KEYS: &[&str] = &["faults"];
const FAULT_KEYS: &[&str] = &[
    "id",
    "title",
    "after",
    "plant",
    "red",
    "broken",
    "consequences",
    "within",
];

/// How long a fault may take until its checks are red, where it does not say.
const WITHIN: Duration = Duration::from_secs(20);

/// Reads a file of faults of a scenario, whose `names` they refer to; `file` is its path as the user gave it.
///
/// # Errors
/// Every problem of the file, in its order.
pub fn parse(file: &str, text: &str, names: &Names) -> Result<Planted, Problems> {
    let source = SourceText::new(file, text);
    let reading = Reading::of(&source);
    let tree = reading.tree()?;
    let faults = Fields::of(&tree, FILE_KEYS, &reading)
        .and_then(|fields| fields.required_list("faults"))
        .map(|nodes| {
            let mut ids = BTreeSet::new();
            nodes
                .iter()
                .filter_map(|node| fault(node, names, &mut ids, &reading))
                .collect()
        });
    let problems = reading.finish();
    match faults {
        Some(faults) => problems.or(Planted { faults }),
        None => Err(problems.sorted()),
    }
}

fn fault(
    node: &Node,
    scenario: &Names,
    ids: &mut BTreeSet<String>,
    reading: &Reading<'_>,
) -> Option<Fault> {
    let fields = Fields::of(node, FAULT_KEYS, reading)?;
    let id = fields.required::<String>("id");
    let title = fields.required("title");
    let after = fields.required::<String>("after");
    let acts = fields.required_list("plant");
    let plant: Vec<Act> = acts
        .unwrap_or_default()
        .iter()
        .filter_map(|node| act(node, reading))
        .collect();
    if acts.is_some_and(<[Node]>::is_empty) {
        let span = node.key_span("plant");
        reading.problem(span, "a fault without an act is none");
    }
    let names = |key| -> Vec<(&Node, String)> {
        let nodes = fields.optional_list(key).iter();
        nodes
            .filter_map(|node| Some((node, yaml::value(node, reading)?)))
            .collect()
    };
    let (red, broken, consequences) = (names("red"), names("broken"), names("consequences"));
    if red.is_empty() && broken.is_empty() {
        reading.problem_with_hint(
            node.span(),
            "no check notices this fault",
            "name the checks that must turn red under `red`",
        );
    }
    if let Some(id) = &id
        && !ids.insert(id.clone())
    {
        let span = node.key("id").span();
        reading.problem(span, format!("there is a fault `{id}` already"));
    }
    if let Some(after) = &after {
        scenario.refuse_unknown_step(after, node.key("after"), reading);
        for (node, name) in red.iter().chain(&broken).chain(&consequences) {
            scenario.refuse_unknown_check(after, name, node, reading);
        }
    }
    let within = fields.optional("within").map_or(WITHIN, Time::duration);
    Some(Fault {
        id: id?,
        title: title?,
        after: after?,
        plant,
        red: texts(red),
        broken: texts(broken),
        consequences: texts(consequences),
        within,
    })
}

fn act(node: &Node, reading: &Reading<'_>) -> Option<Act> {
    let act: Act = yaml::value(node, reading)?;
    if let Act::Patch(super::Patch { target, .. }) | Act::Delete(target) = &act
        && target.name.is_some() == target.selector.is_some()
    {
        reading.problem(
            node.span(),
            "an object has either a `name` or a `selector` here",
        );
    }
    Some(act)
}

fn texts(names: Vec<(&Node, String)>) -> Vec<String> {
    names.into_iter().map(|(_, name)| name).collect()
}
