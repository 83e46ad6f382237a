//! The cells of a scenario, the records of a matrix, and the files that are made of them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rehearse_core::matrix::{self, Cell, Cells, Merged, Options, Shard, Unmergeable};
use rehearse_core::record::Record;
use rehearse_core::record::compare::KnownChanges;
use rehearse_core::report;

use crate::failure::Usage;
use crate::folder::{self, RECORD};
use crate::prepare::Selection;
use crate::record_source;
use crate::repository::Repository;
use crate::scenario_folder::ScenarioFolder;

/// The page of a merged result.
const PAGE: &str = "matrix.html";

/// The table of a merged result.
const TABLE: &str = "matrix.md";

/// The merged result's file name.
pub const MERGED: &str = "matrix.json";

/// The cells of a selection's scenario. `command` is how to do the same again, for the merged result.
///
/// # Errors
/// [`Usage`] where the scenario has no `versions.yaml`, or the problems in it.
pub fn cells(selection: &Selection, command: &str) -> anyhow::Result<Cells> {
    let repository = Repository::read()?;
    cells_in(
        selection,
        &repository,
        &selection.read(&repository)?,
        command,
    )
}

/// As [`cells`], where the repository and the scenario's folder are read already.
///
/// # Errors
/// As [`cells`].
pub fn cells_in(
    selection: &Selection,
    repository: &Repository,
    folder: &ScenarioFolder,
    command: &str,
) -> anyhow::Result<Cells> {
    let options = Options {
        scenario: folder.draft.name(),
        command,
        names: &folder.draft.names(),
        source: selection.source,
        with: &selection.with,
    };
    let versions = folder.versions()?;
    Ok(matrix::cells(&versions, &repository.catalogue, options)?)
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

/// Refuses a folder that has a file of the name of one of the merged result.
///
/// # Errors
/// [`Usage`].
pub fn refuse_used(out: &Path) -> Result<(), Usage> {
    let written = [MERGED, PAGE, TABLE];
    match written.into_iter().find(|name| out.join(name).exists()) {
        Some(name) => Err(Usage::new(
            format!("{} has a {name} already", out.display()),
            "choose another folder with --out, or remove this one",
        )),
        None => Ok(()),
    }
}

/// Writes the merged result, its page and its table.
///
/// # Errors
/// With the path.
pub fn write(out: &Path, merged: &Merged, known: &KnownChanges) -> anyhow::Result<()> {
    folder::write_whole(&out.join(MERGED), merged.to_json())?;
    folder::write_whole(&out.join(PAGE), report::matrix::html(merged, known)?)?;
    folder::write_whole(&out.join(TABLE), report::matrix::markdown(merged))
}

/// The cells of the shard or the names that were asked for. None is never a pass.
///
/// # Errors
/// [`Usage`] for a name that is none, or a shard without a cell.
pub fn asked_for(
    cells: &Cells,
    names: &[String],
    shard: Option<Shard>,
) -> Result<Vec<Cell>, Usage> {
    for name in names {
        if !cells.list.iter().any(|cell| cell.name == *name) {
            let known: Vec<_> = cells.list.iter().map(|cell| cell.name.as_str()).collect();
            return Err(Usage::new(
                format!("there is no cell {name}"),
                format!("known: {}", known.join(", ")),
            ));
        }
    }
    let mut list = cells.list.clone();
    if !names.is_empty() {
        list.retain(|cell| names.contains(&cell.name));
    }
    if let Some(shard) = shard {
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
