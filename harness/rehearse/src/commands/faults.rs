//! `rehearse faults [SCENARIO]`

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use rehearse_core::fault::{Coverage, Trials, render};

use super::prepare;
use crate::failure::Usage;
use crate::faults;
use crate::home::Home;
use crate::stage::{On, capture};

/// Arguments of `rehearse faults`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A fault is one fact of a good run, changed where it stands in the raw output. The command fails when a check does not
fail for any fault, when no check notices a fact that the scenario does not `ignore` with a reason, or when a capture
is not green without a fault. A fault that makes an output unreadable counts as noticed, and is counted apart.

Examples:
  rehearse faults
  rehearse faults --on capture:calico-3.28.4_multus-4.2.1 --json | jq '.facts[] | select(.watch == \"unwatched\")'")]
pub struct Arguments {
    /// The scenario's folder [default: scenarios/multus-on-crio-with-calico of this repository]
    #[arg(value_name = "SCENARIO")]
    scenario: Option<PathBuf>,

    /// Where the faults are tried: on `capture`, all of the scenario's captures, or `capture:NAME`, one of them or the
    /// path of one; or on `kind`, a real cluster
    #[arg(long, value_name = "STAGE", default_value = "capture")]
    on: On,

    /// Prints everything as JSON: each check by family of faults, and each fact
    #[arg(long)]
    json: bool,
}

/// Tries every fault and prints what came of it.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let folder = match &arguments.scenario {
        Some(folder) => folder.clone(),
        None => Home::find()?.default_scenario(),
    };
    let name = match &arguments.on {
        On::Capture(name) => name.as_deref(),
        On::Kind => {
            return Err(Usage::new(
                "faults on a real cluster are not there yet",
                "leave --on out: the faults are then tried on the scenario's captures",
            )
            .into());
        }
    };
    let (scenario, _) = prepare::read(&folder)?;
    let names = match name {
        Some(name) => vec![name.to_owned()],
        None => capture::names(&folder)?,
    };
    if names.is_empty() {
        return Err(Usage::new(
            format!("{} has no captures", folder.display()),
            "make one of a run with `rehearse capture RUN`",
        )
        .into());
    }
    let mut coverage = Coverage::new(&scenario);
    for name in names {
        let stored = capture::named(&folder, &name)?;
        let (_, plan) = prepare::plan_of(Some(&folder), &stored.capture)?;
        let (trials, unanswered) = Trials::of(&plan, &stored.capture);
        let outcomes = faults::try_all(&trials);
        let results: Vec<_> = trials.iter().zip(outcomes).collect();
        coverage.add(&scenario, &plan, &stored.name, &results, &unanswered);
    }
    let text = if arguments.json {
        serde_json::to_string_pretty(&coverage).context("failed to write the coverage as JSON")?
            + "\n"
    } else {
        render(&coverage)?
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    // Of one capture, an entry that another one needs is no mistake.
    let unused = coverage.unused(&scenario);
    if name.is_none() && !unused.is_empty() {
        return Err(unused.into());
    }
    Ok(ExitCode::from(u8::from(!coverage.is_complete())))
}
