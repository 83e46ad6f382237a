//! Commands that are to be copied stand apart from what they print, or in a block whose language says that it is a
//! session.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};
use crate::{Kind, PieceKind};

pub(super) const RULE: Rule = Rule {
    code: "mixed-fence",
    about: "Commands and their output share a code block that does not say so",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let document = context.document;
    let mut drafts = Vec::new();
    for block in &document.blocks {
        let Some(fence) = &block.fence else { continue };
        let session = ["console", "shell-session", "terminal"]
            .iter()
            .any(|language| fence.info.starts_with(language));
        if block.kind != Kind::Transcript || session {
            continue;
        }
        let unprompted = block
            .pieces
            .iter()
            .find(|piece| piece.kind == PieceKind::Command && piece.prompt.is_none());
        let (span, what) = match unprompted {
            Some(piece) => (
                document.line_span(piece.lines.first),
                "commands without a prompt stand among output, so neither a reader nor a program can tell them apart",
            ),
            None => (
                document.line_span(block.lines.first),
                "prompts, commands and output share the block: what is copied from it does not run",
            ),
        };
        drafts.push(Draft::note(
            span,
            what,
            "put commands and output into blocks of their own, or mark the block as `console` and give every command a prompt",
        ));
    }
    drafts
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn commands_among_output() {
        assert_snapshot!(found(&RULE, "```\nkubectl get pod\nme@node:~$ ip r\ndefault via 192.0.2.1\n```\n"), @"2:1 note mixed-fence: commands without a prompt stand among output, so neither a reader nor a program can tell them apart (hint: put commands and output into blocks of their own, or mark the block as `console` and give every command a prompt)");
        assert_snapshot!(found(&RULE, "```\nme@node:~$ ip r\ndefault via 192.0.2.1\n```\n"), @"2:1 note mixed-fence: prompts, commands and output share the block: what is copied from it does not run (hint: put commands and output into blocks of their own, or mark the block as `console` and give every command a prompt)");
        assert_eq!(
            found(
                &RULE,
                "```console\nme@node:~$ ip r\ndefault via 192.0.2.1\n```\n"
            ),
            ""
        );
    }
}
