//! `rehearse recheck RUN`

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::output;
use rehearse_core::capture;
use rehearse_core::judge::JudgedSteps;
use rehearse_core::record::{Record, StepLocations, Tally, recheck};

use super::capture::lines;
use rehearse_engine::prepare;
use rehearse_engine::record_source;
use rehearse_engine::run::outputs;

/// Arguments of `rehearse recheck`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse recheck rehearse-runs/20260101-120000-1a2b

Nothing is started: the checks are those of the scenario as it is now, what they judge is what the run saw.
It ends with the exit code that the run would have now.")]
pub struct Arguments {
    /// The run's folder
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// The scenario's folder [default: scenarios/<the run's scenario> of this repository]
    #[arg(value_name = "SCENARIO")]
    scenario: Option<PathBuf>,
}

/// Shows what differs.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let record = record_source::of_run(&arguments.run)?.record;
    let capture = outputs::read(&arguments.run)?;
    let (_, plan) = prepare::plan_of(arguments.scenario.as_deref(), &capture)?;
    let played = capture::play(&plan, &capture);
    let failures: Vec<String> = failures(&played, &plan.locations()).collect();
    let mut now: Record = record.clone();
    now.canonical.steps = played.steps;
    let differences = recheck::differences(&record.canonical.steps, &now.canonical.steps);
    let mut stdout = output::stdout();
    if differences.is_empty() {
        writeln!(stdout, "every check says what the run said")?;
    } else {
        writeln!(
            stdout,
            "{} differences to what the run said:",
            differences.len()
        )?;
        writeln!(stdout, "{}", lines(&differences))?;
    }
    for failure in failures {
        writeln!(stdout, "{failure}")?;
    }
    writeln!(stdout, "now: checks: {}", Tally::all_checks(&now).words())?;
    Ok(ExitCode::from(now.exit_code()))
}

/// What fails now, word for word, in the order of the steps, and where the scenario writes it now.
fn failures(
    played: &JudgedSteps,
    locations: &BTreeMap<String, StepLocations>,
) -> impl Iterator<Item = String> {
    let steps = played.steps.iter();
    let of_steps = steps.filter_map(|step| Some((&step.id, played.failures.get(&step.id)?)));
    let of_checks = of_steps.flat_map(|(id, checks)| {
        let checks = checks.iter();
        checks.map(move |(check, failures)| (id, check, failures))
    });
    of_checks.flat_map(|(id, check, failures)| {
        let location = locations.get(id).and_then(|step| step.checks.get(check));
        let at = location.map_or_else(String::new, |location| format!("  {location}\n"));
        failures.iter().map(move |failure| {
            format!(
                "failed: {id}: {check}\n{at}  {}\n    expected {}\n    observed {}\n    why      {}",
                failure.subject, failure.expected, failure.observed, failure.why
            )
        })
    })
}
