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

    use super::RULE;
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
}
