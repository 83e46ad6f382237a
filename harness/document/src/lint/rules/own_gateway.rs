//! A pod that is its own gateway reaches nobody by that route.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::lint::context::Context;
use crate::lint::facts::addresses;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "own-gateway",
    about: "A route goes by the pod's own address",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    // Pod → its addresses, with the line that shows them.
    let mut own: BTreeMap<(&str, Ipv4Addr), usize> = BTreeMap::new();
    for output in &context.outputs {
        let Some(pod) = output.pod.as_deref() else {
            continue;
        };
        for (span, line) in context.lines(&output.piece.content) {
            let shown = line
                .trim_start()
                .strip_prefix("inet ")
                .or_else(|| line.split_once(" src ").map(|(_, source)| source));
            let address = shown.and_then(|shown| addresses(shown).into_iter().next());
            if let Some((_, address, _)) = address {
                own.entry((pod, address))
                    .or_insert_with(|| context.document.line_at(span.start));
            }
        }
    }
    let mut drafts = Vec::new();
    let mut gateways = BTreeSet::new();
    for output in &context.outputs {
        let Some(pod) = output.pod.as_deref() else {
            continue;
        };
        for (span, line) in context.lines(&output.piece.content) {
            let Some((_, by)) = line.split_once(" via ") else {
                continue;
            };
            let Some((_, gateway, _)) = addresses(by).into_iter().next() else {
                continue;
            };
            if let Some(at) = own.get(&(pod, gateway)) {
                gateways.insert(gateway);
                drafts.push(Draft::error(
                    span,
                    format!("{gateway} is the pod's own address (line {at}): the kernel takes the route as on-link, and nothing is reached by it unless someone answers for all addresses"),
                    "use the gateway's address, which is not one that IPAM gives to a pod",
                ));
            }
        }
    }
    // What asked for such a route.
    for command in context.commands.iter().filter(|command| !command.inline) {
        for word in command
            .words
            .iter()
            .filter(|word| word.text.contains("default-route"))
        {
            let asked = addresses(&word.text)
                .into_iter()
                .find(|(_, address, _)| gateways.contains(address));
            if let Some((_, gateway, _)) = asked {
                drafts.push(Draft::error(
                    context.locate(&word.span, &gateway.to_string()),
                    format!("{gateway} is asked for as the default gateway and is given to the pod itself: the first pod of a node gets the range's first free address"),
                    "keep the gateway's address out of the range that IPAM gives to pods",
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
    fn a_gateway_that_is_the_pod() {
        let routes = |gateway: &str| {
            format!(
                "```console\nme@node:~$ kubectl exec -it web -- sh\n/ # ip r\ndefault via {gateway} dev net1\n192.0.2.0/24 dev net1 scope link src 192.0.2.2\n```\n"
            )
        };
        assert_snapshot!(found(&RULE, &routes("192.0.2.2")), @"4:1 error own-gateway: 192.0.2.2 is the pod's own address (line 5): the kernel takes the route as on-link, and nothing is reached by it unless someone answers for all addresses (hint: use the gateway's address, which is not one that IPAM gives to a pod)");
        assert_eq!(found(&RULE, &routes("192.0.2.1")), "");
    }
}
