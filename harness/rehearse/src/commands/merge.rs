//! `rehearse merge DIR... --out DIR`

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use rehearse_core::matrix::Merged;
use rehearse_core::report;
use rehearse_engine::matrix::cells;
use rehearse_engine::prepare::Selection;

use super::compare;
use crate::output;
use crate::selection;

/// Arguments of `rehearse merge`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse merge shard-1 shard-2 --out matrix     what the shards of a matrix left
  rehearse merge rehearse-runs/2026* --out matrix

The folder has matrix.json (every record), matrix.html (step × cell) and matrix.md.

Exit codes:
  0  every cell as expected, known defects among them
  1  a cell is not as expected
  2  the folders are not of one matrix
  3  a cell could not be found out, or nobody ran it")]
pub struct Arguments {
    /// Folders of runs, or folders with such folders in them
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,

    /// Where the result goes
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The scenario's folder [default: the one that scenarios/default of this repository names]
    #[arg(long, value_name = "SCENARIO")]
    scenario: Option<PathBuf>,
}

/// Merges, writes, and prints the table.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let records = cells::records(&arguments.folders)?;
    let (_, first) = records
        .first()
        .context("failed to merge: there is no record")?;
    let selection = Selection {
        scenario: arguments.scenario.clone(),
        source: first.canonical.source,
        ..Selection::default()
    };
    let cells = cells::cells(&selection, &selection::matrix_command(&selection))?;
    cells::refuse_used(&arguments.out)?;
    let records = records
        .into_iter()
        .map(|(folder, record)| (place(&folder, &arguments.out), record))
        .collect();
    let merged = cells::merge(&cells, records)?;
    write(&arguments.out, &merged)?;
    let summary = summary(&merged, &arguments.out);
    output::stdout().write_all(summary.as_bytes())?;
    Ok(ExitCode::from(merged.exit_code()))
}

/// A run's folder as the page names it: below the page's own folder where it is there.
fn place(folder: &Path, out: &Path) -> String {
    let below = folder.strip_prefix(out).ok();
    let place = below.map_or_else(
        || std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()),
        Path::to_owned,
    );
    place.display().to_string()
}

/// Writes the merged result, its page and its table.
///
/// # Errors
/// With the path.
pub(super) fn write(out: &Path, merged: &Merged) -> anyhow::Result<()> {
    cells::write(out, merged, &compare::known_changes(None)?)
}

/// What is printed of a merged result.
pub(super) fn summary(merged: &Merged, out: &Path) -> String {
    let table = report::matrix::terminal(merged);
    format!("{table}page  {}\n", out.join("matrix.html").display())
}
