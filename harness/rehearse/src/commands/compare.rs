//! `rehearse compare BASE CANDIDATE`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use rehearse_core::medium::Safe;
use rehearse_core::record::compare::{Comparison, KnownChanges, compare};
use rehearse_core::report::comparison::{html, markdown, terminal};

use rehearse_engine::failure::Usage;
use rehearse_engine::folder;
use rehearse_engine::record_source::{self, Named};
use rehearse_engine::repository::Repository;

use crate::output;
use crate::summary;

/// Arguments of `rehearse compare`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse compare runs/multus-3.9.3 runs/multus-4.2.1
  rehearse compare base/record.json out --format markdown --out comment.md
  rehearse compare base out --noise again/01 --noise again/02

Known changes are in kind/changes.yaml. Timing is told and never decides the exit code.

Exit codes:
  0  nothing differs that nobody expected
  1  an unexpected change
  2  the usage is wrong
  3  the records cannot be compared, or not in all that one of them looked at")]
pub struct Arguments {
    /// The record to compare with: a run's folder or a record.json
    #[arg(value_name = "BASE")]
    base: String,

    /// The record that is looked at
    #[arg(value_name = "CANDIDATE")]
    candidate: String,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,

    /// Writes to a file in place of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Another run of the base's versions: what differs between those is noise. Can be given several times
    #[arg(long, value_name = "RUN")]
    noise: Vec<String>,

    /// Known changes [default: kind/changes.yaml]
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
}

/// What a comparison can be rendered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Terminal,
    /// For a comment of a pull request, which its hidden first line lets one find again.
    Markdown,
    /// The comparison itself.
    Json,
    /// One self-contained page, side by side.
    Html,
}

/// Prints the comparison; the exit code is its result.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let known = known_changes(arguments.changes.as_deref())?;
    let base = record_source::read(&arguments.base)?;
    let candidate = record_source::read(&arguments.candidate)?;
    let noise = record_source::read_all(&arguments.noise)?;
    let comparison = compare(&base.record, &candidate.record, &known, &noise);
    let text = render(arguments.format, &comparison, &base, &candidate)?;
    match &arguments.out {
        Some(path) => {
            refuse_input(path, &[&base.path, &candidate.path])?;
            // A comparison has no mark of its own in every form, so that no file is written over.
            folder::refuse_others(path, |_| false)?;
            folder::write_whole(path, &text)?;
        }
        None => output::print(&text)?,
    }
    Ok(ExitCode::from(comparison.exit_code()))
}

/// Refuses to write over what is compared.
fn refuse_input(out: &Path, inputs: &[&Path]) -> Result<(), Usage> {
    let Ok(real) = out.canonicalize() else {
        return Ok(());
    };
    let is_input = inputs
        .iter()
        .any(|input| input.canonicalize().is_ok_and(|input| input == real));
    if !is_input {
        return Ok(());
    }
    Err(Usage::new(
        format!(
            "--out {} is one of the records that are compared",
            out.display()
        ),
        "choose another file",
    ))
}

/// The known changes of a file, or the repository's own.
///
/// # Errors
/// [`Usage`] where the file is not there, or the problems in it.
pub(super) fn known_changes(file: Option<&Path>) -> anyhow::Result<KnownChanges> {
    Repository::read()?.known_changes(file)
}

fn render(
    format: Format,
    comparison: &Comparison,
    base: &Named,
    candidate: &Named,
) -> anyhow::Result<Safe> {
    Ok(match format {
        Format::Terminal => terminal::render(comparison, summary::look()),
        Format::Markdown => markdown::render(comparison),
        Format::Json => output::json(&comparison.to_json()),
        Format::Html => html::render(comparison, &base.record, &candidate.record)?,
    })
}
