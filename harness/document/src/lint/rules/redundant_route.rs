//! A route inside another one by the same gateway changes nothing.

use crate::lint::context::Context;
use crate::lint::facts::network;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "redundant-route",
    about: "A configured route lies inside another one with the same gateway",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for configuration in &context.configurations {
        for plugin in configuration.plugins() {
            let Some(routes) = plugin
                .pointer("/ipam/routes")
                .and_then(|routes| routes.as_array())
            else {
                continue;
            };
            let routes: Vec<_> = routes
                .iter()
                .filter_map(|route| {
                    let text = route.get("dst")?.as_str()?;
                    Some((text, network(text)?, route.get("gw")))
                })
                .collect();
            for (text, inner, gateway) in &routes {
                let outer = routes.iter().find(|(_, outer, other)| {
                    outer != inner
                        && outer.contains(inner)
                        && other == gateway
                        && outer.prefix_len() > 0
                });
                if let Some((outer, ..)) = outer {
                    drafts.push(Draft::note(
                        context.locate(&configuration.span, text),
                        format!("the route to {text} lies inside {outer}, which has the same gateway: it changes nothing"),
                        "leave it out",
                    ));
                }
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
    fn a_route_inside_another() {
        assert_snapshot!(found(&RULE, "```json\n{\"type\": \"a\", \"ipam\": {\"routes\": [{\"dst\": \"10.96.0.0/12\"}, {\"dst\": \"10.0.0.0/8\"}]}}\n```\n"), @"2:44 note redundant-route: the route to 10.96.0.0/12 lies inside 10.0.0.0/8, which has the same gateway: it changes nothing (hint: leave it out)");
        assert_eq!(
            found(
                &RULE,
                "```json\n{\"type\": \"a\", \"ipam\": {\"routes\": [{\"dst\": \"10.96.0.0/12\", \"gw\": \"10.1.0.1\"}, {\"dst\": \"10.0.0.0/8\"}]}}\n```\n"
            ),
            ""
        );
    }
}
