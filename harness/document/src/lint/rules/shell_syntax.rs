//! What is typed must parse.

use std::ops::Range;

use crate::PieceKind;
use crate::lint::context::Context;
use crate::lint::{Draft, Rule};
use crate::shell::{End, scan, syntax};

pub(super) const RULE: Rule = Rule {
    code: "shell-syntax",
    about: "A shell cannot parse what is typed",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let typed = context
        .document
        .pieces()
        .filter(|(_, piece)| piece.kind == PieceKind::Command)
        .map(|(_, piece)| piece.content.clone());
    let remote = context
        .commands
        .iter()
        .filter(|command| matches!(command.program(), "ssh" | "bash" | "sh"))
        .flat_map(|command| command.bodies.clone());
    typed
        .chain(remote)
        .filter_map(|span| broken(context, span))
        .collect()
}

fn broken(context: &Context<'_>, span: Range<usize>) -> Option<Draft> {
    let text = context.text(&span);
    // That a here-document does not end is a finding of its own, and makes a parse useless.
    if scan(text)
        .here_documents
        .iter()
        .any(|one| one.end == End::Missing)
    {
        return None;
    }
    let broken = syntax(text).err()?;
    let at = span.start + broken.at.min(text.trim_end().len().saturating_sub(1));
    Some(Draft::error(
        at..at + 1,
        format!("a shell cannot parse this: {}", broken.message),
        "close what is left open, and try the block in a shell with `bash -n`",
    ))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_loop_or_a_quote_that_is_left_open() {
        assert_snapshot!(found(&RULE, "```\nfor node in a b; do\n  echo $node\n```\n"), @"3:12 error shell-syntax: a shell cannot parse this: a loop, a branch or a group is left open (hint: close what is left open, and try the block in a shell with `bash -n`)");
        assert_snapshot!(found(&RULE, "```\necho 'a\necho b\n```\n"), @"2:6 error shell-syntax: a shell cannot parse this: unterminated single quote (hint: close what is left open, and try the block in a shell with `bash -n`)");
        assert_eq!(
            found(
                &RULE,
                "```\nfor node in a b; do\n  echo \"$node\"\ndone\n```\n"
            ),
            ""
        );
        assert_eq!(found(&RULE, "```\ncat <<A\nit's\nA\n```\n"), "");
    }
}
