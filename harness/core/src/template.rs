//! Texts with variables in `{{ }}`: the files that a scenario writes on each node, and the cluster's configuration.
//!
//! Strict: a variable that does not exist is a problem with its place and the known names, never an empty text. Nothing is
//! escaped, and no file is included.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::Serialize;

use crate::problem::{Problem, Problems, SourceText, known_names};

/// What a template of a node's file knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Variables {
    /// The node that the file is for.
    pub node: NodeVariables,
    /// The cluster.
    pub cluster: ClusterVariables,
}

/// What a template knows of its node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeVariables {
    /// `node.name`: the Node object's name.
    pub name: String,
    /// `node.block`: the node's Calico block, such as `10.244.19.0/24`.
    pub block: String,
    /// `node.prefix`: the block without its last octet, such as `10.244.19`.
    pub prefix: String,
}

/// What a template knows of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClusterVariables {
    /// `cluster.service_address`: the API's address in the cluster, such as `10.96.0.1`.
    pub service_address: String,
}

impl Variables {
    /// Values of the right form, to look at a template without a cluster.
    fn example() -> Self {
        Self {
            node: NodeVariables {
                name: "worker".to_owned(),
                block: "192.0.2.0/24".to_owned(),
                prefix: "192.0.2".to_owned(),
            },
            cluster: ClusterVariables {
                service_address: "198.51.100.1".to_owned(),
            },
        }
    }
}

/// The text of a node's file.
///
/// # Errors
/// The first thing that is wrong with the template, with its place.
pub fn fill(file: &str, text: &str, variables: &Variables) -> Result<String, Problem> {
    render(file, text, variables)
}

/// What is wrong with the template of a node's file, as far as that can be known without a cluster.
pub fn check(file: &str, text: &str) -> Problems {
    let context = Value::from(Serde(Variables::example()));
    let mut problems = unknown_variables(&SourceText::new(file, text), &context);
    if problems.is_empty() {
        problems.extend(render(file, text, context).err());
    }
    problems
}

/// A text filled from any context, such as the cluster's configuration.
///
/// # Errors
/// The first thing that is wrong with the template, with its place.
pub fn render(file: &str, text: &str, context: impl Serialize) -> Result<String, Problem> {
    let source = SourceText::new(file, text);
    let context = Value::from(Serde(context));
    if let Some(problem) = unknown_variables(&source, &context).into_iter().next() {
        return Err(problem);
    }
    environment()
        .and_then(|environment| {
            environment
                .template_from_named_str(file, text)?
                .render(context)
        })
        .map_err(|error| located(&source, &error))
}

fn environment<'a>() -> Result<Environment<'a>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .keep_trailing_newline(true)
            .build()?,
    );
    // The default escapes by the name's ending, so that a path in a `.json` file would get quotes.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    Ok(environment)
}

fn located(source: &SourceText, error: &minijinja::Error) -> Problem {
    let message = match error.detail() {
        Some(detail) => format!("failed to read the template: {detail}"),
        None => format!("failed to read the template: {}", error.kind()),
    };
    let place = error
        .range()
        .or_else(|| error.line().map(|line| line_span(&source.text, line)));
    match place {
        Some(span) => source.problem(span, message),
        None => Problem::new(&source.file, message),
    }
}

fn line_span(text: &str, line: usize) -> Range<usize> {
    let lines = text.split_inclusive('\n');
    let start: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
    start..text.len()
}

/// Every place of every variable that the context lacks.
fn unknown_variables(source: &SourceText, context: &Value) -> Problems {
    let mut problems = Problems::default();
    // A template that cannot be read has no variables yet; filling it tells why.
    let Ok(environment) = environment() else {
        return problems;
    };
    let Ok(template) = environment.template_from_named_str(&source.file, &source.text) else {
        return problems;
    };
    let mut known = BTreeSet::new();
    collect_names("", context, &mut known);
    let mut used: Vec<String> = template.undeclared_variables(true).into_iter().collect();
    used.sort_unstable();
    for name in used {
        let is_global = environment.globals().any(|(global, _)| global == name);
        if is_global || known.contains(&name) || has_no_known_keys(&name, context) {
            continue;
        }
        let names = known.iter().map(String::as_str);
        let message = format!("unknown variable `{name}`");
        let hint = known_names(&name, names);
        let places = places(&source.text, &name);
        if places.is_empty() {
            problems.push(Problem::new(&source.file, message.clone()).with_hint(hint.clone()));
        }
        problems.extend(places.into_iter().map(|span| {
            source
                .problem(span, message.clone())
                .with_hint(hint.clone())
        }));
    }
    problems.sorted()
}

/// The full names of all values that are no mappings themselves.
fn collect_names(prefix: &str, value: &Value, names: &mut BTreeSet<String>) {
    if value.kind() != ValueKind::Map {
        names.insert(prefix.to_owned());
        return;
    }
    for key in value.try_iter().into_iter().flatten() {
        let path = if prefix.is_empty() {
            key.to_string()
        } else {
            format!("{prefix}.{key}")
        };
        if let Ok(inner) = value.get_item(&key) {
            collect_names(&path, &inner, names);
        }
    }
}

