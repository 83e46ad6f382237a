//! Texts with variables in `{{ }}`: the files that a scenario writes on each node, and the cluster's configuration.
//!
//! Strict: a variable that does not exist is a problem with its place and the known names, never an empty text. Nothing is
//! escaped, and no file is included. [`Text`] is what a scenario says in one line, with typed variables and nothing else.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;

use crate::problem::{Problem, Problems, SourceText, known_names};

mod body;
mod tags;
mod text;

pub use body::Body;
pub(crate) use tags::word;
use tags::{STATEMENT, VARIABLE, tags};
pub use text::Text;

/// How much work a template may be, in the template library's measure, which counts steps and the bytes that are made. A
/// node's file needs some hundred, and this much takes a fraction of a second.
const FUEL: u64 = 200_000;

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
    /// `node.block`: the node's first Calico block, such as `10.244.19.0/24`; one of IPv4 where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// `node.prefix`: the first block without its last octet, such as `10.244.19`; nothing of IPv6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// `node.ipv6_block`: the node's first block of IPv6, such as `fd44:9::40/122`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_block: Option<String>,
    /// `node.blocks`: all of them, IPv4 before IPv6, as in `{% for block in node.blocks %}`.
    pub blocks: Vec<String>,
}

impl NodeVariables {
    /// What is known of a node with these blocks, IPv4 before IPv6.
    pub fn new(name: &str, blocks: &[IpNet]) -> Self {
        let ipv6 = blocks.iter().find(|block| block.addr().is_ipv6());
        Self {
            name: name.to_owned(),
            block: blocks.first().map(ToString::to_string),
            prefix: blocks.first().and_then(|block| prefix(*block)),
            ipv6_block: ipv6.map(ToString::to_string),
            blocks: blocks.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The first three numbers of a block, such as `10.244.19`; none of IPv6.
pub fn prefix(block: IpNet) -> Option<String> {
    let IpNet::V4(block) = block else {
        return None;
    };
    let [first, second, third, _] = block.network().octets();
    Some(format!("{first}.{second}.{third}"))
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
        let ipv4 = Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24);
        let ipv6 = Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 122);
        Self {
            node: NodeVariables::new("worker", &[ipv4.into(), ipv6.into()]),
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

/// Whether a template of a node's file asks for the node's blocks, which no node has before Calico is there.
pub fn needs_blocks(file: &str, text: &str) -> bool {
    let of_blocks = ["block", "blocks", "ipv6_block", "prefix"];
    let is_of_blocks = |name: &String| {
        let mut parts = name.split('.');
        let of_node = (parts.next() == Some("node")).then(|| parts.next());
        // The node as a whole has its blocks in it.
        of_node.is_some_and(|part| part.is_none_or(|part| of_blocks.contains(&part)))
    };
    // A template that cannot be read asks for nothing; filling it tells why.
    environment().is_ok_and(|environment| {
        let template = environment.template_from_named_str(file, text);
        template.is_ok_and(|template| template.undeclared_variables(true).iter().any(is_of_blocks))
    })
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
    environment.set_fuel(Some(FUEL));
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
        _ if error.kind() == ErrorKind::OutOfFuel => {
            "the template is given up: its loops or texts grow beyond all measure".to_owned()
        }
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
    let marks = [VARIABLE, STATEMENT];
    let mut places = Vec::new();
    // A tag that is not closed has been told by whoever read the template.
    for tag in tags(text, &marks).flatten() {
        for (at, _) in text[tag.clone()].match_indices(name) {
            let place = tag.start + at..tag.start + at + name.len();
            let is_whole =
                !text[..place.start].ends_with(is_part) && !text[place.end..].starts_with(is_part);
            if is_whole {
                places.push(place);
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use insta::assert_snapshot;
    use rstest::rstest;

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
    fn all_blocks_of_a_node_can_be_walked() -> Result<(), Problem> {
        let text = "{% for block in node.blocks %}{{ block }};{% endfor %} {{ node.ipv6_block }}\n";
        let filled = fill("a.conf", text, &Variables::example())?;
        assert_eq!(filled, "192.0.2.0/24;2001:db8::/122; 2001:db8::/122\n");
        Ok(())
    }

    #[test]
    fn a_node_without_a_block_of_ipv4_has_no_prefix() {
        let node = NodeVariables::new(
            "worker",
            &[Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128).into()],
        );
        let variables = Variables {
            node,
            ..Variables::example()
        };
        let filled = fill("a.conf", "{{ node.block }} {{ node.prefix }}", &variables);
        assert!(filled.is_err_and(|problem| {
            problem
                .to_string()
                .contains("unknown variable `node.prefix`")
        }));
    }

    #[rstest]
    #[case("{{ node.block }}", true)]
    #[case("{% for block in node.blocks %}{% endfor %}", true)]
    #[case("{{ node.prefix }}.1 {{ node.name }}", true)]
    #[case("node.block {{ node.name }} {{ cluster.service_address }}", false)]
    #[case("{{ node.block", false)]
    fn a_template_needs_blocks_where_it_names_one(#[case] text: &str, #[case] needs: bool) {
        assert_eq!(needs_blocks("a.conf", text), needs);
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
          = hint: did you mean `node.prefix`? Known: cluster.service_address, node.block, node.blocks, node.ipv6_block, node.name, node.prefix

        error: unknown variable `node.prefx`
         --> files/a.conf:2:25
          |
        2 | b: {{ node.prefix }}.{{ node.prefx }}
          |                         ^^^^^^^^^^
          |
          = hint: did you mean `node.prefix`? Known: cluster.service_address, node.block, node.blocks, node.ipv6_block, node.name, node.prefix

        error: unknown variable `subnet`
         --> files/a.conf:3:7
          |
        3 | c: {{ subnet }}
          |       ^^^^^^
          |
          = hint: known: cluster.service_address, node.block, node.blocks, node.ipv6_block, node.name, node.prefix
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
          = hint: known: cluster.service_address, node.block, node.blocks, node.ipv6_block, node.name, node.prefix

        error: unknown variable `address`
         --> a:1:20
          |
        1 | {{ cluster.service-address }}
          |                    ^^^^^^^
          |
          = hint: known: cluster.service_address, node.block, node.blocks, node.ipv6_block, node.name, node.prefix
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
          = hint: known: cluster.service_address, node.block, node.blocks, node.ipv6_block, node.name, node.prefix
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
    fn a_template_that_grows_without_end_is_given_up() {
        let loops =
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}";
        let doubled = format!("{{% set a = \"xx\" %}}{}", "{% set a = a ~ a %}".repeat(60));
        for text in [loops, &doubled, "{{ \"x\" * 9999999999 }}"] {
            let told = check("a.conf", text).to_string();
            assert!(told.contains("grow beyond all measure"), "{told}");
        }
        let small = "{% for i in range(200) %}{{ node.name }}{% endfor %}";
        assert!(check("a.conf", small).is_empty());
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
