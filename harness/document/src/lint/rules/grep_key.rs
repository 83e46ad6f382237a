//! A key of a JSON file is asked of a JSON program.

use crate::lint::context::Context;
use crate::lint::facts::{file_name, is_read};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "grep-key",
    about: "A key of a configuration is looked for as a word",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for command in &context.commands {
        if command.program() != "grep" {
            continue;
        }
        let file = context.pipeline(command.pipeline).any(|other| {
            matches!(other.program(), "cat" | "grep")
                && other.words.iter().any(|word| {
                    // A word that is only called so is a program's or a pattern.
                    let path = word.text.contains('/') || other.program() == "cat";
                    path && is_read(file_name(&word.text))
                })
        });
        let word = command.words[1..]
            .iter()
            .find(|word| !word.text.starts_with('-'));
        if let Some(word) =
            word.filter(|word| file && word.text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        {
            drafts.push(Draft::warning(
                word.span.clone(),
                format!("every line with `{0}` in it matches, such as that of another key that contains it; of a file in one line that is the whole file", word.text),
                format!("ask for the key: `jq -r .{} FILE`", word.text),
            ));
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
    fn a_word_for_a_key() {
        assert_snapshot!(found(&RULE, "```\ncat a.conflist | grep name\n```\n"), @"2:23 warning grep-key: every line with `name` in it matches, such as that of another key that contains it; of a file in one line that is the whole file (hint: ask for the key: `jq -r .name FILE`)");
        assert_eq!(
            found(
                &RULE,
                "```\nsudo jq -r .name a.conflist\njournalctl -u crio | grep name\n```\n"
            ),
            ""
        );
    }
}
