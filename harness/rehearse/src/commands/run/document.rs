//! `rehearse run --document`: the document is examined before anything is started.
//!
//! What is found goes into the record and decides nothing: a finding is about the document, the exit code about the run.

use std::env;
use std::io::{self, Write as _};

use rehearse_core::record::DocumentUnderTest;
use rehearse_core::report::terminal;
use rehearse_document::examination::{self, Linked};
use rehearse_document::finding;

use super::Arguments;
use crate::commands::document::{Replayed, read_document};

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
        io::stdout().lock().write_all(annotations.as_bytes())?;
    }
    Ok(Some(examined.record))
}

/// The option as it is typed to do the same again, with a space before it; nothing where there was none.
pub(super) fn option(document: Option<&DocumentUnderTest>) -> String {
    document.map_or_else(String::new, |document| {
        format!(" --document {}", quoted(&document.path))
    })
}

/// What is printed of the document after several runs, whose reports have it all.
pub(super) fn told(document: Option<&DocumentUnderTest>) -> String {
    document.map_or_else(String::new, terminal::of_several)
}

/// A path as one word of a shell.
fn quoted(path: &str) -> String {
    let is_plain =
        |character: char| character.is_alphanumeric() || "/._-+@%,:=".contains(character);
    if !path.is_empty() && path.chars().all(is_plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        assert_eq!(quoted("docs/guide.md"), "docs/guide.md");
        assert_eq!(quoted("my guide.md"), "'my guide.md'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
