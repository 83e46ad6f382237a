//! From the text of a `versions.yaml` to [`Versions`], or to all that is wrong with it.
//!
//! What depends on the catalogue or the scenario is judged by [`super::cells`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use semver::VersionReq;

use super::Versions;
use crate::problem::{Problems, SourceText, known_names};
use crate::yaml::{self, Node, Reading};

/// Reads the versions of a scenario; `file` is the path as the user gave it, and stands in the problems.
///
/// # Errors
/// Every problem of the file, in its order.
pub fn parse(file: &str, text: &str) -> Result<Versions, Problems> {
    let source = SourceText::new(file, text);
    let mut places = Node::default();
    let versions = yaml::from_text_with(&source, |versions: &Versions, tree, reading| {
        check(versions, tree, reading);
        places.clone_from(tree);
    })?;
    Ok(Versions {
        source,
        tree: Arc::new(places),
        ..versions
    })
}

/// The JSON Schema of a `versions.yaml`, for editors: pretty, with a newline at the end.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Versions);
    format!("{:#}\n", schema.as_value())
}

fn check(versions: &Versions, tree: &Node, reading: &Reading<'_>) {
    axes(versions, tree, reading);
    base(versions, tree, reading);
    let conditions = [
        (
            "together",
            versions
                .together
                .iter()
                .map(|one| &one.when)
                .collect::<Vec<_>>(),
        ),
        (
            "exclude",
            versions.exclude.iter().map(|one| &one.when).collect(),
        ),
        (
            "known",
            versions.known.iter().map(|one| &one.when).collect(),
        ),
    ];
    for (key, conditions) in conditions {
        for (index, when) in conditions.into_iter().enumerate() {
            let node = tree.key(key).item(index);
            condition(versions, when, node.key("when"), reading);
        }
    }
    for (index, together) in versions.together.iter().enumerate() {
        let node = tree.key("together").item(index).key("take");
        if together.take.is_empty() {
            reading.problem(node.span(), "nothing is taken together");
        }
        for name in together.take.keys() {
            if versions.axes.contains_key(name) {
                reading.problem_with_hint(
                    node.key_span(name),
                    format!("`{name}` is an axis, so its version is the cell's own"),
                    "leave cells out with `exclude` instead",
                );
            }
        }
    }
    for (index, known) in versions.known.iter().enumerate() {
        let node = tree.key("known").item(index);
        if known.says.is_empty() || known.says.iter().any(|text| text.trim().is_empty()) {
            reading.problem_with_hint(
                node.key("says").span(),
                "a known defect must say by which text it is known",
                "give a piece of the failure's text that no other failure has",
            );
        }
    }
}

fn axes(versions: &Versions, tree: &Node, reading: &Reading<'_>) {
    let node = tree.key("axes");
    if versions.axes.is_empty() {
        reading.problem(node.span(), "there is no axis, so there is no cell");
    }
    for (name, list) in &versions.axes {
        let node = node.key(name);
        if list.is_empty() {
            reading.problem(node.span(), format!("axis `{name}` has no version"));
        }
        let mut seen = BTreeSet::new();
        for (index, version) in list.iter().enumerate() {
            if !seen.insert(version) {
                let span = node.item(index).span();
                reading.problem(span, format!("{name} {version} is there twice"));
            }
        }
    }
}

fn base(versions: &Versions, tree: &Node, reading: &Reading<'_>) {
    let node = tree.key("base");
    for (name, list) in &versions.axes {
        match versions.base.get(name) {
            None => reading.problem(node.span(), format!("the base has no version of {name}")),
            Some(version) if !list.contains(version) => {
                let known: Vec<_> = list.iter().map(ToString::to_string).collect();
                reading.problem_with_hint(
                    node.key(name).span(),
                    format!("{name} {version} is not on its axis"),
                    format!("known: {}", known.join(", ")),
                );
            }
            Some(_) => {}
        }
    }
    for name in versions.base.keys() {
        unknown_axis(versions, name, node, reading);
    }
}

fn condition(
    versions: &Versions,
    when: &BTreeMap<String, VersionReq>,
    node: &Node,
    reading: &Reading<'_>,
) {
    if when.is_empty() {
        reading.problem(
            node.span(),
            "`when` names no version, so it would mean every cell",
        );
    }
    for name in when.keys() {
        unknown_axis(versions, name, node, reading);
    }
}

fn unknown_axis(versions: &Versions, name: &str, node: &Node, reading: &Reading<'_>) {
    if !versions.axes.contains_key(name) {
        let axes = versions.axes.keys().map(String::as_str);
        reading.problem_with_hint(
            node.key_span(name),
            format!("`{name}` is no axis"),
            known_names(name, axes),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_types_own() {
        let committed = include_str!("../../../../scenarios/versions.schema.json");
        assert!(
            committed == schema(),
            "the schema is stale: run `rehearse schema versions > scenarios/versions.schema.json`"
        );
    }
}
