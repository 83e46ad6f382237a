//! The document under test in a step summary: a table that is folded away.

use super::{LONGEST_LINE, code, code_cell, line, say_left_out, within};
use crate::record::{DocumentFinding, Record};
use crate::report::document::{ABOUT, counts, sentences};
use crate::report::text::{append, one_line, shorten};

/// See the other parts' shares.
const SHARE: usize = 60_000;

pub(super) fn document(record: &Record, page: &mut String) {
    let Some(document) = &record.document else {
        return;
    };
    page.push_str("### The document under test\n\n");
    let about = sentences(record, document).join(" ");
    if document.findings.is_empty() {
        append(
            page,
            format_args!(
                "{}: {}. {}\n\n",
                code(&document.path),
                counts(document),
                line(&about)
            ),
        );
        return;
    }
    append(
        page,
        format_args!(
            "<details>\n<summary>{}: {}</summary>\n\n{ABOUT} {}\n\n| Line | Rule | Step | What is wrong, and what to write instead |\n|--:|---|---|---|\n",
            text_of_html(&document.path),
            counts(document),
            line(&about),
        ),
    );
    let left_out = within(SHARE, &document.findings, row, page);
    say_left_out(left_out, "findings", page);
    page.push_str("\n</details>\n\n");
}

fn row(finding: &DocumentFinding) -> String {
    format!(
        "| {} | {} {} | {} | {}<br>Instead: {} |\n",
        finding.line,
        finding.severity.word(),
        code_cell(&finding.code),
        finding.step.as_deref().map(code_cell).unwrap_or_default(),
        line(&finding.message),
        line(&finding.cure),
    )
}

/// A text on one line inside of HTML, where Markdown has no meaning; mentions and references to issues still have.
fn text_of_html(text: &str) -> String {
    shorten(&one_line(text), LONGEST_LINE)
        .replace('&', "&amp;")
        .replace('#', "&#35;")
        .replace('@', "&#64;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
