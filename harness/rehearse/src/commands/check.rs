//! `rehearse check SCENARIO`

use std::io::Write as _;
use std::process::ExitCode;

use rehearse_core::planted;
use rehearse_core::problem::Problems;
use rehearse_engine::failure::joined;
use rehearse_engine::matrix::cells;
use rehearse_engine::prepare::{self, Prepared};
use rehearse_engine::stage::capture;

use super::document::Replayed;
use crate::output;
use crate::selection::{self, SelectionArguments};

/// Arguments of `rehearse check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  rehearse check scenarios/multus-on-crio-with-calico")]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionArguments,
}

/// Checks every file of the scenario's folder and says that they are right; what is wrong is the error, all of it. Of each
/// capture it says which steps it still answers: a scenario is not wrong because one of them is stale.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let selection = arguments.selection.selection();
    let folder = prepare::scenario_folder(selection.scenario.as_deref())?;
    let mut problems = Problems::default();
    let prepared = joined(selection.prepare(), &mut problems)?;
    // Its versions can be read without the scenario; what else they say of it can't be judged without it.
    if folder.join(cells::VERSIONS).exists() {
        joined(cells::versions(&folder), &mut problems)?;
        if prepared.is_some() {
            let command = selection::matrix_command(&selection);
            joined(cells::cells(&selection, &command), &mut problems)?;
        }
    }
    if prepared.is_some() {
        if folder.join(planted::FILE).exists() {
            joined(prepare::faults(&folder), &mut problems)?;
        }
        joined(Replayed::read_if_linked(Some(&folder)), &mut problems)?;
    }
    problems.or(())?;
    if let Some(Prepared { plan, folder, .. }) = prepared {
        let checks: usize = plan.steps.iter().map(|step| step.checks.len()).sum();
        let mut stdout = output::stdout();
        writeln!(
            stdout,
            "{}: nothing is wrong: {} steps, {checks} checks; {}",
            plan.scenario,
            plan.steps.len(),
            plan.one_line()
        )?;
        for name in capture::names(&folder)? {
            let answers = capture::named(&folder, &name).and_then(|stored| {
                let plan = selection.plan_for(&folder, &stored.capture)?;
                Ok(stored.capture.answers(&plan))
            });
            match answers {
                Ok(answers) => writeln!(stdout, "capture {name}: {answers}")?,
                Err(error) => writeln!(stdout, "capture {name}: no answers: {error:#}")?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
