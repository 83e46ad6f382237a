//! `rehearse report RUN`

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::ValueEnum;
use rehearse_core::record::Record;
use rehearse_core::report::{ctrf, html, junit, markdown};

use crate::failure::Usage;
use crate::run::folder::RECORD;
use crate::run::reports;

/// Arguments of `rehearse report`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse report rehearse-runs/20260101-120000-1a2b
  rehearse report rehearse-runs/20260101-120000-1a2b --format html > report.html

It ends with the run's own exit code.")]
pub struct Arguments {
    /// The run's folder, or its record.json
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

/// What a record can be rendered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table and the failures, for people.
    Terminal,
    /// JUnit XML, a case a step.
    Junit,
    /// Markdown that fits a CI step's summary.
    Markdown,
    /// One self-contained page.
    Html,
    /// Common Test Report Format, JSON.
    Ctrf,
    /// The record itself.
    Json,
}

/// Prints the record in the format.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (record, path) = read(&arguments.run)?;
    let text = match arguments.format {
        Format::Terminal => reports::summary(&record, &path),
        Format::Junit => junit::render(&record)?,
        Format::Markdown => markdown::render(&record),
        Format::Html => html::render(&record)?,
        Format::Ctrf => ctrf::render(&record),
        Format::Json => record.to_json(),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::from(record.exit_code()))
}

/// The record of a run's folder, or of a record's file, with the path of that file.
///
/// # Errors
/// [`Usage`] when there is none; where the text is not a record.
pub fn read(run: &Path) -> anyhow::Result<(Record, PathBuf)> {
    let path = if run.is_dir() {
        run.join(RECORD)
    } else {
        run.to_owned()
    };
    let text = fs::read_to_string(&path).map_err(|error| {
        Usage::new(
            format!("failed to read {}: {error}", path.display()),
            "give the folder of a run, one with a record.json in it",
        )
    })?;
    let record =
        Record::from_json(&text).with_context(|| format!("failed to read {}", path.display()))?;
    Ok((record, path))
}
