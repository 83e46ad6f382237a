//! What a shell takes for a pattern must be quoted where a program is to see it.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "unquoted-pattern",
    about: "A filter with brackets is not quoted",
    check,
};

/// Programs whose argument is an expression and no file.
const PROGRAMS: [&str; 4] = ["jq", "yq", "grep", "awk"];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for command in &context.commands {
        if !PROGRAMS.contains(&command.program()) {
            continue;
        }
        let expression = command.words[1..]
            .iter()
            .find(|word| !word.text.starts_with('-'));
        if let Some(word) = expression
            && !word.quoted
            && word.text.contains(['[', '*', '?'])
        {
            drafts.push(Draft::warning(
                word.span.clone(),
                format!("the shell takes `{}` for a pattern of file names: zsh and `failglob` refuse it, others hand over what it matches", word.text),
                format!("quote it: `'{}'`", word.text),
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
    fn a_filter_without_quotes() {
        assert_snapshot!(found(&RULE, "Try `kubectl get pods -o json | jq .items[].spec` now.\n"), @"1:36 warning unquoted-pattern: the shell takes `.items[].spec` for a pattern of file names: zsh and `failglob` refuse it, others hand over what it matches (hint: quote it: `'.items[].spec'`)");
        assert_eq!(
            found(
                &RULE,
                "Try `kubectl get pods -o json | jq -r '.items[].spec'` now.\n"
            ),
            ""
        );
    }
}
