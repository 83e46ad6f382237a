//! A here-document ends only at a line that is its end word and nothing else.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};
use crate::shell::End;

pub(super) const RULE: Rule = Rule {
    code: "here-document-end",
    about: "A here-document is never ended",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let here_documents = &context.here_documents;
    here_documents
        .iter()
        .filter_map(|here_document| {
            let word = &here_document.word.text;
            match &here_document.end {
                End::Word(_) => None,
                End::Blanks(line) => Some(Draft::error(
                    line.clone(),
                    format!("blanks around `{word}`: no shell ends the here-document at this line, so all that follows becomes part of it"),
                    format!("write `{word}` alone on the line"),
                )),
                End::Missing => Some(Draft::error(
                    here_document.word.span.clone(),
                    format!("the here-document is never ended: no line below is `{word}`"),
                    format!("end it with a line that is `{word}`"),
                )),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use rstest::rstest;

    use super::RULE;
    use crate::lint::rules::shell_syntax;
    use crate::lint::tests::found;

    #[test]
    fn blanks_behind_the_end_word_do_not_end_it() {
        assert_snapshot!(found(&RULE, "```\nssh node <<A\ncat <<B\nx\nB \nA\n```\n"), @"5:1 error here-document-end: blanks around `B`: no shell ends the here-document at this line, so all that follows becomes part of it (hint: write `B` alone on the line)");
        assert_snapshot!(found(&RULE, "```\ncat <<A\nx\n```\n"), @"2:7 error here-document-end: the here-document is never ended: no line below is `A` (hint: end it with a line that is `A`)");
        assert_eq!(
            found(&RULE, "```\nssh node <<A\ncat <<B\nx\nB\nA\n```\n"),
            ""
        );
    }

    #[rstest]
    #[case::a_command("((bits = 1 << 4))")]
    #[case::an_expansion("echo $((1 << 4))")]
    #[case::as_written_once("echo $[1 << 4]")]
    #[case::in_quotes("echo \"is $(( (1 << 4) - 1 ))\"")]
    #[case::a_loop("for ((i = 1; i < 1 << 4; i++)); do echo $i; done")]
    #[case::a_condition("if (( (flags & 1 << 4) != 0 )); then echo set; fi")]
    fn a_shift_starts_none(#[case] text: &str) {
        let text = format!("```bash\n{text}\necho done\n```\n");
        assert_eq!(found(&RULE, &text), "");
        assert_eq!(found(&shell_syntax::RULE, &text), "");
    }

    #[test]
    fn one_in_groups_is_one() {
        let found = found(&RULE, "```bash\n((cat <<A) | wc)\nx\n```\n");
        assert!(found.contains("never ended"), "{found:?}");
    }
}
