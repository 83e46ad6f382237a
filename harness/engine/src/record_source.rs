//! Where a record is read from: a run's folder, a record.json, or the name of a capture.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rehearse_core::record::{ReadError, Record};

use crate::failure::Usage;
use crate::folder::RECORD;
use crate::home::Home;
use crate::prepare;
use crate::run::played;
use crate::stage::capture;

/// What the name of a capture begins with.
const CAPTURE: &str = "capture:";

/// A record that was named on the command line.
#[derive(Clone, Debug)]
pub struct Named {
    /// What was read.
    pub record: Record,
    /// The file it was read from.
    pub path: PathBuf,
}

/// Why a record that is there cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("failed to read {}", path.display())]
pub struct Unreadable {
    path: PathBuf,
    #[source]
    cause: ReadError,
}

/// Reads the record of a run's folder, of a record.json, or (`capture:NAME`) what the checks say of a capture.
///
/// # Errors
/// [`Usage`] where nothing is there; [`Unreadable`] where it is no record of this program's format.
pub fn read(argument: &str) -> anyhow::Result<Named> {
    if let Some(name) = argument.strip_prefix(CAPTURE) {
        return from_capture(name);
    }
    of_run(Path::new(argument))
}

/// Reads the record of a run's folder, or of a record.json.
///
/// # Errors
/// As [`read`].
pub fn of_run(given: &Path) -> anyhow::Result<Named> {
    let path = if given.is_dir() {
        given.join(RECORD)
    } else {
        given.to_owned()
    };
    let text = fs::read_to_string(&path).map_err(|error| {
        Usage::new(
            format!("failed to read {}: {error}", path.display()),
            "give the folder of a run, one with a record.json in it",
        )
    })?;
    let record = Record::from_json(&text).map_err(|cause| Unreadable {
        path: path.clone(),
        cause,
    })?;
    Ok(Named { record, path })
}

/// Reads several, in order.
///
/// # Errors
/// As [`read`], of the first that fails.
pub fn read_all(arguments: &[String]) -> anyhow::Result<Vec<Record>> {
    let records = arguments.iter().map(|argument| {
        let named = read(argument).with_context(|| format!("failed to take {argument}"))?;
        Ok(named.record)
    });
    records.collect()
}

fn from_capture(name: &str) -> anyhow::Result<Named> {
    let home = Home::find()?;
    let stored = capture::named(&with_capture(&home, name)?, name)?;
    let (folder, plan) = prepare::plan_of(None, &stored.capture)?;
    let command = format!("rehearse run --on {CAPTURE}{}", stored.name);
    Ok(Named {
        record: played::record(&plan, Ok(&stored), &stored.name, command),
        path: capture::place(&folder, &stored.name),
    })
}

/// The scenario that has a capture of this name; the one that is meant when none is given, where it is not a name.
fn with_capture(home: &Home, name: &str) -> anyhow::Result<PathBuf> {
    let mut having = Vec::new();
    for scenario in home.scenarios()? {
        if capture::names(&scenario)?.iter().any(|known| known == name) {
            having.push(scenario);
        }
    }
    if having.len() > 1 {
        let paths = having
            .iter()
            .map(|scenario| capture::place(scenario, name).display().to_string());
        return Err(Usage::new(
            format!("{} scenarios have a capture {name}", having.len()),
            format!("give a path: {}", paths.collect::<Vec<_>>().join(", ")),
        )
        .into());
    }
    match having.pop() {
        Some(scenario) => Ok(scenario),
        None => Ok(home.default_scenario()?),
    }
}
