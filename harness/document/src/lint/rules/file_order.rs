//! The first file by name decides which network is the default.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::lint::context::Context;
use crate::lint::facts::{Reader, file_name, is_read, tokens};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "file-order",
    about: "A file is said to come first, and another one sorts before it",
    check,
};

const CLAIMS: [&str; 9] = [
    "takes priority",
    "take priority",
    "higher priority",
    "highest priority",
    "become the first",
    "becomes the first",
    "becomes the default",
    "become the default",
    "takes precedence",
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let present = present(context);
    let mut drafts = Vec::new();
    for (span, sentence) in context.sentences() {
        let lower = sentence.to_lowercase();
        if !CLAIMS.iter().any(|claim| lower.contains(claim)) || lower.contains(" not ") {
            continue;
        }
        let Some((at, claimed)) = tokens(sentence)
            .into_iter()
            .find(|(_, token)| is_read(token))
        else {
            continue;
        };
        let claimed_name = file_name(claimed);
        if !present.contains_key(claimed_name) {
            continue;
        }
        // What the document writes behind the claim is not there yet.
        let before = present
            .iter()
            .find(|(name, since)| name.as_str() < claimed_name && **since < span.start);
        if let Some((other, since)) = before {
            drafts.push(Draft::error(
                span.start + at.start..span.start + at.end,
                format!("`{other}` (line {}) sorts before `{claimed_name}`, and CRI-O takes the first file by its bytes", context.document.line_at(*since)),
                format!("give it a name that sorts before `{other}`"),
            ));
        }
    }
    drafts
}

/// The files of the runtime's directory, as listed or written, with the byte where the document first says so.
fn present(context: &Context<'_>) -> BTreeMap<String, usize> {
    let mut present = BTreeMap::new();
    let mut add = |name: &str, span: &Range<usize>| {
        let since = present.entry(name.to_owned()).or_insert(span.start);
        *since = (*since).min(span.start);
    };
    for file in &context.files {
        if Reader::of(&file.path.text) == Some(Reader::Runtime) && is_read(&file.path.text) {
            add(file_name(&file.path.text), &file.path.span);
        }
    }
    for output in &context.outputs {
        let listed = output.command.is_some_and(|number| {
            let command = &context.commands[number];
            // The prompt stands before the command in its line.
            let line = context
                .document
                .line_span(context.document.line_at(command.span.start));
            let prompt = context
                .text(&(line.start..command.span.start))
                .contains("/etc/cni/net.d");
            command.program() == "ls"
                && (prompt
                    || command
                        .words
                        .iter()
                        .any(|word| word.text.starts_with("/etc/cni/net.d")))
        });
        if listed {
            for (at, token) in tokens(context.text(&output.piece.content)) {
                if is_read(token) {
                    add(
                        token,
                        &(output.piece.content.start + at.start
                            ..output.piece.content.start + at.end),
                    );
                }
            }
        }
    }
    present
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    const LIST: &str = "```console\nme@node:/etc/cni/net.d$ ls\n05-a.conf  10-b.conflist\n```\n\n";

    #[test]
    fn a_file_that_sorts_later() {
        assert_snapshot!(found(&RULE, &format!("{LIST}The file 10-b.conflist has the highest priority.\n")), @"6:10 error file-order: `05-a.conf` (line 3) sorts before `10-b.conflist`, and CRI-O takes the first file by its bytes (hint: give it a name that sorts before `05-a.conf`)");
        assert_eq!(
            found(
                &RULE,
                &format!("{LIST}The file 05-a.conf has the highest priority.\n")
            ),
            ""
        );
    }
}
