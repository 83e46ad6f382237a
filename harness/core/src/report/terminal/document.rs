//! The document under test at the end of a run: how many findings, the first few, and where all are.

use super::{DIM, Page, colour};
use crate::record::{DocumentFinding, DocumentUnderTest, Record, Severity, State};
use crate::report::document::{counts, sentences};
use crate::report::text::{one_line, printable, shorten, width, wrap};

/// How many are shown: enough to see what kind they are.
const FEW: usize = 5;

impl Page {
    pub(super) fn document(&mut self, record: &Record) {
        let Some(document) = &record.document else {
            return;
        };
        let heading = format!("Document {}", one_line(&document.path));
        self.section(&shorten(&heading, self.width));
        let mut text = format!("{}. ", counts(document));
        if !document.findings.is_empty() {
            text.push_str("No verdict of this run depends on them. ");
        }
        text.push_str(&sentences(record, document).join(" "));
        for line in wrap(&printable(&text), self.width.saturating_sub(3)) {
            self.line(&format!("   {line}"));
        }
        for finding in first(document) {
            self.finding(finding);
        }
        let more = document.findings.len().saturating_sub(FEW);
        if more > 0 {
            let more =
                format!("… {more} more: report.html and summary.md beside the record have all");
            self.line(&format!("   {}", self.paint(DIM, &more)));
        }
    }

    fn finding(&mut self, finding: &DocumentFinding) {
        let style = match finding.severity {
            Severity::Error => colour(State::Failed),
            Severity::Warning => colour(State::Blocked),
            Severity::Note => DIM,
        };
        let head = format!(" {:>6} {:7}", finding.line, finding.severity.word());
        let step = match &finding.step {
            Some(step) => format!(" ({step})"),
            None => String::new(),
        };
        let text = one_line(&format!("{}{step}: {}", finding.code, finding.message));
        let text = shorten(&text, self.width.saturating_sub(width(&head) + 2));
        let head = self.paint(style, &head);
        self.line(&format!("{head}  {text}"));
    }
}

/// A document that several runs were given, in one line with a line feed at its end.
pub fn of_several(document: &DocumentUnderTest) -> String {
    let path = one_line(&document.path);
    format!(
        "document {path}: {} (in the reports of each run)\n",
        counts(document)
    )
}

/// The first few, the worst of them before the others.
fn first(document: &DocumentUnderTest) -> Vec<&DocumentFinding> {
    let mut findings: Vec<_> = document.findings.iter().collect();
    findings.sort_by_key(|finding| (finding.severity, finding.line));
    findings.truncate(FEW);
    findings
}
