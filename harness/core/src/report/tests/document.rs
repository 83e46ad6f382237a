//! The document under test in every report.

use insta::assert_snapshot;

use super::{NASTY, PLAIN};
use crate::medium::Safe;
use crate::record::compare::{KnownChanges, compare};
use crate::record::tests::passed;
use crate::record::{
    DocumentCoverage, DocumentFinding, DocumentUnderTest, ReadError, Record, Severity,
};
use crate::report::terminal::{self, Look};
use crate::report::{RenderError, annotations, ctrf, html, junit, markdown};

/// A passed record with findings in the lines of two steps, and one in none.
fn record() -> Result<Record, ReadError> {
    let mut record = passed()?;
    let finding = |line, severity, code: &str, step: Option<&str>| DocumentFinding {
        code: code.to_owned(),
        severity,
        line,
        step: step.map(str::to_owned),
        message: format!("`{code}` is <wrong> here | there"),
        cure: "write it as it is meant".to_owned(),
    };
    record.document = Some(DocumentUnderTest {
        path: "docs/guide.md".to_owned(),
        sha256: record.canonical.document.sha256.clone(),
        coverage: Some(DocumentCoverage {
            lines: 40,
            replayed: 30,
            left_out: 9,
        }),
        findings: vec![
            finding(7, Severity::Note, "image-tag", None),
            finding(
                53,
                Severity::Error,
                "here-document-end",
                Some("install-calico"),
            ),
            finding(110, Severity::Warning, "cni-claim", Some("cni-priority")),
            finding(111, Severity::Warning, "grep-key", Some("cni-priority")),
            finding(112, Severity::Warning, "grep-key", Some("not-planned")),
            finding(113, Severity::Error, "block-gap", None),
        ],
    });
    Ok(record)
}

/// What a document and the path that somebody typed can do.
pub(super) fn nasty(record: &Record) -> DocumentUnderTest {
    let step = record.canonical.steps.first();
    DocumentUnderTest {
        path: NASTY.to_owned(),
        sha256: NASTY.to_owned(),
        coverage: None,
        findings: vec![DocumentFinding {
            code: NASTY.to_owned(),
            severity: Severity::Error,
            line: 1,
            step: step.map(|step| step.id.clone()),
            message: NASTY.to_owned(),
            cure: NASTY.to_owned(),
        }],
    }
}

/// What a report has that it had not without the document.
fn added(without: &str, with: &str) -> String {
    let mut rest = without.lines().peekable();
    let mut added = String::new();
    for line in with.lines() {
        if rest.peek() == Some(&line) {
            rest.next();
        } else {
            added.push_str(line.trim_end());
            added.push('\n');
        }
    }
    assert_eq!(rest.next(), None, "nothing is gone");
    added
}

#[test]
fn each_report_has_the_findings_and_is_else_as_it_was() -> Result<(), Box<dyn std::error::Error>> {
    let (without, with) = (passed()?, record()?);
    let narrow = Look {
        width: 72,
        colour: false,
    };
    // A tag a line, as what is added stands on lines that were there.
    let page = |record: &Record| html::render(record).map(|page| page.replace('<', "\n<"));
    let text = |safe: Safe| safe.into_string();
    let reports = |record: &Record| {
        Ok::<_, RenderError>([
            ("terminal", text(terminal::render(record, "out", PLAIN))),
            (
                "terminal-narrow",
                text(terminal::render(record, "out", narrow)),
            ),
            ("markdown", text(markdown::render(record))),
            ("html", page(record)?),
            ("junit", text(junit::render(record)?)),
            ("ctrf", text(ctrf::render(record))),
        ])
    };
    for ((name, without), (_, with)) in reports(&without)?.into_iter().zip(reports(&with)?) {
        assert_snapshot!(format!("document-{name}"), added(&without, &with));
    }
    // The run annotates the document's own lines.
    assert_eq!(annotations::render(&with), annotations::render(&without));
    Ok(())
}

#[test]
fn a_document_in_which_nothing_is_found_is_told_as_well() -> Result<(), Box<dyn std::error::Error>>
{
    let mut record = record()?;
    if let Some(document) = &mut record.document {
        document.findings.clear();
        "00".clone_into(&mut document.sha256);
    }
    for text in [
        terminal::render(&record, "out", PLAIN),
        markdown::render(&record),
        html::render(&record)?,
    ] {
        assert!(text.contains("nothing is found"), "{text}");
        assert!(
            text.contains("not the document that the scenario"),
            "{text}"
        );
        assert!(!text.contains("depends on them"), "{text}");
    }
    Ok(())
}

#[test]
fn a_document_with_very_many_findings_still_fits_a_step_summary() -> Result<(), ReadError> {
    let mut record = record()?;
    if let Some(document) = &mut record.document {
        let one = DocumentFinding {
            message: "<x>".repeat(1_000),
            ..document.findings[0].clone()
        };
        document.findings = vec![one; 12_000];
    }
    let markdown = markdown::render(&record);
    assert!(markdown.len() < 200_000, "{}", markdown.len());
    assert!(markdown.contains(" more findings are left out"));
    assert!(markdown.contains("\n</details>\n\n### Versions"));
    Ok(())
}

#[test]
fn the_part_is_no_part_of_the_canonical_record_and_reads_as_it_was_written() -> Result<(), ReadError>
{
    let (without, with) = (passed()?, record()?);
    assert_eq!(with.canonical_json(), without.canonical_json());
    assert_eq!(with.exit_code(), without.exit_code());
    assert_eq!(Record::from_json(&with.to_json())?, with);
    assert!(!without.to_json().contains("\"findings\""));
    let compared = |candidate| compare(&without, candidate, &KnownChanges::default(), &[]);
    assert_eq!(compared(&with), compared(&without));
    Ok(())
}
