//! The record and its reports as files of the run's folder.

use std::env;
use std::path::Path;

use rehearse_core::record::Record;
use rehearse_core::report::{ctrf, html, junit, markdown};

use crate::folder::{self, Folder, RECORD};

/// The variable that names the file of a CI step's summary.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Writes the record, then every report.
///
/// # Errors
/// With the path, when one cannot be written.
pub fn write(folder: &Folder, record: &Record) -> anyhow::Result<()> {
    // Errors, acts and facts of the machine are in it too, which no stage redacted.
    let record = &record.clone().redacted()?;
    folder.write(RECORD, &record.to_json())?;
    folder.write("junit.xml", &junit::render(record)?)?;
    folder.write("ctrf.json", &ctrf::render(record))?;
    folder.write("summary.md", &markdown::render(record))?;
    folder.write("report.html", &html::render(record)?)
}

/// Appends the Markdown to the CI step's summary, where there is one.
///
/// # Errors
/// When that file cannot be written.
pub fn append_to_step_summary(record: &Record) -> anyhow::Result<()> {
    match env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()) {
        Some(path) => {
            let record = record.clone().redacted()?;
            folder::append(Path::new(&path), &markdown::render(&record))
        }
        None => Ok(()),
    }
}
