//! `rehearse check SCENARIO`

use std::io::Write as _;
use std::process::ExitCode;

use rehearse_engine::stage::capture;

use crate::output;
use crate::selection::SelectionArguments;

/// Arguments of `rehearse check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  rehearse check scenarios/multus-on-crio-with-calico")]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionArguments,
}

/// Checks the files and says that they are right; what is wrong is the error. Of each capture it says which steps it still
/// answers: a scenario is not wrong because one of them is stale.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let selection = arguments.selection.selection();
    let prepared = selection.prepare()?;
    let plan = &prepared.plan;
    let checks: usize = plan.steps.iter().map(|step| step.checks.len()).sum();
    let mut stdout = output::stdout();
    writeln!(
        stdout,
        "{}: nothing is wrong: {} steps, {checks} checks; {}",
        plan.scenario,
        plan.steps.len(),
        plan.one_line()
    )?;
    for name in capture::names(&prepared.folder)? {
        let answers = capture::named(&prepared.folder, &name).and_then(|stored| {
            let plan = selection.plan_for(&prepared.folder, &stored.capture)?;
            Ok(stored.capture.answers(&plan))
        });
        match answers {
            Ok(answers) => writeln!(stdout, "capture {name}: {answers}")?,
            Err(error) => writeln!(stdout, "capture {name}: no answers: {error:#}")?,
        }
    }
    Ok(ExitCode::SUCCESS)
}
