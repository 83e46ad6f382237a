//! `rehearse faults --on kind`: the scenario is replayed once, with faults planted in the state that each step leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use rehearse_core::planted::{self, Outcome, Report};
use rehearse_core::problem::{Problem, Problems, known_names};
use rehearse_core::record::{Record, milliseconds};

use rehearse_engine::options::RunOptions;
use rehearse_engine::planted::Planting;
use rehearse_engine::prepare::Selection;
use rehearse_engine::rehearsal::on_kind::{self, Finished};
use rehearse_engine::scenario_folder::ScenarioFolder;

use crate::asking::Asking;
use crate::output;
use crate::summary;

/// The report's file in the run's folder.
const REPORT: &str = "faults.json";

/// Replays the scenario with its faults. 0 where every fault was seen, 1 where one was not, 3 where it could not be found
/// out; where the replay itself did not pass, its own code.
///
/// # Errors
/// The problems of the scenario or of its faults; what a run cannot do.
pub(super) async fn execute(
    options: &RunOptions,
    only: &[String],
    setup: bool,
) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let planting = Planting::of(faults(&options.selection, only)?);
    let asking = Asking::new(setup);
    let ended = asking.with(async |caller| on_kind::once(options, Some(&planting), caller).await);
    let Finished { record, folder, .. } = ended.await?;
    let (faults, spent) = planting.ended();
    let report = Report {
        scenario: record.canonical.scenario.clone(),
        versions: versions(&record),
        total: milliseconds(started.elapsed()),
        planting: milliseconds(spent),
        faults,
    };
    let json = serde_json::to_string_pretty(&report)? + "\n";
    folder.write(REPORT, &output::json(&json))?;
    let mut stdout = output::stdout();
    let failed = report
        .faults
        .iter()
        .any(|fault| matches!(fault.outcome, Outcome::Failed { .. }));
    if record.exit_code() != 0 {
        let summary = summary::of(&record, folder.path());
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
    let folder = ScenarioFolder::named(selection.scenario.as_deref())?;
    folder.whole()?;
    let planted = folder.faults()?;
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
