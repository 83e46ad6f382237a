//! The local shell expands a here-document whose end word is not quoted.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "here-document-expansion",
    about: "A here-document expands a variable that is not set",
    check,
};

/// Variables that every shell has.
const KNOWN: [&str; 6] = ["HOME", "USER", "PATH", "PWD", "HOSTNAME", "SHELL"];

fn check(context: &Context<'_>) -> Vec<Draft> {
    // What another file sets is not known here.
    let sources = context
        .commands
        .iter()
        .any(|command| matches!(command.program(), "source" | "." | "eval"));
    if sources {
        return Vec::new();
    }
    let text = context.document.text();
    let mut drafts = Vec::new();
    for here_document in &context.here_documents {
        if here_document.word.quoted {
            continue;
        }
        for (at, _) in context.text(&here_document.body).match_indices('$') {
            let at = here_document.body.start + at;
            if text[..at].ends_with('\\') {
                continue;
            }
            let inside = text[at + 1..].trim_start_matches(['{', '!', '#']);
            let name: String = inside
                .chars()
                .take_while(|next| next.is_ascii_alphanumeric() || *next == '_')
                .collect();
            let start = name.chars().next();
            if start.is_none_or(|start| start.is_ascii_digit())
                || KNOWN.contains(&name.as_str())
                || has_default(&inside[name.len()..])
                || context
                    .mentions
                    .identifier(&name)
                    .is_some_and(|since| since < at)
            {
                continue;
            }
            drafts.push(Draft::warning(
                at..at + 1 + name.len(),
                format!("`${name}` is expanded by the shell that reads the here-document, where nothing sets it: it becomes empty"),
                format!("quote the end word (`<<'{}'`), or set `{name}` first", here_document.word.text),
            ));
        }
    }
    drafts
}

/// Whether an expansion says what stands for a variable that is not set.
fn has_default(behind: &str) -> bool {
    let operator = behind.strip_prefix(':').unwrap_or(behind);
    operator.starts_with(['-', '=', '+', '?'])
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_variable_that_nothing_sets() {
        assert_snapshot!(found(&RULE, "```\ncat <<A > x\n$name\nA\n```\n"), @"3:1 warning here-document-expansion: `$name` is expanded by the shell that reads the here-document, where nothing sets it: it becomes empty (hint: quote the end word (`<<'A'`), or set `name` first)");
        assert_eq!(found(&RULE, "```\ncat <<'A' > x\n$name\nA\n```\n"), "");
        assert_eq!(
            found(
                &RULE,
                "```\nname=a\ncat <<A > x\n${name} \\$other\nA\n```\n"
            ),
            ""
        );
    }
}
