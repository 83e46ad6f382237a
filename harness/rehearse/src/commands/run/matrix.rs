//! `rehearse run --matrix`: every cell one after the other, on a cluster of its own or on that of the cell before it.
//!
//! The stack of all cells is made first, each piece once; what cells have in common (node image, Kubernetes, Calico) is
//! the same piece. Cells are not run side by side: two clusters at once would need twice the inotify instances that
//! preflight asks for, and their waits would disturb each other's timing.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use jiff::Timestamp;
use rehearse_core::matrix::{Cell, Cells, SharedSteps};
use rehearse_core::record::{DocumentUnderTest, Record};
use tokio::time::Instant;

use super::going_on::Passing;
use super::rehearsal::Ended;
use super::{Arguments, RUNS, document, run_id};
use crate::commands::matrix;
use crate::commands::prepare::{Prepared, With};
use crate::commands::setup;
use rehearse_engine::failure::Usage;
use rehearse_engine::run::folder::Folder;
use rehearse_engine::run::interrupt::{Interrupt, Signals};
use rehearse_engine::run::{played, reports};
use rehearse_engine::stage::{On, capture};

mod ways;

use ways::Ways;

/// One cell with what a run of it alone would be given.
struct Planned {
    cell: Cell,
    arguments: Arguments,
    prepared: Prepared,
}

/// What a cell cost.
struct Cost {
    name: String,
    /// Making what of its stack was missing.
    making: Duration,
    /// Its replay, with cluster and teardown.
    replay: Duration,
}

/// Runs the cells and merges what came of them; the exit code is the whole matrix's, or that of the cells asked for.
pub(super) async fn execute(
    arguments: Arguments,
    document: Option<DocumentUnderTest>,
) -> Result<ExitCode> {
    let mut cells = matrix::cells(&arguments.selection)?;
    cells.command += &document::option(document.as_ref());
    cells.list = asked_for(&arguments, &cells)?;
    let id = run_id(Timestamp::now(), std::process::id());
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new(RUNS).join(format!("{id}-matrix")));
    matrix::refuse_used(&out)?;
    let planned: Vec<Planned> = cells
        .list
        .iter()
        .map(|cell| plan(&arguments, cell, document.as_ref(), &out))
        .collect::<Result<_>>()?;
    if let On::Capture(name) = &arguments.on {
        if let Some(name) = name {
            return Err(Usage::new(
                format!("--matrix takes the capture that fits each cell, not {name}"),
                "give --on capture",
            )
            .into());
        }
        let records = planned.iter().map(play).collect::<Result<_>>()?;
        return merged(&cells, records, &out, &document::told(document.as_ref()));
    }
    let shared = cells
        .shared_steps
        .as_ref()
        .filter(|_| !arguments.own_clusters);
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    let ran = tokio::select! {
        ran = all(&planned, shared, &interrupt) => ran,
        never = interrupt.listen(signals) => match never {},
    };
    let (records, costs) = ran?;
    let besides = told(&costs) + &document::told(document.as_ref());
    merged(&cells, records, &out, &besides)
}

/// Merges what came of the cells, writes it, and prints its table and what is to be said besides.
fn merged(
    cells: &Cells,
    records: Vec<(String, Record)>,
    out: &Path,
    besides: &str,
) -> Result<ExitCode> {
    let merged = matrix::merge(cells, records)?;
    matrix::write(out, &merged)?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(matrix::summary(&merged, out).as_bytes())?;
    stdout.write_all(besides.as_bytes())?;
    Ok(ExitCode::from(merged.exit_code()))
}

/// A cell on the capture that fits it; where none does, its record says so of every step.
fn play(planned: &Planned) -> Result<(String, Record)> {
    let prepared = &planned.prepared;
    let stored = capture::fitting(&prepared.folder, &prepared.plan)?;
    let stored = stored.as_ref().map_err(String::as_str);
    let name = &planned.cell.name;
    let command = format!(
        "rehearse run --on capture {}{}",
        planned.cell.options(),
        document::option(prepared.document.as_ref())
    );
    let record = Record {
        document: prepared.document.clone(),
        ..played::record(&prepared.plan, stored, name, command)
    };
    if let Some(out) = &planned.arguments.out {
        reports::write(&Folder::create(out)?, &record)?;
    }
    Ok((name.clone(), record))
}

