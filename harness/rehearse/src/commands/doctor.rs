//! `rehearse doctor [SCENARIO]`

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use rehearse_engine::doctor;

use crate::output;
use crate::selection::SelectionArguments;

/// Arguments of `rehearse doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rehearse doctor
  rehearse doctor --with kubernetes=1.34.4 scenarios/multus-on-crio-with-calico

It makes and fetches nothing. It ends with 0 where a run can begin, and with 3 where the machine lacks something.")]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionArguments,
}

/// Prints the table.
pub async fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let prepared = arguments.selection.selection()?.prepare()?;
    let found = doctor::look(&prepared).await?;
    let mut text = found.table.to_string();
    if found.missing.is_empty() {
        writeln!(text, "the stack is built")?;
    } else {
        let names: Vec<&str> = found
            .missing
            .iter()
            .map(|piece| piece.what.as_str())
            .collect();
        let takes: Duration = found.missing.iter().map(|piece| piece.estimate).sum();
        writeln!(
            text,
            "to build before the first run, about {} min on two processors: {}",
            takes.as_secs().div_ceil(60),
            names.join(", ")
        )?;
    }
    let passes = found.table.passes();
    writeln!(
        text,
        "{}",
        if passes {
            "This machine can run the scenario: rehearse run"
        } else {
            "This machine cannot run the scenario yet; each line with `no` has its cure below it."
        }
    )?;
    output::print(&output::text(&text))?;
    Ok(ExitCode::from(if passes { 0 } else { 3 }))
}