/// Whether the name goes into a list or a text, whose inner names only filling can judge.
fn has_no_known_keys(name: &str, context: &Value) -> bool {
    let mut value = context.clone();
    for part in name.split('.') {
        if value.kind() != ValueKind::Map {
            return !value.is_undefined();
        }
        value = value.get_attr(part).unwrap_or(Value::UNDEFINED);
    }
    false
}

/// Where a variable is written inside `{{ }}` or `{% %}`.
fn places(text: &str, name: &str) -> Vec<Range<usize>> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    text.match_indices(name)
        .map(|(start, _)| start..start + name.len())
        .filter(|span| {
            let before = &text[..span.start];
            let opened = before.rfind("{{").max(before.rfind("{%"));
            let closed = before.rfind("}}").max(before.rfind("%}"));
            let is_inside = opened > closed;
            is_inside && !before.ends_with(is_part) && !text[span.end..].starts_with(is_part)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn variables_are_filled_in_and_nothing_is_escaped() -> Result<(), Problem> {
        let text = "{ \"rangeStart\": \"{{ node.prefix }}.150\", \"n\": \"{{node.name}}\" }\n";
        let filled = fill("files/net-calico.json", text, &Variables::example())?;
        assert_eq!(
            filled,
            "{ \"rangeStart\": \"192.0.2.150\", \"n\": \"worker\" }\n"
        );
        Ok(())
    }

    #[test]
    fn every_place_of_an_unknown_variable_is_told() {
        let text = "a: {{ node.prefx }}\nb: {{ node.prefix }}.{{ node.prefx }}\nc: {{ subnet }}\n";
        assert_snapshot!(check("files/a.conf", text), @r"
        error: unknown variable `node.prefx`
         --> files/a.conf:1:7
          |
        1 | a: {{ node.prefx }}
          |       ^^^^^^^^^^
          |
          = hint: did you mean `node.prefix`? Known: cluster.service_address, node.block, node.name, node.prefix

        error: unknown variable `node.prefx`
         --> files/a.conf:2:25
          |
        2 | b: {{ node.prefix }}.{{ node.prefx }}
          |                         ^^^^^^^^^^
          |
          = hint: did you mean `node.prefix`? Known: cluster.service_address, node.block, node.name, node.prefix

        error: unknown variable `subnet`
         --> files/a.conf:3:7
          |
        3 | c: {{ subnet }}
          |       ^^^^^^
          |
          = hint: known: cluster.service_address, node.block, node.name, node.prefix
        ");
    }

    #[test]
    fn a_hyphen_is_no_part_of_a_name() {
        assert_snapshot!(check("a", "{{ cluster.service-address }}"), @r"
        error: unknown variable `cluster.service`
         --> a:1:4
          |
        1 | {{ cluster.service-address }}
          |    ^^^^^^^^^^^^^^^
          |
          = hint: known: cluster.service_address, node.block, node.name, node.prefix

        error: unknown variable `address`
         --> a:1:20
          |
        1 | {{ cluster.service-address }}
          |                    ^^^^^^^
          |
          = hint: known: cluster.service_address, node.block, node.name, node.prefix
        ");
    }

    #[test]
    fn a_mapping_is_no_value() {
        assert_snapshot!(check("a", "x {{ node }}"), @r"
        error: unknown variable `node`
         --> a:1:6
          |
        1 | x {{ node }}
          |      ^^^^
          |
          = hint: known: cluster.service_address, node.block, node.name, node.prefix
        ");
    }

    #[test]
    fn a_template_that_never_closes_is_a_problem() {
        assert_snapshot!(check("a", "one\n{{ node.name \n"), @r"
        error: failed to read the template: unexpected end of input, expected end of variable block
         --> a:2:9
          |
        2 | {{ node.name 
          |         ^^^^
        ");
    }

    #[test]
    fn lists_of_a_context_can_be_walked() -> Result<(), Problem> {
        let context = BTreeMap::from([("mounts", vec![BTreeMap::from([("host", "/a")])])]);
        let text = "{% for mount in mounts %}- {{ mount.host }}\n{% endfor %}{% for i in range(2) %}{{ i }}{% endfor %}";
        assert_eq!(render("kind/cluster.yaml", text, context)?, "- /a\n01");
        Ok(())
    }

    #[test]
    fn an_unknown_variable_of_a_context_is_a_problem() {
        let context = BTreeMap::from([("workers", 2)]);
        let result = render("kind/cluster.yaml", "n: {{ worker }}\n", context);
        assert_snapshot!(result.unwrap_or_else(|problem| problem.to_string()), @r"
        error: unknown variable `worker`
         --> kind/cluster.yaml:1:7
          |
        1 | n: {{ worker }}
          |       ^^^^^^
          |
          = hint: did you mean `workers`? Known: workers
        ");
    }
}
