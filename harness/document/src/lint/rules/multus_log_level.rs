//! Multus knows four log levels.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "multus-log-level",
    about: "A configuration of Multus has a log level that it does not know",
    check,
};

const LEVELS: [&str; 4] = ["debug", "verbose", "error", "panic"];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for configuration in &context.configurations {
        for plugin in configuration.plugins() {
            let text = |key: &str| {
                plugin
                    .get(key)
                    .and_then(|value| value.as_str())
                    .unwrap_or_default()
            };
            let level = text("logLevel");
            if text("type").starts_with("multus")
                && !level.is_empty()
                && !LEVELS.contains(&level.to_lowercase().as_str())
            {
                drafts.push(Draft::error(
                    context.locate(&configuration.span, "\"logLevel\""),
                    format!("Multus has no log level `{level}`: it complains and keeps `panic`, so nothing is logged"),
                    format!("use one of {}", LEVELS.join(", ")),
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
    fn a_level_that_is_none() {
        assert_snapshot!(found(&RULE, "```json\n{\"type\": \"multus\", \"logLevel\": \"info\"}\n```\n"), @"2:20 error multus-log-level: Multus has no log level `info`: it complains and keeps `panic`, so nothing is logged (hint: use one of debug, verbose, error, panic)");
        assert_eq!(
            found(
                &RULE,
                "```json\n{\"type\": \"multus\", \"logLevel\": \"verbose\"}\n```\n"
            ),
            ""
        );
    }
}