/// The cells of the shard or the names that were asked for. None is never a pass.
fn asked_for(arguments: &Arguments, cells: &Cells) -> Result<Vec<Cell>, Usage> {
    for name in &arguments.cell {
        if !cells.list.iter().any(|cell| cell.name == *name) {
            let known: Vec<_> = cells.list.iter().map(|cell| cell.name.as_str()).collect();
            return Err(Usage::new(
                format!("there is no cell {name}"),
                format!("known: {}", known.join(", ")),
            ));
        }
    }
    let mut list = cells.list.clone();
    if !arguments.cell.is_empty() {
        list.retain(|cell| arguments.cell.contains(&cell.name));
    }
    if let Some(shard) = arguments.shard {
        let number = list.len();
        list = shard.select(list);
        if list.is_empty() {
            return Err(Usage::new(
                format!("shard {shard} has no cell: there are {number}"),
                "take no more shards than cells",
            ));
        }
    }
    Ok(list)
}

fn plan(
    arguments: &Arguments,
    cell: &Cell,
    document: Option<&DocumentUnderTest>,
    out: &Path,
) -> Result<Planned> {
    let mut arguments = arguments.clone();
    let with = cell.with.iter();
    arguments.selection.with = with
        .map(|(component, version)| With {
            component: component.clone(),
            version: version.clone(),
        })
        .collect();
    let folder = out.join(&cell.name);
    Folder::refuse_used(&folder)?;
    arguments.out = Some(folder);
    let prepared = Prepared {
        document: document.cloned(),
        ..arguments.selection.prepare()?
    };
    Ok(Planned {
        cell: cell.clone(),
        arguments,
        prepared,
    })
}

/// Makes every cell's stack, then runs the cells. What a cell could not be is said, and the others are run all the same;
/// the merged result has it as missing.
async fn all(
    planned: &[Planned],
    shared: Option<&SharedSteps>,
    interrupt: &Interrupt,
) -> Result<(Vec<(String, Record)>, Vec<Cost>)> {
    let (mut costs, mut stacks) = (Vec::new(), Vec::new());
    for one in planned {
        let selection = &one.arguments.selection;
        let started = Instant::now();
        let ready = setup::look(&one.prepared, selection, one.arguments.setup, None)
            .await?
            .make(interrupt)
            .await?;
        stacks.push(*ready.stack);
        costs.push(Cost {
            name: one.cell.name.clone(),
            making: started.elapsed(),
            replay: Duration::ZERO,
        });
    }
    let plans: Vec<_> = planned.iter().map(|one| &one.prepared.plan).collect();
    let mut ways = Ways::of(&plans, &stacks, shared)?;
    let (mut records, mut begun) = (Vec::new(), None);
    for (index, (one, cost)) in planned.iter().zip(&mut costs).enumerate() {
        writeln!(
            io::stderr(),
            "cell {} of {}: {}",
            index + 1,
            planned.len(),
            one.cell.name
        )?;
        let started = Instant::now();
        let passing = Passing {
            begun: begun.take(),
            ..ways.passing(index)
        };
        match cell(&one.arguments, &one.prepared, interrupt, passing).await {
            Ok(ended) => {
                records.push((one.cell.name.clone(), ended.record));
                begun = ended.begun;
            }
            Err(error) => writeln!(io::stderr(), "cell {}: {error:#}", one.cell.name)?,
        }
        cost.replay = started.elapsed();
        if let Some(why) = interrupt.why() {
            writeln!(io::stderr(), "{why}: the cells after this one are not run")?;
            break;
        }
    }
    ways.end()?;
    costs.retain(|cost| cost.replay > Duration::ZERO);
    Ok((records, costs))
}

/// One run of several: a cluster of its own, and the folder that its arguments name.
///
/// # Errors
/// What was missing, and what could not be made of it; a run that began has a record.
pub(in crate::commands) async fn replay(
    arguments: &Arguments,
    prepared: &Prepared,
    interrupt: &Interrupt,
) -> Result<Record> {
    let ended = cell(arguments, prepared, interrupt, Passing::default()).await?;
    Ok(ended.record)
}

async fn cell(
    arguments: &Arguments,
    prepared: &Prepared,
    interrupt: &Interrupt,
    passing: Passing,
) -> Result<Ended> {
    let Some(out) = &arguments.out else {
        bail!(
            "failed to find a folder for the run of {}",
            prepared.plan.one_line()
        );
    };
    let id = run_id(Timestamp::now(), std::process::id());
    let started = Instant::now();
    let needed = arguments
        .look(prepared, &id, passing.begun.is_none())
        .await?;
    let replay = arguments.replay(prepared, needed, None, id, started, interrupt, out, passing);
    Box::pin(replay).await
}

