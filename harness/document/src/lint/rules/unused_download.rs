//! What is fetched is used.

use crate::lint::context::Context;
use crate::lint::facts::{file_name, urls};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "unused-download",
    about: "A file is fetched and never used",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let text = context.document.text();
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        let keeps_name = command.program() == "wget"
            || command.words.iter().any(|word| {
                word.text == "--remote-name"
                    || (word.text.starts_with('-')
                        && !word.text.starts_with("--")
                        && word.text.contains('O'))
            });
        let piped = context.pipeline(command.pipeline).count() > 1;
        if !matches!(command.program(), "curl" | "wget") || !keeps_name || piped {
            continue;
        }
        for word in &command.words {
            for (at, url) in urls(context.text(&word.span)) {
                let name = file_name(url);
                if !name.is_empty() && text.matches(name).count() == 1 {
                    drafts.push(Draft::note(
                        word.span.start + at.start..word.span.start + at.end,
                        format!("`{name}` is fetched here and never used"),
                        "leave the command out, or say what the file is for",
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
    fn a_file_that_nobody_uses() {
        let fetch = "```\ncurl -fLO https://example.org/v1.0.0/a.yaml\n```\n";
        assert_snapshot!(found(&RULE, fetch), @"2:11 note unused-download: `a.yaml` is fetched here and never used (hint: leave the command out, or say what the file is for)");
        assert_eq!(
            found(
                &RULE,
                &format!("{fetch}\n```\nkubectl create -f a.yaml\n```\n")
            ),
            ""
        );
    }
}
