//! The document under test as plain values.

use serde::Serialize;

use crate::record::{DocumentFinding, Record};
use crate::report::document::{ABOUT, counts, sentences};

#[derive(Serialize)]
pub(super) struct DocumentView<'record> {
    path: &'record str,
    counts: String,
    about: &'static str,
    sentences: Vec<String>,
    findings: Vec<FindingView<'record>>,
}

#[derive(Serialize)]
pub(super) struct FindingView<'record> {
    line: usize,
    severity: &'static str,
    code: &'record str,
    message: &'record str,
    cure: &'record str,
    /// The step's place on the page, and its id.
    step: Option<(usize, &'record str)>,
}

impl<'record> DocumentView<'record> {
    pub(super) fn new(record: &'record Record) -> Option<Self> {
        let document = record.document.as_ref()?;
        let findings = document.findings.iter();
        Some(Self {
            path: &document.path,
            counts: counts(document),
            about: ABOUT,
            sentences: sentences(record, document),
            findings: findings
                .map(|finding| FindingView::new(record, finding))
                .collect(),
        })
    }
}

impl<'record> FindingView<'record> {
    /// The findings of the lines that a step is linked to.
    pub(super) fn of_step(record: &'record Record, id: &str) -> Vec<Self> {
        let document = record.document.iter();
        let findings = document.flat_map(|document| document.of_step(id));
        findings.map(|finding| Self::new(record, finding)).collect()
    }

    fn new(record: &'record Record, finding: &'record DocumentFinding) -> Self {
        let mut steps = record.canonical.steps.iter().enumerate();
        let step = finding.step.as_ref();
        let step = step.and_then(|id| steps.find(|(_, step)| step.id == *id));
        Self {
            line: finding.line,
            severity: finding.severity.word(),
            code: &finding.code,
            message: &finding.message,
            cure: &finding.cure,
            step: step.map(|(index, step)| (index, step.id.as_str())),
        }
    }
}
