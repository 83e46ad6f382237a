//! `rehearse faults --on kind`: the scenario is replayed once, with faults planted in the state that each step leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use rehearse_core::planted::{self, Outcome, Report};
use rehearse_core::problem::{Problem, Problems, known_names};
use rehearse_core::record::Record;

use rehearse_engine::failure::Usage;
use rehearse_engine::planted::Planting;
use rehearse_engine::run::{milliseconds, reports};

use crate::commands::prepare::{self, Selection};
use crate::commands::run;

/// The report's file in the run's folder.
const REPORT: &str = "faults.json";

/// Which faults are planted, and on which cluster.
#[derive(Debug)]
pub struct Arguments {
    /// The scenario and its versions.
    pub selection: Selection,
    /// These faults only, by their ids; all where it is empty.
    pub only: Vec<String>,
    /// Whether all that is missing is made first.
    pub setup: bool,
    /// Whether the cluster is left when the run ends.
    pub keep: bool,
    /// A cluster that an earlier run kept.
    pub reuse: Option<String>,
    /// The run's folder.
    pub out: Option<PathBuf>,
}

/// Replays the scenario with its faults. 0 where every fault was seen, 1 where one was not, 3 where it could not be found
/// out; where the replay itself did not pass, its own code.
///
/// # Errors
/// The problems of the scenario or of its faults; what a run cannot do.
pub async fn execute(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let planting = Planting::of(faults(&arguments.selection, &arguments.only)?);
    let run = run::Arguments::on_kind(
        arguments.selection,
        arguments.setup,
        arguments.keep,
        arguments.reuse,
        arguments.out,
    );
    let (record, folder) = run::rehearse(&run, Some(&planting), None).await?;
    let (faults, spent) = planting.ended();
    let report = Report {
        scenario: record.canonical.scenario.clone(),
        versions: versions(&record),
        total: milliseconds(started.elapsed()),
        planting: milliseconds(spent),
        faults,
    };
    folder.write(REPORT, &(serde_json::to_string_pretty(&report)? + "\n"))?;
    let mut stdout = io::stdout().lock();
    let failed = report
        .faults
        .iter()
        .any(|fault| matches!(fault.outcome, Outcome::Failed { .. }));
    if record.exit_code() != 0 {
        let summary = reports::summary(&record, folder.path());
        stdout.write_all(summary.as_bytes())?;
    }
    stdout.write_all(report.terminal().as_bytes())?;
    writeln!(stdout, "{}", folder.path().join(REPORT).display())?;
    let code = if failed || record.exit_code() == 0 {
        report.exit_code()
    } else {
        record.exit_code()
    };
    Ok(ExitCode::from(code))
}

fn versions(record: &Record) -> BTreeMap<String, String> {
    let components = record.canonical.components.iter();
    components
        .map(|component| (component.name.clone(), component.version.clone()))
        .collect()
}

/// The scenario's faults, or those of them that are asked for.
fn faults(selection: &Selection, only: &[String]) -> anyhow::Result<Vec<planted::Fault>> {
    let folder = prepare::scenario_folder(selection.scenario.as_deref())?;
    let (scenario, _) = prepare::read(&folder)?;
    let path = folder.join(planted::FILE);
    let text = fs::read_to_string(&path).map_err(|error| {
        Usage::new(
            format!("failed to read {}: {error}", path.display()),
            "the faults of a scenario stand beside its scenario.yaml",
        )
    })?;
    let planted = planted::parse(&path.display().to_string(), &text, &scenario)
        .context("failed to read the faults")?;
    let mut problems = Problems::default();
    let ids: BTreeSet<&str> = planted
        .faults
        .iter()
        .map(|fault| fault.id.as_str())
        .collect();
    for id in only.iter().filter(|id| !ids.contains(id.as_str())) {
        problems.push(
            Problem::new(&format!("--fault {id}"), "there is no such fault")
                .with_hint(known_names(id, ids.iter().copied())),
        );
    }
    problems.or(())?;
    Ok(planted
        .faults
        .into_iter()
        .filter(|fault| only.is_empty() || only.contains(&fault.id))
        .collect())
}
