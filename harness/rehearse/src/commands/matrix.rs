//! The cells of a scenario, the records of a matrix, and the files that are made of them: what `plan --matrix`,
//! `run --matrix`, `merge` and `bisect` have in common.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rehearse_core::catalogue::Source;
use rehearse_core::matrix::{self, Cells, Merged, Options, Unmergeable, Versions};
use rehearse_core::record::Record;
use rehearse_core::report;

use super::compare;
use super::prepare::{self, Selection};
use crate::record_source;
use rehearse_engine::failure::Usage;
use rehearse_engine::home::Home;
use rehearse_engine::run::folder::{self, RECORD};

/// The file of a scenario's folder that says which versions are replayed together.
const VERSIONS: &str = "versions.yaml";

/// The merged result's file name.
pub const MERGED: &str = "matrix.json";

/// The cells of a selection's scenario.
///
/// # Errors
/// [`Usage`] where the scenario has no `versions.yaml`, or the problems in it.
pub fn cells(selection: &Selection) -> anyhow::Result<Cells> {
    let folder = prepare::scenario_folder(selection.scenario.as_deref())?;
    let mut command = vec!["rehearse run --matrix".to_owned()];
    command.extend(
        selection
            .scenario
            .iter()
            .map(|path| path.display().to_string()),
    );
    command.push(format!("--source {}", selection.source));
    let with = selection.with.iter();
    command.extend(
        with.clone()
            .map(|with| format!("--with {}={}", with.component, with.version)),
    );
    command.extend(
        selection
            .until
            .iter()
            .map(|until| format!("--until {until}")),
    );
    of_folder(
        &folder,
        selection.source,
        &command.join(" "),
        &with
            .map(|with| (with.component.clone(), with.version.clone()))
            .collect(),
    )
}

/// The versions of a scenario's folder.
///
/// # Errors
/// As [`cells`].
pub fn versions(folder: &Path) -> anyhow::Result<Versions> {
    let path = folder.join(VERSIONS);
    let text = fs::read_to_string(&path).map_err(|error| {
        Usage::new(
            format!("failed to read {}: {error}", path.display()),
            "a scenario's matrix is its versions.yaml",
        )
    })?;
    Ok(matrix::parse(&path.display().to_string(), &text)?)
}

fn of_folder(
    folder: &Path,
    source: Source,
    command: &str,
    with: &BTreeMap<String, semver::Version>,
) -> anyhow::Result<Cells> {
    let catalogue = prepare::catalogue(&Home::find()?)?;
    let (scenario, _) = prepare::read(folder)?;
    let steps: Vec<&str> = scenario.steps.iter().map(|step| step.id.as_str()).collect();
    let options = Options {
        scenario: &scenario.scenario,
        command,
        steps: &steps,
        source,
        with,
    };
    Ok(matrix::cells(&versions(folder)?, &catalogue, options)?)
}

/// The cells that records of this source belong to.
///
/// # Errors
/// As [`cells`].
pub fn cells_of(scenario: Option<&Path>, source: Source) -> anyhow::Result<Cells> {
    let folder = prepare::scenario_folder(scenario)?;
    let mut command = vec!["rehearse run --matrix".to_owned()];
    command.extend(scenario.map(|path| path.display().to_string()));
    command.push(format!("--source {source}"));
    of_folder(&folder, source, &command.join(" "), &BTreeMap::new())
}

/// The records of folders: each is a run's own, or has runs' folders in it, at most two levels below.
///
/// # Errors
/// [`Usage`] where a folder has no record; a record that can't be read.
pub fn records(folders: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, Record)>> {
    let mut records = Vec::new();
    for folder in folders {
        let before = records.len();
        gather(folder, 2, &mut records)?;
        if records.len() == before {
            return Err(Usage::new(
                format!("{} has no record in it", folder.display()),
                "give the folder of a run, or one with such folders in it",
            )
            .into());
        }
    }
    Ok(records)
}

fn gather(folder: &Path, depth: u32, records: &mut Vec<(PathBuf, Record)>) -> anyhow::Result<()> {
    let path = folder.join(RECORD);
    if path.is_file() {
        records.push((folder.to_owned(), record_source::of_run(&path)?.record));
        return Ok(());
    }
    if depth == 0 || !folder.is_dir() {
        return Ok(());
    }
    let mut below: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect()
        })
        .with_context(|| format!("failed to read {}", folder.display()))?;
    below.sort();
    for folder in below.iter().filter(|path| path.is_dir()) {
        gather(folder, depth - 1, records)?;
    }
    Ok(())
}

/// Merges records of one matrix.
///
/// # Errors
/// [`Usage`] where they are not of one.
pub fn merge(cells: &Cells, records: Vec<(String, Record)>) -> anyhow::Result<Merged> {
    matrix::merge(cells, records).map_err(|error| match error {
        // Nothing was run: that is no mistake of the user's.
        Unmergeable::Nothing => error.into(),
        Unmergeable::Other { .. } | Unmergeable::Twice { .. } => Usage::new(
            error.to_string(),
            "a matrix is of one scenario and source, with one record a cell",
        )
        .into(),
    })
}

/// Refuses a folder that has a merged result already.
///
/// # Errors
/// [`Usage`].
pub fn refuse_used(out: &Path) -> Result<(), Usage> {
    if out.join(MERGED).exists() {
        return Err(Usage::new(
            format!("{} holds the result of an earlier matrix", out.display()),
            "choose another folder with --out, or remove this one",
        ));
    }
    Ok(())
}

/// Writes the merged result, its page and its table.
///
/// # Errors
/// With the path.
pub fn write(out: &Path, merged: &Merged) -> anyhow::Result<()> {
    folder::write_whole(&out.join(MERGED), merged.to_json())?;
    folder::write_whole(
        &out.join("matrix.html"),
        report::matrix::html(merged, &compare::known_changes(None)?)?,
    )?;
    folder::write_whole(&out.join("matrix.md"), report::matrix::markdown(merged))
}

/// What is printed of a merged result.
pub fn summary(merged: &Merged, out: &Path) -> String {
    let table = report::matrix::terminal(merged);
    format!("{table}page  {}\n", out.join("matrix.html").display())
}
