//! Findings as text for people: the line, a caret under what is meant, and what to write instead.

use annotate_snippets::{Group, Level, Renderer};
use rehearse_core::problem::{Place, SourceText};

use super::{Finding, Severity};

/// All findings with their source lines, and how many there are; `colour` adds terminal escapes.
pub fn render(findings: &[Finding], source: &SourceText, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        // The caret's line only: a here-document of thirty lines would hide what it is about.
        let place = Place::new(source, finding.span.clone());
        let title = level.primary_title(&finding.message).id(finding.code);
        let group = place
            .shown_in(Group::with_title(title), &finding.file)
            .element(Level::HELP.with_name("hint").message(&finding.cure));
        out.push_str(&renderer.render(&[group]));
        out.push_str("\n\n");
    }
    let count = match findings.len() {
        0 => "nothing is found".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    out.push_str(&source.file);
    out.push_str(": ");
    out.push_str(&count);
    out.push('\n');
    out
}
