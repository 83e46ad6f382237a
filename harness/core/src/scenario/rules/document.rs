//! The document is pinned by a whole hash, and every step's lines are inside it.

use crate::scenario::draft::Draft;
use crate::yaml::Reading;

pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    let Some(document) = &draft.document else {
        return;
    };
    let node = draft.node.key("document");
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if document.sha256.len() != 64 || !document.sha256.bytes().all(is_hex) {
        reading.problem_with_hint(
            node.key("sha256").span(),
            format!("`{}` is no sha256", document.sha256),
            "a sha256 has 64 digits and letters from a to f, as `sha256sum` prints it",
        );
    }
    if document.lines == 0 {
        reading.problem(node.key("lines").span(), "a document has at least one line");
    }
    for step in &draft.steps {
        let Some(part) = &step.document else {
            continue;
        };
        let lines = step.node.key("document").key("lines");
        let [first, last] = part.lines;
        if first == 0 {
            reading.problem(lines.item(0).span(), "lines are counted from 1");
        }
        if first > last {
            reading.problem(
                lines.span(),
                format!("the first line {first} is after the last line {last}"),
            );
        }
        if last > document.lines {
            reading.problem(
                lines.item(1).span(),
                format!(
                    "line {last} is beyond the document, which has {}",
                    document.lines
                ),
            );
        }
    }
}
