//! Which facts there are, and which of them a scenario ignores on purpose.

use std::collections::BTreeSet;

use crate::problem::{Problem, Problems};
use crate::scenario::{Ignored, Scenario};
use crate::yaml;

/// The key of every fact that a mutant can change.
pub const KNOWN_FACTS: [&str; 120] = [
    "addresses.address",
    "addresses.ipv6",
    "addresses.others",
    "addresses.prefix-length",
    "annotations.others",
    "annotations.value",
    "attachments.configuration",
    "attachments.present",
    "blocks.cidr",
    "blocks.deleted",
    "blocks.node",
    "blocks.others",
    "blocks.present",
    "blocks.state",
    "configuration.chained-plugin",
    "configuration.name",
    "configuration.plugin",
    "configuration.range",
    "configuration.text",
    "configuration.version",
    "connections.connected",
    "connections.present",
    "connections.target",
    "events.count",
    "events.message",
    "events.pod",
    "events.present",
    "events.reason",
    "events.time",
    "files.content",
    "files.folder",
    "files.kind",
    "files.mode",
    "files.modified",
    "files.others",
    "files.present",
    "files.size",
    "installation.field",
    "installation.others",
    "installation.pools",
    "installation.present",
    "interfaces.mtu",
    "interfaces.others",
    "interfaces.present",
    "journal.default-network",
    "journal.network-given",
    "leases.address",
    "leases.interface",
    "leases.present",
    "leases.sandbox",
    "links.hairpin",
    "links.kind",
    "links.master",
    "links.present",
    "logs.line",
    "logs.others",
    "network-status.address",
    "network-status.default",
    "network-status.entries",
    "network-status.interface",
    "network-status.mac",
    "network-status.mtu",
    "network-status.network",
    "network-status.present",
    "nodes.annotation",
    "nodes.cordon",
    "nodes.kubelet-version",
    "nodes.others",
    "nodes.present",
    "nodes.ready",
    "nodes.ready-message",
    "nodes.role",
    "nodes.runtime",
    "nodes.runtime-version",
    "nodes.taint",
    "outputs.present",
    "outputs.status",
    "plugins.present",
    "pods.address",
    "pods.addresses",
    "pods.containers",
    "pods.node",
    "pods.others",
    "pods.phase",
    "pods.present",
    "pods.ready",
    "pods.revision",
    "pods.uid",
    "printed.line",
    "printed.others",
    "results.address",
    "results.interface",
    "results.network",
    "results.others",
    "results.pod",
    "results.present",
    "results.sandbox",
    "routes.destination",
    "routes.device",
    "routes.duplicates",
    "routes.flags",
    "routes.gateway",
    "routes.kind",
    "routes.metric",
    "routes.metrics",
    "routes.order",
    "routes.others",
    "routes.present",
    "routes.protocol",
    "routes.scope",
    "routes.source",
    "tigera-status.condition",
    "tigera-status.present",
    "workloads.available",
    "workloads.generation",
    "workloads.present",
    "workloads.ready",
    "workloads.there",
    "workloads.updated",
    "workloads.wanted",
];

/// Whether a text is what a pattern says, in which `*` stands for any text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(start) else {
        return false;
    };
    let mut ends = text
        .char_indices()
        .map(|(index, _)| index)
        .chain([text.len()]);
    ends.any(|index| text.get(index..).is_some_and(|text| matches(rest, text)))
}

/// Whether an entry is about a fact.
pub(super) fn is_about(ignored: &Ignored, step: &str, fact: &str, subject: &str) -> bool {
    matches(&ignored.fact, fact)
        && ignored.step.as_ref().is_none_or(|wanted| wanted == step)
        && ignored
            .subject
            .as_ref()
            .is_none_or(|pattern| matches(pattern, subject))
}

/// A problem for each entry, by its place in the scenario, that no unwatched fact needed.
pub(super) fn unused(scenario: &Scenario, used: &BTreeSet<usize>) -> Problems {
    // A scenario that was made without a file has no places; its problems are told all the same.
    let tree = yaml::read(&scenario.source).unwrap_or_default();
    let mut problems = Problems::default();
    for (index, ignored) in scenario.ignore.iter().enumerate() {
        if !used.contains(&index) {
            let span = tree.key("ignore").item(index).key("fact").span();
            let message = format!(
                "`{}` is ignored, but a check watches each such fact, or there is none",
                ignored.fact
            );
            let problem: Problem = scenario.source.problem(span, message);
            problems.push(problem.with_hint("take the entry out, or correct its step or subject"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("routes.metric", "routes.metric", true)]
    #[case("routes.metric", "routes.metrics", false)]
    #[case("routes.*", "routes.metric", true)]
    #[case("*: eth0", "pod default/a: eth0", true)]
    #[case("*: eth0", "pod default/a: eth01", false)]
    #[case("*a*b*", "xxaxxbxx", true)]
    #[case("*a*b*", "xxbxxaxx", false)]
    #[case("*", "", true)]
    fn a_star_stands_for_any_text(
        #[case] pattern: &str,
        #[case] text: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(matches(pattern, text), expected);
    }
}
