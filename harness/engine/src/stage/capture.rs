//! The stage `capture`: where captures are stored, and which of them a plan is played on. It starts nothing and asks no
//! engine.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rehearse_core::capture::{Capture, LARGEST, ReadError, sha256};
use rehearse_core::plan::{Plan, Reason};
use rehearse_core::record::Played;

use crate::failure::Usage;

/// The folder inside a scenario's that has its captures, a folder each.
const CAPTURES: &str = "captures";

/// The capture's file.
pub const FILE: &str = "capture.json.gz";

/// A capture with where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The name of its folder, such as `calico-3.28.4_multus-4.2.1`.
    pub name: String,
    /// Of its file, in lower-case hex.
    pub sha256: String,
    /// What it holds.
    pub capture: Capture,
}

impl Stored {
    /// What the record says of it.
    pub fn played(&self) -> Played {
        Played {
            name: self.name.clone(),
            sha256: self.sha256.clone(),
        }
    }
}

/// What a capture of a plan's versions is called: the components that anybody chose a version of.
pub fn name(plan: &Plan) -> String {
    let chosen = plan
        .components
        .iter()
        .filter(|(_, choice)| choice.reason != Reason::Pinned { instead_of: None });
    let names: Vec<String> = chosen
        .map(|(name, choice)| format!("{name}-{}", choice.version))
        .collect();
    if names.is_empty() {
        "pinned".to_owned()
    } else {
        names.join("_")
    }
}

/// Where a scenario's capture of this name is stored.
pub fn place(scenario: &Path, name: &str) -> PathBuf {
    scenario.join(CAPTURES).join(name).join(FILE)
}

/// The names of a scenario's captures, sorted; empty where it has none.
///
/// # Errors
/// When the folder cannot be read.
pub fn names(scenario: &Path) -> anyhow::Result<Vec<String>> {
    let folder = scenario.join(CAPTURES);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries =
        fs::read_dir(&folder).with_context(|| format!("failed to read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("failed to read {}", folder.display()))?;
        if entry.path().join(FILE).is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A capture by its name in the scenario's folder, or by the path of its file or folder.
///
/// # Errors
/// [`Usage`] when there is none, with the names that there are; why the file is no capture.
pub fn named(scenario: &Path, name: &str) -> anyhow::Result<Stored> {
    let own = place(scenario, name);
    if own.is_file() {
        return read(&own);
    }
    let given = Path::new(name);
    if given.is_file() {
        return read(given);
    }
    let inside = given.join(FILE);
    if inside.is_file() {
        return read(&inside);
    }
    let known = names(scenario)?;
    let hint = if known.is_empty() {
        "the scenario has no captures; `rehearse capture RUN` makes one of a run".to_owned()
    } else {
        format!("known: {}; or the path of a {FILE}", known.join(", "))
    };
    Err(Usage::new(format!("there is no capture {name}"), hint).into())
}

/// The capture that fits a plan, or why none does.
///
/// # Errors
/// When a capture cannot be read.
pub fn fitting(scenario: &Path, plan: &Plan) -> anyhow::Result<Result<Stored, String>> {
    let expected = name(plan);
    let mut names = names(scenario)?;
    // The one that is named by these versions first: reading all others takes its time.
    names.sort_by_key(|name| *name != expected);
    let mut reasons = Vec::new();
    for name in names {
        let stored = named(scenario, &name)?;
        match stored.capture.contradiction(plan) {
            None => return Ok(Ok(stored)),
            Some(why) => reasons.push(format!("{name}: {why}")),
        }
    }
    if reasons.is_empty() {
        return Ok(Err(format!(
            "the scenario has no captures (expected {expected}; `rehearse capture RUN` makes one of a run)"
        )));
    }
    Ok(Err(format!(
        "no capture fits the plan: {}",
        reasons.join("; ")
    )))
}

/// Reads a capture's file.
///
/// # Errors
/// With the path: why it is no capture.
pub fn read(path: &Path) -> anyhow::Result<Stored> {
    let failed = || format!("failed to read the capture {}", path.display());
    let size = fs::metadata(path).with_context(failed)?.len();
    // Before the file is in memory.
    if usize::try_from(size).is_ok_and(|size| size > LARGEST) {
        return Err(ReadError::TooLarge).with_context(failed);
    }
    let bytes = fs::read(path).with_context(failed)?;
    let capture = Capture::from_gzip(&bytes).with_context(failed)?;
    let folder = path.parent().and_then(Path::file_name);
    let name = folder.or_else(|| path.file_name());
    Ok(Stored {
        name: name.unwrap_or_default().to_string_lossy().into_owned(),
        sha256: sha256(&bytes),
        capture,
    })
}
