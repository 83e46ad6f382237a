//! What each witness says, side by side: one table for the things that the same witnesses speak of.

use std::net::Ipv4Addr;

use serde::Serialize;

use crate::check::Detail;
use crate::record::{Record, State, Step};

#[derive(Serialize)]
pub(super) struct Section<'record> {
    index: usize,
    step: &'record str,
    tables: Vec<Table<'record>>,
    is_open: bool,
}

#[derive(Serialize)]
struct Table<'record> {
    check: &'record str,
    state: &'static str,
    mark: char,
    witnesses: Vec<&'record str>,
    rows: Vec<Row<'record>>,
}

#[derive(Serialize)]
struct Row<'record> {
    about: &'record str,
    cells: Vec<Cell<'record>>,
}

#[derive(Serialize)]
struct Cell<'record> {
    text: &'record str,
    /// Whether it says something else than most do, in a check that failed.
    is_odd: bool,
}

/// A section for each step that has witnesses, in order; the last and the failed ones are open.
pub(super) fn sections(record: &Record) -> Vec<Section<'_>> {
    let steps = record.canonical.steps.iter().enumerate();
    let mut sections: Vec<_> = steps
        .filter_map(|(index, step)| {
            let tables = tables(record, step);
            let has_failed = tables
                .iter()
                .any(|table| table.state == State::Failed.word());
            (!tables.is_empty()).then(|| Section {
                index,
                step: &step.id,
                tables,
                is_open: has_failed,
            })
        })
        .collect();
    if let Some(last) = sections.last_mut() {
        last.is_open = true;
    }
    sections
}

fn tables<'record>(record: &'record Record, step: &'record Step) -> Vec<Table<'record>> {
    let Some(details) = record.run.details.get(&step.id) else {
        return Vec::new();
    };
    let mut tables: Vec<Table<'_>> = Vec::new();
    for check in &step.checks {
        let state = State::from(&check.verdict);
        for detail in details.get(&check.that).into_iter().flatten() {
            let Detail::Witnesses { about, rows } = detail else {
                continue;
            };
            let witnesses: Vec<_> = rows.iter().map(|(witness, _)| witness.as_str()).collect();
            let row = Row {
                about,
                cells: cells(rows, state),
            };
            let check = check.that.as_str();
            match tables
                .iter_mut()
                .find(|table| table.check == check && table.witnesses == witnesses)
            {
                Some(table) => table.rows.push(row),
                None => tables.push(Table {
                    check,
                    state: state.word(),
                    mark: state.mark(),
                    witnesses,
                    rows: vec![row],
                }),
            }
        }
    }
    tables
}

fn cells(rows: &[(String, String)], state: State) -> Vec<Cell<'_>> {
    // A range is what the others are held against; it has no vote and is never odd.
    let votes = |value: &str| {
        let others = rows.iter().filter(|(_, other)| !is_range(other));
        others
            .filter(|(_, other)| meaning(value) == meaning(other))
            .count()
    };
    let most = rows
        .iter()
        .map(|(_, value)| votes(value))
        .max()
        .unwrap_or(0);
    rows.iter()
        .map(|(_, value)| Cell {
            text: value,
            is_odd: state == State::Failed && !is_range(value) && votes(value) < most,
        })
        .collect()
}

/// What a witness means: an address without its prefix length, a network without the file that names it. The check has
/// judged; this only shows where to look.
fn meaning(value: &str) -> &str {
    let last = value.split_whitespace().next_back().unwrap_or(value);
    last.split('/').next().unwrap_or(last)
}

fn is_range(value: &str) -> bool {
    let is_address = |text: &str| text.trim().parse::<Ipv4Addr>().is_ok();
    value
        .split_once('-')
        .is_some_and(|(first, last)| is_address(first) && is_address(last))
}
