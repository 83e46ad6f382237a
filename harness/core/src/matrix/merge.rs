//! Many records to one result: each cell with its record and its judgement, also those that nobody ran.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::judgement::{CellVerdict, Judgement, judge};
use super::{Cells, KnownDefect, LeftOut, cell_name};
use crate::catalogue::Source;
use crate::record::Record;

/// The version of the merged result's form.
const FORMAT: u32 = 1;

/// What came of a whole matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Merged {
    /// The version of this form.
    pub format: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's title.
    pub title: String,
    /// How to run all cells again.
    pub command: String,
    /// Where the components come from.
    pub source: Source,
    /// The cell that the others are compared with, where it has a record.
    pub base: Option<String>,
    /// The cells, in the order of the matrix; those that are in none stand last.
    pub cells: Vec<MergedCell>,
    /// Cells that are not run, and why.
    pub left_out: Vec<LeftOut>,
}

/// One cell with what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MergedCell {
    /// Its name.
    pub name: String,
    /// The version of each axis.
    pub versions: BTreeMap<String, String>,
    /// The defect that is expected.
    pub known: Option<KnownDefect>,
    /// How it ended, and why that is as it should be or not.
    pub judgement: Judgement,
    /// The run's folder, as it was given.
    pub folder: Option<String>,
    /// The whole record.
    pub record: Option<Record>,
}

/// Why records are not of one matrix.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unmergeable {
    /// Nothing was given.
    #[error(
        "failed to merge: there is no record (hint: give folders of runs, or a folder of such folders)"
    )]
    Nothing,
    /// Another scenario, document or source.
    #[error("failed to merge {place}: its {what} is {found}, that of the matrix {expected}")]
    Other {
        /// The run's folder.
        place: String,
        /// What is another.
        what: &'static str,
        /// What it has.
        found: String,
        /// What all should have.
        expected: String,
    },
    /// Two records of one cell.
    #[error(
        "failed to merge: cell {name} is there twice, in {first} and {second} (hint: give one of them)"
    )]
    Twice {
        /// The cell.
        name: String,
        /// One folder.
        first: String,
        /// The other.
        second: String,
    },
}

/// Merges records, each with its folder, into the matrix that they belong to.
///
/// # Errors
/// [`Unmergeable`].
pub fn merge(cells: &Cells, records: Vec<(String, Record)>) -> Result<Merged, Unmergeable> {
    let Some((_, first)) = records.first() else {
        return Err(Unmergeable::Nothing);
    };
    let title = first.canonical.title.clone();
    let document = first.canonical.document.sha256.clone();
    let axes: Vec<&String> = cells
        .list
        .first()
        .map(|cell| cell.versions.keys().collect())
        .unwrap_or_default();
    let mut found: BTreeMap<String, (BTreeMap<String, String>, String, Record)> = BTreeMap::new();
    for (place, record) in records {
        same(
            &place,
            "scenario",
            &record.canonical.scenario,
            &cells.scenario,
        )?;
        same(
            &place,
            "document",
            &record.canonical.document.sha256,
            &document,
        )?;
        let source = record.canonical.source.to_string();
        same(&place, "source", &source, &cells.source.to_string())?;
        let versions = versions(&record, &axes);
        let name = name(&versions);
        if let Some((_, first, _)) = found.get(&name) {
            return Err(Unmergeable::Twice {
                name,
                first: first.clone(),
                second: place,
            });
        }
        found.insert(name, (versions, place, record));
    }
    let mut merged = Vec::new();
    for cell in &cells.list {
        let text = cell.versions.iter();
        let versions = text.map(|(name, version)| (name.clone(), version.to_string()));
        let versions = versions.collect();
        merged.push(match found.remove(&cell.name) {
            Some((_, place, record)) => with_record(
                cell.name.clone(),
                versions,
                cell.known.clone(),
                place,
                record,
            ),
            None => MergedCell {
                name: cell.name.clone(),
                versions,
                known: cell.known.clone(),
                judgement: Judgement::missing(),
                folder: None,
                record: None,
            },
        });
    }
    for (name, (versions, place, record)) in found {
        merged.push(with_record(name, versions, None, place, record));
    }
    let has_record = |name: &String| {
        merged
            .iter()
            .any(|cell| cell.name == *name && cell.record.is_some())
    };
    Ok(Merged {
        format: FORMAT,
        scenario: cells.scenario.clone(),
        title,
        command: cells.command.clone(),
        source: cells.source,
        base: cells.base.clone().filter(has_record),
        cells: merged,
        left_out: cells.left_out.clone(),
    })
}

fn with_record(
    name: String,
    versions: BTreeMap<String, String>,
    known: Option<KnownDefect>,
    place: String,
    record: Record,
) -> MergedCell {
    MergedCell {
        judgement: judge(&record, known.as_ref()),
        name,
        versions,
        known,
        folder: Some(place),
        record: Some(record),
    }
}

fn same(place: &str, what: &'static str, found: &str, expected: &str) -> Result<(), Unmergeable> {
    if found == expected {
        return Ok(());
    }
    Err(Unmergeable::Other {
        place: place.to_owned(),
        what,
        found: found.to_owned(),
        expected: expected.to_owned(),
    })
}

/// The record's versions of the axes.
fn versions(record: &Record, axes: &[&String]) -> BTreeMap<String, String> {
    let components = record.canonical.components.iter();
    components
        .filter(|component| axes.contains(&&component.name))
        .map(|component| (component.name.clone(), component.version.clone()))
        .collect()
}

fn name(versions: &BTreeMap<String, String>) -> String {
    let parsed: Option<BTreeMap<String, Version>> = versions
        .iter()
        .map(|(name, version)| Some((name.clone(), version.parse().ok()?)))
        .collect();
    match parsed {
        Some(parsed) => cell_name(&parsed),
        None => versions
            .iter()
            .map(|(name, version)| format!("{name}-{version}"))
            .collect::<Vec<_>>()
            .join("_"),
    }
}

impl Merged {
    /// The exit code of the whole: 0 every cell as expected, 1 an unexpected one, 3 one that could not be found out or
    /// that nobody ran. No cell at all is never a pass.
    pub fn exit_code(&self) -> u8 {
        let any = |verdicts: &[CellVerdict]| {
            let mut cells = self.cells.iter();
            cells.any(|cell| verdicts.contains(&cell.judgement.verdict))
        };
        if any(&[CellVerdict::Unexpected]) {
            1
        } else if self.cells.is_empty() || any(&[CellVerdict::NotFoundOut, CellVerdict::Missing]) {
            3
        } else {
            0
        }
    }

    /// The record of the base cell.
    pub fn base_record(&self) -> Option<&Record> {
        let base = self.base.as_ref()?;
        let cell = self.cells.iter().find(|cell| cell.name == *base)?;
        cell.record.as_ref()
    }

    /// The whole as pretty JSON with a newline at the end; the same for the same records.
    pub fn to_json(&self) -> String {
        // A `Value` prints without a way to fail, and these types (text keys, no floats) always become one.
        format!("{:#}\n", serde_json::json!(self))
    }
}
