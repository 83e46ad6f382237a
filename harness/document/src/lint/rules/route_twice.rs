//! Of two routes to one network one is never taken.

use crate::lint::context::Context;
use crate::lint::facts::network;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "route-twice",
    about: "A printed table has two routes to one network",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for output in &context.outputs {
        let mut before: Option<(&str, usize)> = None;
        for (span, line) in context.lines(&output.piece.content) {
            let destination = line.split_whitespace().next().unwrap_or_default();
            let is_route = (destination == "default" || network(destination).is_some())
                && line.contains(" dev ");
            if !is_route {
                before = None;
                continue;
            }
            if let Some((other, at)) = before
                && other == destination
                && !line.contains(" metric ")
            {
                drafts.push(Draft::warning(
                    span.clone(),
                    format!("{destination} has a route at line {at} already: the one that is listed first takes all traffic, so what this one is for does not go by it"),
                    "route only one of the two interfaces to this network",
                ));
            }
            before = Some((destination, context.document.line_at(span.start)));
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
    fn two_routes_to_one_network() {
        let table = |network: &str| {
            format!(
                "```console\n/ # ip r\n10.96.0.0/12 via 192.0.2.1 dev net1\n{network} via 169.254.1.1 dev eth0\n```\n"
            )
        };
        assert_snapshot!(found(&RULE, &table("10.96.0.0/12")), @"4:1 warning route-twice: 10.96.0.0/12 has a route at line 3 already: the one that is listed first takes all traffic, so what this one is for does not go by it (hint: route only one of the two interfaces to this network)");
        assert_eq!(found(&RULE, &table("10.0.0.0/8")), "");
    }
}
