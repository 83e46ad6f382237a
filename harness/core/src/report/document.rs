//! What all reports tell alike of the document under test. How it is laid out is each report's own.

use super::text::count;
use crate::record::{DocumentUnderTest, Record, Severity};

/// What a reader must not take the findings for.
pub(super) const ABOUT: &str =
    "They are about the document’s text: no check and no exit code of this run depends on them.";

/// `3 findings: 1 error, 2 notes`; what there is none of is left out.
pub(super) fn counts(document: &DocumentUnderTest) -> String {
    let of = |severity: Severity| {
        let findings = document.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    let parts: Vec<_> = severities
        .into_iter()
        .map(|severity| (of(severity), severity.word()))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| count(number, word))
        .collect();
    if parts.is_empty() {
        return "nothing is found".to_owned();
    }
    format!(
        "{}: {}",
        count(document.findings.len(), "finding"),
        parts.join(", ")
    )
}

/// What the scenario says of it, a sentence each.
pub(super) fn sentences(record: &Record, document: &DocumentUnderTest) -> Vec<String> {
    let covered = match &document.coverage {
        None => "The scenario does not say which step replays which block of it.".to_owned(),
        Some(coverage) => match coverage.percent() {
            None => "It has no command and no output.".to_owned(),
            Some(percent) => format!(
                "Of {} lines of commands, outputs and files, {} are replayed and {} are left out for a reason: {percent:.1} %.",
                coverage.lines, coverage.replayed, coverage.left_out
            ),
        },
    };
    let pinned = &record.canonical.document.sha256;
    let other = (document.sha256 != *pinned).then(|| {
        format!(
            "It is not the document that the scenario pins: its sha256 is {}.",
            document.sha256
        )
    });
    [Some(covered), other].into_iter().flatten().collect()
}

/// All of it in one line, for reports that have only names and values.
pub(super) fn line(record: &Record) -> Option<String> {
    let document = record.document.as_ref()?;
    Some(format!(
        "{}, sha256 {}: {}",
        document.path,
        document.sha256,
        counts(document)
    ))
}
