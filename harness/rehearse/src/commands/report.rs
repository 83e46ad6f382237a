//! `rehearse report RUN`

use std::process::ExitCode;

use clap::ValueEnum;
use rehearse_core::medium::Safe;
use rehearse_core::report::{annotations, ctrf, html, junit, markdown, sarif};

use rehearse_engine::record_source::{self, Named};

use crate::output;
use crate::summary;

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
    run: String,

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
    /// GitHub's workflow commands: an annotation a check that failed.
    Annotations,
    /// SARIF, which code scanning services read: a result a check that failed.
    Sarif,
    /// The record itself.
    Json,
}

/// Prints the record in the format.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Named { record, path } = record_source::read(&arguments.run)?;
    let text: Safe = match arguments.format {
        Format::Terminal => summary::of(&record, &path),
        Format::Junit => junit::render(&record)?,
        Format::Markdown => markdown::render(&record),
        Format::Html => html::render(&record)?,
        Format::Ctrf => ctrf::render(&record),
        Format::Annotations => annotations::render(&record),
        Format::Sarif => sarif::render(&record, env!("CARGO_PKG_VERSION")),
        Format::Json => output::json(&record.to_json()),
    };
    output::print(&text)?;
    Ok(ExitCode::from(record.exit_code()))
}
