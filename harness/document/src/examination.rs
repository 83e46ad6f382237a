//! A document as it is examined before a run: what the rules find, what does not fit the scenario's links, and which step
//! each finding belongs to. Pure: it compares, and reads nothing.

use std::collections::BTreeMap;

use rehearse_core::record::{DocumentCoverage, DocumentFinding, DocumentUnderTest};
use rehearse_core::scenario::Scenario;

use super::finding::Finding;
use super::links::{self, Coverage, Part};
use super::overlay::{Overlay, Target};
use super::{Document, links_findings, lint};

/// What a scenario says of its document.
#[derive(Clone, Copy, Debug)]
pub struct Linked<'a> {
    /// The scenario, whose steps name lines of the document that it pins.
    pub scenario: &'a Scenario,
    /// Its `document.yaml`.
    pub overlay: &'a Overlay,
    /// The hash of each step as it is, by its id.
    pub steps: &'a BTreeMap<String, String>,
}

/// A document that was examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    /// All findings, by line, as the forms for a terminal or a workflow need them.
    pub findings: Vec<Finding>,
    /// The same as a record keeps it.
    pub record: DocumentUnderTest,
}

/// Examines a document. Without `linked` only the rules for any document apply, and no finding belongs to a step.
pub fn examine(document: &Document, linked: Option<Linked<'_>>) -> Examination {
    let parts = links::parts(document);
    let known = linked.map(|linked| Known {
        coverage: links::cover(&parts, linked.overlay, linked.steps),
        linked,
    });
    let of_rules = lint::lint(document).into_iter().map(|finding| {
        let step = known
            .as_ref()
            .and_then(|known| known.step_at(finding.line, document, &parts));
        (finding, step)
    });
    let of_links = known.iter().flat_map(|known| {
        let findings = links_findings::with_targets(document, &known.coverage);
        findings
            .into_iter()
            .map(|(finding, target)| (finding, target.and_then(step)))
    });
    let mut findings: Vec<_> = of_rules.chain(of_links).collect();
    // Stable: what is on one line stays in its order.
    findings.sort_by_key(|(finding, _)| finding.line);
    let kept = findings.iter().map(|(finding, step)| DocumentFinding {
        code: finding.code.to_owned(),
        severity: finding.severity,
        line: finding.line,
        step: step.map(str::to_owned),
        message: finding.message.clone(),
        cure: finding.cure.clone(),
    });
    Examination {
        record: DocumentUnderTest {
            path: document.source.file.clone(),
            sha256: document.sha256.clone(),
            coverage: known
                .as_ref()
                .map(|known| DocumentCoverage::from(&known.coverage)),
            findings: kept.collect(),
        },
        findings: findings.into_iter().map(|(finding, _)| finding).collect(),
    }
}

impl From<&Coverage> for DocumentCoverage {
    fn from(coverage: &Coverage) -> Self {
        Self {
            lines: coverage.lines,
            replayed: coverage.replayed,
            left_out: coverage.left_out,
        }
    }
}

/// What a scenario says of the document as it is.
struct Known<'a> {
    linked: Linked<'a>,
    coverage: Coverage,
}

impl<'a> Known<'a> {
    /// The step that replays the block of a line; outside of blocks the step that names the line, which is so only in the
    /// document that the scenario pins.
    fn step_at(&self, line: usize, document: &Document, parts: &[Part<'_>]) -> Option<&str> {
        match parts.iter().find(|part| part.lines.contains(line)) {
            Some(part) => step(self.coverage.target(part.lines, self.linked.overlay)?),
            None => self.step_around(line, document),
        }
    }

    fn step_around(&self, line: usize, document: &Document) -> Option<&'a str> {
        let scenario = self.linked.scenario;
        if document.sha256 != scenario.document.sha256 {
            return None;
        }
        let mut steps = scenario.steps.iter();
        let around = steps.find(|step| {
            step.document.as_ref().is_some_and(|document| {
                let lines = document.lines.map(|line| usize::try_from(line).ok());
                let [Some(first), Some(last)] = lines else {
                    return false;
                };
                (first..=last).contains(&line)
            })
        });
        around.map(|step| step.id.as_str())
    }
}

fn step(target: &Target) -> Option<&str> {
    match target {
        Target::Step { id, .. } => Some(id),
        Target::LeftOut { .. } => None,
    }
}

#[cfg(test)]
mod tests;
