//! What was found in the document under test before the run began.
//!
//! It is no part of the canonical record: it is about a text, under the path that somebody typed, and says nothing of what
//! the cluster did. The same document under the same path gives the same bytes all the same.

use serde::{Deserialize, Serialize};

/// How much a finding matters to the one who follows the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The step does not do what it says.
    Error,
    /// It works here and now, or for its author.
    Warning,
    /// It misleads.
    Note,
}

impl Severity {
    /// The word that SARIF and terminals know.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// What GitHub calls an annotation of it.
    pub fn annotation(self) -> &'static str {
        match self {
            Self::Error | Self::Warning => self.word(),
            Self::Note => "notice",
        }
    }
}

/// The document that a run was given, and what is to be mended in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DocumentUnderTest {
    /// The path as the user typed it.
    pub path: String,
    /// Of the whole text, in lower-case hex.
    pub sha256: String,
    /// How much of it the scenario speaks of; none where the scenario says nothing of its document's blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<DocumentCoverage>,
    /// What is to be mended, by line.
    pub findings: Vec<DocumentFinding>,
}

/// How many lines of commands, outputs and files there are, and what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DocumentCoverage {
    /// In all.
    pub lines: usize,
    /// Those that steps replay.
    pub replayed: usize,
    /// Those that are left out for a reason.
    pub left_out: usize,
}

/// One thing that is to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DocumentFinding {
    /// The rule's stable name, such as `here-document-end`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// The line, counted from 1.
    pub line: usize,
    /// The step that this line is linked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What is wrong, and what follows from it: lower case, no full stop.
    pub message: String,
    /// What to write instead: lower case, no full stop.
    pub cure: String,
}

impl DocumentCoverage {
    /// How many of a hundred lines are replayed or left out for a reason. None where there are no lines.
    pub fn percent(self) -> Option<f64> {
        if self.lines == 0 {
            return None;
        }
        let number = |lines: usize| f64::from(u32::try_from(lines).unwrap_or(u32::MAX));
        Some(number(self.replayed + self.left_out) * 100.0 / number(self.lines))
    }
}

impl DocumentUnderTest {
    /// Those of the lines that a step is linked to.
    pub fn of_step(&self, id: &str) -> impl Iterator<Item = &DocumentFinding> {
        self.findings
            .iter()
            .filter(move |finding| finding.step.as_deref() == Some(id))
    }
}
