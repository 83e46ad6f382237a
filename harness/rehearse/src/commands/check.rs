//! `rehearse check SCENARIO`

use std::io::Write as _;
use std::process::ExitCode;

use crate::output;
use crate::selection::SelectionArguments;

/// Arguments of `rehearse check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  rehearse check scenarios/multus-on-crio-with-calico")]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionArguments,
}

/// Checks the files and says that they are right; what is wrong is the error.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let plan = arguments.selection.selection().prepare()?.plan;
    let checks: usize = plan.steps.iter().map(|step| step.checks.len()).sum();
    writeln!(
        output::stdout(),
        "{}: nothing is wrong: {} steps, {checks} checks; {}",
        plan.scenario,
        plan.steps.len(),
        plan.one_line()
    )?;
    Ok(ExitCode::SUCCESS)
}
