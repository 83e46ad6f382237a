//! What is to be mended in a document: where, which rule says so, why, and how.
//!
//! A finding is data; each way to show it is a file of its own. Nothing here finds anything.

use std::ops::Range;

use rehearse_core::record::Severity;
use serde::Serialize;

mod github;
mod sarif;
mod terminal;

pub use github::render as github;
pub use sarif::render as sarif;
pub use terminal::render as terminal;

/// One thing that is to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// The rule's stable name, such as `here-document-end`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The path as the user gave it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1; nothing where it is about the whole line.
    pub column: Option<usize>,
    /// The bytes that it is about, for the caret.
    #[serde(skip)]
    pub span: Range<usize>,
    /// What is wrong, and what follows from it: lower case, no full stop.
    pub message: String,
    /// What to write instead: lower case, no full stop.
    pub cure: String,
}