/// What each cell cost, and those after the first in relation to it.
fn told(costs: &[Cost]) -> String {
    let mut lines = vec![
        String::new(),
        "cost of each cell: making its stack, replaying it".to_owned(),
    ];
    lines.extend(costs.iter().map(|cost| {
        format!(
            "  {}  {:.1} s  {:.1} s",
            cost.name,
            cost.making.as_secs_f64(),
            cost.replay.as_secs_f64()
        )
    }));
    if let [first, rest @ ..] = costs
        && !rest.is_empty()
    {
        let number = f64::from(u32::try_from(rest.len()).unwrap_or(u32::MAX));
        let ratio = |of: fn(&Cost) -> Duration| {
            let sum: f64 = rest.iter().map(|cost| of(cost).as_secs_f64()).sum();
            sum / number / of(first).as_secs_f64()
        };
        lines.push(format!(
            "a cell after the first costs {:.2} of the first, its replay alone {:.2}",
            ratio(|cost| cost.making + cost.replay),
            ratio(|cost| cost.replay)
        ));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::batch::v1::Job;

    use super::*;

    #[test]
    fn the_cost_of_later_cells_is_told_in_relation_to_the_first() {
        let cost = |name: &str, making, replay| Cost {
            name: name.to_owned(),
            making: Duration::from_secs(making),
            replay: Duration::from_secs(replay),
        };
        assert_eq!(told(&[cost("a", 100, 90)]).lines().count(), 3);
        insta::assert_snapshot!(told(&[cost("a", 100, 90), cost("b", 10, 90), cost("c", 0, 80)]), @r"

        cost of each cell: making its stack, replaying it
          a  100.0 s  90.0 s
          b  10.0 s  90.0 s
          c  0.0 s  80.0 s
        a cell after the first costs 0.47 of the first, its replay alone 0.94
        ");
    }

    /// What the exit codes of this program mean to a Job that runs a shard in each index.
    #[test]
    fn the_job_of_this_repository_counts_exit_codes_as_they_are_meant() -> Result<()> {
        let text = include_str!("../../../../../kind/manifests/indexed-job.yaml");
        let job: Job = serde_saphyr::from_str(text)?;
        let spec = job.spec.unwrap_or_default();
        assert_eq!(spec.completion_mode.as_deref(), Some("Indexed"));
        let rules = spec.pod_failure_policy.unwrap_or_default().rules;
        let action = |code: i32| {
            let of_code = |rule: &&k8s_openapi::api::batch::v1::PodFailurePolicyRule| {
                let codes = rule.on_exit_codes.as_ref();
                codes.is_some_and(|codes| codes.operator == "In" && codes.values.contains(&code))
            };
            rules.iter().find(of_code).map(|rule| rule.action.clone())
        };
        assert_eq!(
            action(1).as_deref(),
            Some("FailIndex"),
            "a verdict is not retried"
        );
        assert_eq!(
            action(2).as_deref(),
            Some("FailJob"),
            "wrong usage is wrong everywhere"
        );
        assert_eq!(
            action(3).as_deref(),
            Some("Count"),
            "the machine is retried"
        );
        assert_eq!(
            rules.first().map(|rule| rule.action.as_str()),
            Some("Ignore")
        );
        // What the API server asks for before it takes such a policy.
        assert!(spec.backoff_limit_per_index.is_some());
        let completions = spec.completions.map(|number| number.to_string());
        let pod = spec.template.spec.unwrap_or_default();
        assert_eq!(pod.restart_policy.as_deref(), Some("Never"));
        let names: Vec<_> = pod.containers.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["rehearse"]);
        let variables = pod.containers[0].env.as_deref().unwrap_or_default();
        let shards = variables.iter().find(|one| one.name == "SHARDS");
        assert_eq!(shards.and_then(|one| one.value.clone()), completions);
        let volumes = pod.volumes.unwrap_or_default();
        for container in pod.init_containers.iter().flatten().chain(&pod.containers) {
            for mount in container.volume_mounts.iter().flatten() {
                assert!(
                    volumes.iter().any(|volume| volume.name == mount.name),
                    "{}",
                    mount.name
                );
            }
        }
        Ok(())
    }
}
