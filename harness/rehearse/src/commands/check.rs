//! `rehearse check SCENARIO`

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use rehearse_core::coverage;
use rehearse_core::planted;
use rehearse_core::problem::Problems;
use rehearse_engine::failure::joined;
use rehearse_engine::matrix::cells;
use rehearse_engine::prepare::Prepared;
use rehearse_engine::repository::Repository;
use rehearse_engine::scenario_folder::VERSIONS;
use rehearse_engine::stage::capture;

use super::document::{OVERLAY_FILE, overlay};
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
    let selection = arguments.selection.selection()?;
    let repository = Arc::new(Repository::read()?);
    let folder = selection.read(&repository)?;
    let mut problems = Problems::default();
    let prepared = joined(selection.prepare_in(&repository, &folder), &mut problems)?;
    joined(repository.known_changes(None), &mut problems)?;
    if folder.has(VERSIONS) {
        let command = selection::matrix_command(&selection);
        let cells = cells::cells_in(&selection, &repository, &folder, &command);
        joined(cells, &mut problems)?;
    }
    if folder.has(planted::FILE) {
        joined(folder.faults(), &mut problems)?;
    }
    if folder.has(OVERLAY_FILE) {
        joined(overlay(&folder), &mut problems)?;
    }
    let Some(Prepared { plan, .. }) = prepared else {
        return Err(problems.sorted().into());
    };
    let (scenario, _) = folder.whole()?;
    let mut captures = Vec::new();
    let mut lines = Vec::new();
    for name in capture::names(&folder.path)? {
        let answers = capture::named(&folder.path, &name).and_then(|stored| {
            let plan = selection.plan_for(&repository, &folder, &stored.capture)?;
            let answers = stored.capture.answers(&plan);
            captures.push((plan, stored.capture));
            Ok(answers)
        });
        lines.push(match answers {
            Ok(answers) => format!("capture {name}: {answers}"),
            Err(error) => format!("capture {name}: no answers: {error:#}"),
        });
    }
    problems.extend(coverage::stale(&scenario, &captures));
    problems.or(())?;
    let checks: usize = plan.steps.iter().map(|step| step.checks.len()).sum();
    let mut stdout = output::stdout();
    writeln!(
        stdout,
        "{}: nothing is wrong: {} steps, {checks} checks; {}",
        plan.scenario,
        plan.steps.len(),
        plan.one_line()
    )?;
    for line in lines {
        writeln!(stdout, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}
