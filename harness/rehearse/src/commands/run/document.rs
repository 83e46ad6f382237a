//! `rehearse run --document`: the document is examined before anything is started.
//!
//! What is found goes into the record and decides nothing: a finding is about the document, the exit code about the run.

use std::env;

use rehearse_core::record::DocumentUnderTest;
use rehearse_core::report::terminal;
use rehearse_document::examination::{self, Linked};
use rehearse_document::finding;

use super::Arguments;
use crate::commands::document::{Replayed, read_document};
use crate::output;

/// The variable that says that a workflow of GitHub reads the output.
const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";

/// Examines the document that was given, if one was. In a workflow of GitHub each finding is printed as an annotation.
///
/// # Errors
/// [`Usage`](rehearse_engine::failure::Usage) where the document or the scenario can't be read, or the problems in what the
/// scenario says of it.
pub(super) fn examine(arguments: &Arguments) -> anyhow::Result<Option<DocumentUnderTest>> {
    let Some(path) = &arguments.document else {
        return Ok(None);
    };
    let document = read_document(path)?;
    let replayed = Replayed::read_if_linked(arguments.selection.scenario.as_deref())?;
    let linked = replayed.as_ref().map(|replayed| Linked {
        scenario: &replayed.scenario,
        overlay: &replayed.overlay,
        steps: &replayed.steps,
    });
    let examined = examination::examine(&document, linked);
    if env::var_os(GITHUB_ACTIONS).is_some_and(|value| value == "true") {
        let annotations = finding::github(&examined.findings);
        output::print(&annotations)?;
    }
    Ok(Some(examined.record))
}

/// What is printed of the document after several runs, whose reports have it all.
pub(super) fn told(document: Option<&DocumentUnderTest>) -> String {
    document.map_or_else(String::new, terminal::of_several)
}
