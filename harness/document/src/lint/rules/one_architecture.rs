//! A program runs on the architecture that it was built for.

use crate::lint::context::Context;
use crate::lint::facts::urls;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "one-architecture",
    about: "A program is fetched for one architecture only",
    check,
};

const ARCHITECTURES: [&str; 5] = ["amd64", "x86_64", "arm64", "aarch64", "armv7"];

fn check(context: &Context<'_>) -> Vec<Draft> {
    // A document that names another architecture, or asks the machine, has thought of it.
    let lower = context.mentions.lower();
    let named: Vec<&str> = ARCHITECTURES
        .into_iter()
        .filter(|name| lower.contains(name))
        .collect();
    let asks = lower.contains("uname -m")
        || lower.contains("print-architecture")
        || lower.contains("goarch");
    let mut drafts = Vec::new();
    for command in context
        .commands
        .iter()
        .filter(|command| matches!(command.program(), "curl" | "wget"))
    {
        for word in &command.words {
            for (at, url) in urls(context.text(&word.span)) {
                let Some(architecture) = ARCHITECTURES.iter().find(|name| url.contains(*name))
                else {
                    continue;
                };
                if named.iter().all(|other| other == architecture) && !asks {
                    drafts.push(Draft::note(
                        word.span.start + at.start..word.span.start + at.end,
                        format!("this program runs on {architecture} only, and nothing says that the machine must be one"),
                        "say so, or choose by `uname -m`",
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
    fn a_program_for_one_architecture() {
        let fetch = "```\ncurl -LO https://example.org/a/v1.0.0/a-linux-amd64\n```\n";
        assert_snapshot!(found(&RULE, fetch), @"2:10 note one-architecture: this program runs on amd64 only, and nothing says that the machine must be one (hint: say so, or choose by `uname -m`)");
        assert_eq!(
            found(
                &RULE,
                &format!("On arm64 take that file instead.\n\n{fetch}")
            ),
            ""
        );
    }
}
