//! `rehearse capture RUN`

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::output;
use anyhow::{Context as _, bail};
use rehearse_core::capture::{self, LARGEST};
use rehearse_core::record::recheck;

use rehearse_engine::folder;
use rehearse_engine::prepare;
use rehearse_engine::record_source;
use rehearse_engine::run::outputs;
use rehearse_engine::stage::capture as stored;

/// Arguments of `rehearse capture`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse capture rehearse-runs/20260101-120000-1a2b
  rehearse capture out --out captures-of-mine/today/capture.json.gz

The capture is written only when the scenario, played on it, says of every check what the run said.")]
pub struct Arguments {
    /// The run's folder
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// The scenario's folder [default: scenarios/<the run's scenario> of this repository]
    #[arg(value_name = "SCENARIO")]
    scenario: Option<PathBuf>,

    /// The capture's file [default: captures/<versions>/capture.json.gz in the scenario's folder]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

/// Writes the capture.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let is_capture = |bytes: &[u8]| capture::Capture::from_gzip(bytes).is_ok();
    if let Some(path) = &arguments.out {
        folder::refuse_others(path, is_capture)?;
    }
    let record = record_source::of_run(&arguments.run)?.record;
    let capture = outputs::read(&arguments.run)?.trimmed();
    let (scenario, plan) = prepare::plan_of(arguments.scenario.as_deref(), &capture)?;
    let bytes = capture
        .to_gzip()
        .context("failed to compress the capture")?;
    if bytes.len() > LARGEST {
        bail!(
            "failed to make a capture of {}: it has {} bytes compressed, and at most {LARGEST} are kept (hint: stop the run earlier with --until, or let its checks ask for less)",
            arguments.run.display(),
            bytes.len()
        );
    }
    // What is written is what is judged, not what it was made from.
    let capture =
        capture::Capture::from_gzip(&bytes).context("failed to read the capture again")?;
    let played = capture::play(&plan, &capture);
    let differences = recheck::differences(&record.canonical.steps, &played.steps);
    if !differences.is_empty() {
        bail!(
            "failed to make a capture of {}: played again, it does not say what the run said (hint: was the scenario changed since?)\n{}",
            arguments.run.display(),
            lines(&differences)
        );
    }
    let path = match &arguments.out {
        Some(path) => path.clone(),
        None => stored::place(&scenario, &stored::name(&plan)),
    };
    folder::write_whole(&path, &bytes)?;
    writeln!(
        output::stdout(),
        "{}: {} steps, {} bytes, sha256 {}; played again, every check says what the run said",
        path.display(),
        capture.steps.len(),
        bytes.len(),
        capture::sha256(&bytes)
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Differences, a line each.
pub(super) fn lines(differences: &[String]) -> String {
    let lines: Vec<String> = differences
        .iter()
        .map(|difference| format!("  {difference}"))
        .collect();
    lines.join("\n")
}
