//! What the checks expect of pods' routes and events can be read: lines in the form of `ip route`, and no placeholder but
//! `{{ pod.INTERFACE }}`.

use crate::check::Check;
use crate::observation::routes::Route;
use crate::scenario::draft::Draft;
use crate::yaml::{Node, Reading};

pub(super) fn check(draft: &Draft<'_>, reading: &Reading<'_>) {
    for (node, check) in draft.checks() {
        match check {
            Check::PodRoutes(routes) => {
                for (index, line) in routes.exactly.iter().enumerate() {
                    let node = node.key("exactly").item(index);
                    if let Some(line) = filled(line, node, reading) {
                        route(&line, node, reading);
                    }
                }
            }
            Check::PodEvents(events) => {
                for (index, message) in events.messages.iter().enumerate() {
                    filled(message, node.key("messages").item(index), reading);
                }
            }
            _ => {}
        }
    }
}

/// The text with an example address in place of each placeholder; nothing where a placeholder does not exist.
fn filled(text: &str, node: &Node, reading: &Reading<'_>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let name = after.split_once("}}");
        let interface = name.and_then(|(name, _)| name.trim().strip_prefix("pod."));
        let (Some((_, after)), Some(true)) = (name, interface.map(is_interface)) else {
            reading.problem_with_hint(
                node.span(),
                format!(
                    "unknown placeholder `{}`",
                    name.map_or(after, |(name, _)| name).trim()
                ),
                "the only one is `{{ pod.INTERFACE }}`, such as `{{ pod.net1 }}`: the pod's own \
                 address there",
            );
            return None;
        };
        filled.push_str(before);
        filled.push_str("192.0.2.1");
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// The kernel's rule for an interface's name (`IFNAMSIZ` is 16 with the closing zero).
fn is_interface(name: &str) -> bool {
    let is_printable = |letter: char| letter.is_ascii_graphic() && letter != '/' && letter != ':';
    !name.is_empty() && name.len() < 16 && name.chars().all(is_printable)
}

fn route(line: &str, node: &Node, reading: &Reading<'_>) {
    if let Err(why) = line.parse::<Route>() {
        reading.problem_with_hint(
            node.span(),
            format!("failed to read the route `{line}`: {why}"),
            "write it as `ip route` prints it, such as `10.0.0.0/8 via 169.254.1.1 dev eth0`",
        );
    }
}
