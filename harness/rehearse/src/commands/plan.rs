//! `rehearse plan [SCENARIO]`

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use rehearse_core::matrix::{Cells, Shard};
use rehearse_core::plan::{Plan, PlannedCheck};

use rehearse_engine::matrix::cells;
use rehearse_engine::step;

use crate::output;
use crate::selection::{self, SelectionArguments};

/// Arguments of `rehearse plan`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rehearse plan\n  rehearse plan --json --with multus=4.0.2 | jq .components\n  rehearse plan --matrix --json      for a CI's matrix, such as GitHub's fromJSON"
)]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionArguments,

    /// Prints the whole plan as JSON: every default resolved, every file's text
    #[arg(long)]
    json: bool,

    /// Shows the cells of the scenario's versions.yaml instead
    #[arg(long)]
    matrix: bool,

    /// Only this part of the cells, such as 1/3
    #[arg(long, value_name = "I/N", requires = "matrix")]
    shard: Option<Shard>,
}

/// Prints the plan.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.matrix {
        let selection = arguments.selection.selection()?;
        let mut cells = cells::cells(&selection, &selection::matrix_command(&selection))?;
        if let Some(shard) = arguments.shard {
            cells.list = shard.select(cells.list);
        }
        let text = if arguments.json {
            output::json(&(cells.to_json() + "\n"))
        } else {
            output::text(&table(&cells)?)
        };
        output::print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let plan = arguments.selection.selection()?.prepare()?.plan;
    let text = if arguments.json {
        let json = serde_json::to_string_pretty(&plan);
        output::json(&(json.context("failed to write the plan as JSON")? + "\n"))
    } else {
        output::text(&readable(&plan)?)
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn table(cells: &Cells) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for cell in &cells.list {
        let base = if cells.base.as_ref() == Some(&cell.name) {
            " (base)"
        } else {
            ""
        };
        writeln!(text, "{}{base}: {}", cell.name, cell.options())?;
        if let Some(known) = &cell.known {
            let (step, why, reference) = (&known.step, &known.why, &known.reference);
            writeln!(text, "  known: {step} does not pass: {why} ({reference})")?;
        }
    }
    for left_out in &cells.left_out {
        writeln!(text, "not run: {}: {}", left_out.name, left_out.why)?;
    }
    Ok(text)
}

fn readable(plan: &Plan) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "{}: {}", plan.scenario, plan.title)?;
    writeln!(
        text,
        "{} control plane(s), {} worker(s), pods {}, services {}",
        plan.nodes.control_planes, plan.nodes.workers, plan.pod_subnet, plan.service_subnet
    )?;
    writeln!(text, "\ncomponents, from {}:", plan.source)?;
    for (name, choice) in &plan.components {
        let why = choice
            .why(plan.source)
            .unwrap_or_else(|| "pinned".to_owned());
        writeln!(text, "  {name} {} ({why})", choice.version)?;
    }
    for (index, step) in plan.steps.iter().enumerate() {
        let lines = step.document.as_ref().map_or(String::new(), |document| {
            format!(", lines {}-{}", document.lines[0], document.lines[1])
        });
        let deadline = seconds(step.deadline);
        writeln!(
            text,
            "\n{}. {}: {} (at most {deadline}{lines})",
            index + 1,
            step.id,
            step.title
        )?;
        for act in &step.acts {
            writeln!(text, "     do     {}", step::describe(&act.act))?;
        }
        for check in &step.checks {
            writeln!(text, "     {} {}", how(check), check.that)?;
        }
    }
    Ok(text)
}

fn how(check: &PlannedCheck) -> String {
    match (&check.skipped, check.until, check.hold) {
        (Some(why), _, _) => format!("skip   [{why}]"),
        (None, Some(until), Some(hold)) => {
            format!(
                "check  [within {}, then for {}]",
                seconds(until),
                seconds(hold)
            )
        }
        (None, Some(until), None) => format!("check  [within {}]", seconds(until)),
        (None, None, Some(hold)) => format!("check  [for {}]", seconds(hold)),
        (None, None, None) => "check ".to_owned(),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
