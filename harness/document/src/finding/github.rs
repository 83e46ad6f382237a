//! Findings as annotations that GitHub Actions shows on the document's lines.

use std::fmt::Write as _;

use super::{Finding, Severity};

/// One workflow command a finding and line.
pub fn render(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let column = finding
            .column
            .map(|column| format!(",col={column}"))
            .unwrap_or_default();
        writeln!(
            out,
            "::{command} file={},line={}{column},title={}::{}",
            property(&finding.file),
            finding.line,
            property(finding.code),
            data(&format!("{}\nhint: {}", finding.message, finding.cure)),
        )
        .unwrap_or_default();
    }
    out
}

/// The escapes of a message.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The escapes of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
