//! `rehearse plan [SCENARIO]`

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use rehearse_core::plan::{Plan, PlannedCheck};

use super::prepare::Selection;
use crate::step;

/// Arguments of `rehearse plan`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  rehearse plan\n  rehearse plan --json --with multus=4.0.2 | jq .components"
)]
pub struct Arguments {
    #[command(flatten)]
    selection: Selection,

    /// Prints the whole plan as JSON: every default resolved, every file's text
    #[arg(long)]
    json: bool,
}

/// Prints the plan.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let plan = arguments.selection.prepare()?.plan;
    let text = if arguments.json {
        serde_json::to_string_pretty(&plan).context("failed to write the plan as JSON")? + "\n"
    } else {
        readable(&plan)?
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
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
