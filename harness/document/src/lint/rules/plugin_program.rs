//! A plugin must be installed on the nodes before a configuration names it.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "plugin-program",
    about: "A configuration names a plugin that no step installs",
    check,
};

/// Reference plugins that neither Calico nor Multus installs; distributions differ in which of them a node has.
const REFERENCE: [&str; 8] = [
    "bridge",
    "macvlan",
    "ipvlan",
    "host-device",
    "vlan",
    "ptp",
    "dhcp",
    "vrf",
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let lower = context.mentions.lower();
    let names = [
        "cni-plugins",
        "reference plugins",
        "kubernetes-cni",
        "containernetworking",
    ];
    if names.iter().any(|name| lower.contains(name)) {
        return Vec::new();
    }
    let missing: Vec<&str> = REFERENCE
        .into_iter()
        .filter(|kind| !lower.contains(&format!("/opt/cni/bin/{kind}")))
        .collect();
    let mut drafts = Vec::new();
    for configuration in &context.configurations {
        for plugin in configuration.plugins() {
            let kind = plugin
                .get("type")
                .and_then(|kind| kind.as_str())
                .unwrap_or_default();
            if missing.contains(&kind) {
                drafts.push(Draft::warning(
                    context.locate(&configuration.span, &format!("\"{kind}\"")),
                    format!("no step installs the plugin `{kind}`, and neither Calico nor Multus brings it: without /opt/cni/bin/{kind} no pod with this network starts"),
                    "say that the CNI reference plugins must be on every node, and of which version",
                ));
            }
        }
    }
    drafts
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_plugin_out_of_nowhere() {
        assert_snapshot!(found(&RULE, "```json\n{\"type\": \"macvlan\"}\n```\n"), @"2:10 warning plugin-program: no step installs the plugin `macvlan`, and neither Calico nor Multus brings it: without /opt/cni/bin/macvlan no pod with this network starts (hint: say that the CNI reference plugins must be on every node, and of which version)");
        assert_eq!(
            found(
                &RULE,
                "Each node has the cni-plugins 1.5.1.\n\n```json\n{\"type\": \"macvlan\"}\n```\n"
            ),
            ""
        );
    }
}
