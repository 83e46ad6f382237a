//! A configuration without `cniVersion` is taken for the oldest one.

use std::ops::Range;

use crate::lint::context::{Configuration, Context};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "cni-version",
    about: "A CNI configuration has no cniVersion",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    context
        .configurations
        .iter()
        .filter(|configuration| configuration.value.get("cniVersion").is_none())
        .filter(|configuration| configuration.value.get("type").is_some() || configuration.value.get("plugins").is_some())
        .map(|configuration| {
            let name = configuration.value.get("name").and_then(|name| name.as_str()).unwrap_or("?");
            Draft::warning(
                name_of(context, configuration, name),
                format!("the configuration `{name}` has no cniVersion: it is taken for 0.1.0, some runtimes refuse it, and STATUS and GC never reach its plugin"),
                "add a cniVersion that every plugin in it knows, such as 0.3.1 or 1.0.0",
            )
        })
        .collect()
}

/// Where a configuration says its name, which its object may say before it.
fn name_of(context: &Context<'_>, configuration: &Configuration, name: &str) -> Range<usize> {
    let quoted = format!("\"{name}\"");
    if context.text(&configuration.text).contains(&quoted) {
        let place = context.locate(&configuration.text, &quoted);
        return place.start + 1..place.end - 1;
    }
    context.locate(&configuration.span, name)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_configuration_without_a_version() {
        assert_snapshot!(found(&RULE, "```json\n{\"name\": \"a\", \"type\": \"bridge\"}\n```\n\n```\n{\n\"name\": \"b\", \"type\": \"bridge\"\n}\n```\n"), @r"
            2:11 warning cni-version: the configuration `a` has no cniVersion: it is taken for 0.1.0, some runtimes refuse it, and STATUS and GC never reach its plugin (hint: add a cniVersion that every plugin in it knows, such as 0.3.1 or 1.0.0)
            7:10 warning cni-version: the configuration `b` has no cniVersion: it is taken for 0.1.0, some runtimes refuse it, and STATUS and GC never reach its plugin (hint: add a cniVersion that every plugin in it knows, such as 0.3.1 or 1.0.0)
            ");
        assert_eq!(
            found(
                &RULE,
                "```json\n{\"name\": \"a\", \"type\": \"bridge\", \"cniVersion\": \"1.0.0\"}\n```\n"
            ),
            ""
        );
    }
}
