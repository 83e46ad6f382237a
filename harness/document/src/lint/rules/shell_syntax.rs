//! What is typed must parse.

use std::ops::Range;

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};
use crate::shell::{End, HereDocument, Parse, scan, statements, syntax};
use crate::{Block, PieceKind, transcript};

pub(super) const RULE: Rule = Rule {
    code: "shell-syntax",
    about: "A shell cannot parse what is typed",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let typed = context
        .document
        .pieces()
        // What zsh adds to a shell's language is not known here.
        .filter(|(block, piece)| piece.kind == PieceKind::Command && !is_of_zsh(block))
        .map(|(_, piece)| (piece.content.clone(), piece.prompt.is_some()));
    let remote = context
        .commands
        .iter()
        .filter(|command| matches!(command.program(), "ssh" | "bash" | "sh"))
        .flat_map(|command| command.bodies.clone())
        .map(|body| (body, true));
    typed
        .chain(remote)
        .flat_map(|(span, is_typed)| broken(context, &span, is_typed))
        .collect()
}

fn is_of_zsh(block: &Block) -> bool {
    let fence = block.fence.as_ref();
    fence.is_some_and(|fence| fence.info.to_lowercase().contains("zsh"))
}

/// Each statement of a text on its own, so that the place is near, and one that is left open hides no other.
fn broken(context: &Context<'_>, span: &Range<usize>, is_typed: bool) -> Vec<Draft> {
    let text = context.text(span);
    let among_commands = text.lines().next().is_some_and(transcript::is_command);
    statements(text)
        .into_iter()
        .filter_map(|statement| {
            let lines = &text[statement.clone()];
            // A line that starts with no known program may be anything.
            let first = lines.lines().next().unwrap_or_default();
            let known =
                is_typed || transcript::is_command(first) || (among_commands && opens(first));
            known.then(|| finding(lines, span.start + statement.start))?
        })
        .collect()
}

/// Whether a line starts with a word of the shell that opens something.
fn opens(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    matches!(first, "if" | "while" | "until" | "for" | "case")
}

fn finding(text: &str, start: usize) -> Option<Draft> {
    // That a here-document does not end is a finding of its own, and makes a parse useless.
    let missing = |one: &HereDocument| one.end == End::Missing;
    match syntax(text) {
        Parse::Whole => None,
        Parse::Broken(_) if scan(text).here_documents.iter().any(missing) => None,
        Parse::Broken(broken) => {
            let at = start
                + text.floor_char_boundary(broken.at.min(text.trim_end().len().saturating_sub(1)));
            Some(Draft::error(
                at..at + 1,
                format!("a shell cannot parse this: {}", broken.message),
                "close what is left open, and try the block in a shell with `bash -n`",
            ))
        }
        Parse::NotExamined => Some(Draft::note(
            start..start + text.lines().next().unwrap_or_default().len(),
            "this was not looked at: it is longer or nested deeper than what is typed",
            "put it into a script of its own",
        )),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use rstest::rstest;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_loop_or_a_quote_that_is_left_open() {
        assert_snapshot!(found(&RULE, "```\nfor node in a b; do\n  echo $node\n```\n"), @"2:1 error shell-syntax: a shell cannot parse this: a loop is left open (hint: close what is left open, and try the block in a shell with `bash -n`)");
        assert_snapshot!(found(&RULE, "```\necho 'a\necho b\n```\n"), @"2:6 error shell-syntax: a shell cannot parse this: a quote or an expansion is left open (hint: close what is left open, and try the block in a shell with `bash -n`)");
        assert_eq!(
            found(
                &RULE,
                "```\nfor node in a b; do\n  echo \"$node\"\ndone\n```\n"
            ),
            ""
        );
        assert_eq!(found(&RULE, "```\ncat <<A\nit's\nA\n```\n"), "");
        assert_snapshot!(found(&RULE, "```\nip link\nif none is up, ask\nip route\n```\n"), @"3:1 error shell-syntax: a shell cannot parse this: an `if` is left open (hint: close what is left open, and try the block in a shell with `bash -n`)");
        assert_eq!(found(&RULE, "```bash\nlabtool (see <page>)\n```\n"), "");
        let other_shells = [
            "```zsh\nfor f in **/*.yaml(.N); do kubectl apply -f $f; done\n```\n",
            "```fish\nfor n in (kubectl get nodes -o name); echo $n; end\n```\n",
        ];
        for text in other_shells {
            assert_eq!(found(&RULE, text), "");
        }
    }

    #[rstest]
    #[case::a_quote_in_quotes(r"echo $'pod\'s node'")]
    #[case::in_a_substitution(r"out=$(printf $'pod\'s')")]
    #[case::a_bracket_cut_off("rest=${line#*(}")]
    #[case::a_bracket_cut_off_behind("rest=${line%%)*}")]
    #[case::a_here_document_inside("echo \"${note:-$(cat <<'Q'\nnone\nQ\n)}\"")]
    fn what_a_shell_can_parse(#[case] text: &str) {
        let text = format!("```bash\n{text}\necho done\n```\n");
        assert_eq!(found(&RULE, &text), "");
    }

    #[rstest]
    #[case::a_quote(r"echo $'pod\'")]
    #[case::an_expansion("echo ${line#*(")]
    #[case::a_word_out_of_place("echo a; done")]
    fn what_a_shell_cannot_parse(#[case] text: &str) {
        let text = format!("```bash\n{text}\n```\n");
        assert!(found(&RULE, &text).contains("error shell-syntax"));
    }
}
