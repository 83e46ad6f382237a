//! `rehearse document errata PATH [SCENARIO]`

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::output;
use rehearse_document::errata::{self, Judged, State};
use rehearse_document::lint;

use super::{Replayed, other_document, read_document};
use rehearse_engine::failure::Usage;
use rehearse_engine::record_source;

/// Arguments of `rehearse document errata`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An erratum is a place where a step does something else than is printed. Each names what shows that it is still needed: a
rule of `document lint`, or a check of a run that asserts what comes of the text as it is printed.
Exit codes: 0 each is still needed, 1 one is not, 2 a file is wrong, 3 it could not be found out.

Example:
  rehearse document errata document.md --run rehearse-runs/20260101-120000-1a2b")]
pub struct Arguments {
    /// The document
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// The scenario's folder [default: the one that scenarios/default of this repository names]
    #[arg(value_name = "SCENARIO")]
    scenario: Option<PathBuf>,

    /// The run whose checks show which errata are still needed: its folder, or `capture:NAME`
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
}

/// Shows each erratum and whether it is still needed.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let document = read_document(&arguments.path)?;
    let replayed = Replayed::read(arguments.scenario.as_deref())?;
    let named = arguments.run.as_deref().map(record_source::read);
    let record = named.transpose()?.map(|named| named.record);
    let findings = lint::lint(&document);
    let judged = errata::judge(&replayed.overlay, &findings, record.as_ref());
    if judged.is_empty() {
        return Err(Usage::new(
            format!("{} has no errata", replayed.overlay.source.file),
            "add `errata`, or leave this command out",
        )
        .into());
    }
    let mut stdout = output::stdout();
    for judged in &judged {
        stdout.write_all(told(judged, &document.source.file).as_bytes())?;
    }
    let count = |is: fn(&State) -> bool| judged.iter().filter(|judged| is(&judged.state)).count();
    let not_needed = count(|state| matches!(state, State::NotNeeded(_)));
    let unknown = count(|state| matches!(state, State::Unknown(_)));
    writeln!(
        stdout,
        "\n{} errata: {} needed, {not_needed} not needed any more, {unknown} not found out",
        judged.len(),
        judged.len() - not_needed - unknown
    )?;
    if let Some(other) = other_document(&document, &replayed) {
        stdout.write_all(other.as_bytes())?;
    }
    Ok(ExitCode::from(match (not_needed, unknown) {
        (0, 0) => 0,
        (0, _) => 3,
        _ => 1,
    }))
}

fn told(judged: &Judged, file: &str) -> String {
    let (word, why) = match &judged.state {
        State::Needed(why) => ("needed", why),
        State::NotNeeded(why) => ("NOT NEEDED", why),
        State::Unknown(why) => ("not found out", why),
    };
    let erratum = &judged.erratum;
    let places: Vec<_> = erratum
        .lines
        .iter()
        .map(|lines| format!("{file}:{lines}"))
        .collect();
    format!(
        "{} {word}: {why}\n    at       {}\n    instead  {}\n    because  {}\n",
        erratum.id,
        places.join(", "),
        erratum.instead,
        erratum.why
    )
}
