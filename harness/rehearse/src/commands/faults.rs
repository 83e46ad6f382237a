//! `rehearse faults [SCENARIO]`

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context as _;
use rehearse_core::fault::{Coverage, Trials, render};
use rehearse_core::plan;
use rehearse_core::scenario::Scenario;

use super::prepare;
use crate::failure::Usage;
use crate::faults;
use crate::home::Home;
use crate::stage::capture::Stored;

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
    scenario: Option<std::path::PathBuf>,

    /// Where the faults are tried: on `capture`, all of the scenario's captures, or `capture:NAME`, one of them or the
    /// path of one; or on `kind`, a real cluster
    #[arg(long, value_name = "STAGE", default_value = "capture")]
    on: On,

    /// Prints everything as JSON: each check by family of faults, and each fact
    #[arg(long)]
    json: bool,
}

/// Where faults are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
enum On {
    /// On all captures of the scenario, or on one.
    Capture(Option<String>),
    /// On a real cluster.
    Kind,
}

impl FromStr for On {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "capture" => Ok(Self::Capture(None)),
            None if text == "kind" => Ok(Self::Kind),
            Some(("capture", name)) if !name.is_empty() => Ok(Self::Capture(Some(name.to_owned()))),
            _ => Err("it is neither capture, nor capture:NAME, nor kind".to_owned()),
        }
    }
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
    let (scenario, files) = prepare::read(&folder)?;
    let captures = faults::captures(&folder, name)?;
    let mut coverage = Coverage::new(&scenario);
    for captured in &captures {
        try_one(&mut coverage, &scenario, &files, captured)?;
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

fn try_one(
    coverage: &mut Coverage,
    scenario: &Scenario,
    files: &std::collections::BTreeMap<String, String>,
    captured: &Stored,
) -> anyhow::Result<()> {
    let (available, options) = faults::versions(&captured.capture);
    let plan = plan::resolve(scenario, files, &available, &options)?;
    let trials = Trials::of(&plan, &captured.capture);
    let outcomes = faults::try_all(&trials);
    let results: Vec<_> = trials.iter().zip(outcomes).collect();
    coverage.add(scenario, &plan, &captured.name, &results);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_a_capture_or_kind() {
        assert_eq!("capture".parse(), Ok(On::Capture(None)));
        assert_eq!("capture:a".parse(), Ok(On::Capture(Some("a".to_owned()))));
        assert_eq!("kind".parse(), Ok(On::Kind));
        assert!("capture:".parse::<On>().is_err());
        assert!("kind:a".parse::<On>().is_err());
    }
}
