//! Who says that a default route is removed must remove it.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "default-route-claim",
    about: "A default route is said to be removed, and nothing removes it",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let removes = context.commands.iter().any(|command| {
        command.words.windows(2).any(|pair| {
            matches!(pair[0].text.as_str(), "route" | "r") && pair[1].text.starts_with("del")
        })
    });
    // Calico's plugin leaves its default route out as soon as its IPAM has routes of its own.
    let replaced = context
        .configurations
        .iter()
        .flat_map(|configuration| {
            configuration
                .plugins()
                .into_iter()
                .map(|plugin| (plugin, &configuration.span))
                .collect::<Vec<_>>()
        })
        .find(|(plugin, _)| {
            plugin.get("type").and_then(|kind| kind.as_str()) == Some("calico")
                && plugin
                    .pointer("/ipam/routes")
                    .and_then(|routes| routes.as_array())
                    .is_some_and(|routes| !routes.is_empty())
                && plugin.pointer("/ipam/include_default_routes").is_none()
                && plugin.get("include_default_routes").is_none()
        });
    let Some((_, span)) = replaced else {
        return Vec::new();
    };
    if removes {
        return Vec::new();
    }
    let line = context
        .document
        .line_at(context.locate(span, "\"routes\"").start);
    context
        .prose()
        .filter_map(|block| {
            let text = context.text(&block.span).to_lowercase();
            ["remove the default route", "removed default route", "removed the default route"]
                .iter()
                .find_map(|claim| text.find(claim).map(|at| block.span.start + at..block.span.start + at + claim.len()))
        })
        .map(|span| {
            Draft::note(
                span,
                format!("nothing removes the default route: that there is none is a side effect of the `routes` at line {line}, with which Calico leaves its own out"),
                "say so, as the default route comes back with the last of these routes",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    const FILE: &str = "```json\n{\"type\": \"calico\", \"ipam\": {\"routes\": [{\"dst\": \"10.0.0.0/8\"}]}}\n```\n";

    #[test]
    fn a_removal_that_is_none() {
        assert_snapshot!(found(&RULE, &format!("Here we remove the default route.\n\n{FILE}")), @"1:9 note default-route-claim: nothing removes the default route: that there is none is a side effect of the `routes` at line 4, with which Calico leaves its own out (hint: say so, as the default route comes back with the last of these routes)");
        assert_eq!(
            found(
                &RULE,
                &format!("With routes of its own it has no default route.\n\n{FILE}")
            ),
            ""
        );
    }
}
