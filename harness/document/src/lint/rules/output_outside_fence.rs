//! What is typed and printed stands in a code block.

use crate::Kind;
use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "output-outside-fence",
    about: "A transcript stands outside of any code block",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let document = context.document;
    document
        .blocks
        .iter()
        .filter(|block| block.fence.is_none() && !block.is_indented)
        .filter(|block| matches!(block.kind, Kind::Transcript | Kind::Output | Kind::Commands))
        .filter(|block| !document.line(block.lines.first).starts_with(' '))
        .map(|block| {
            Draft::error(
                document.line_span(block.lines.first),
                format!("lines {} are commands or output outside of any code block: they are set as running text", block.lines),
                "open a fence before the first of these lines",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_prompt_among_the_prose() {
        assert_snapshot!(found(&RULE, "Look:\n\nme@node:~$ ip a\n1: lo\n"), @"3:1 error output-outside-fence: lines 3-4 are commands or output outside of any code block: they are set as running text (hint: open a fence before the first of these lines)");
        assert_eq!(
            found(&RULE, "Look:\n\n```\nme@node:~$ ip a\n1: lo\n```\n"),
            ""
        );
    }

    #[test]
    fn code_by_its_indentation_is_code_wherever_it_stands() {
        for text in [
            "Look::\n\n    me@node:~$ ip a\n    1: lo\n",
            "> Look:\n>\n>     me@node:~$ ip a\n>     1: lo\n",
            ".. code-block:: console\n\n    $ ip -br a\n    lo  UNKNOWN\n",
            "- Look:\n\n      $ ip -br a\n      lo  UNKNOWN\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
