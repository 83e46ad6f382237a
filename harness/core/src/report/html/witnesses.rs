//! What each witness says, side by side: one table for the things that the same witnesses speak of.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::page::text;
use crate::check::Detail;
use crate::record::{Record, Step};
use crate::report::overview::State;

#[derive(Serialize)]
pub(super) struct Section {
    index: usize,
    step: String,
    tables: Vec<Table>,
    is_open: bool,
}

#[derive(Serialize)]
struct Table {
    check: String,
    state: &'static str,
    mark: char,
    witnesses: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    about: String,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    text: String,
    /// Whether it says something else than most do, in a check that failed.
    is_odd: bool,
}

/// A section for each step that has witnesses, in order; the last and the failed ones are open.
pub(super) fn sections(record: &Record) -> Vec<Section> {
    let steps = record.canonical.steps.iter().enumerate();
    let mut sections: Vec<_> = steps
        .filter_map(|(index, step)| {
            let tables = tables(record, step);
            let has_failed = tables
                .iter()
                .any(|table| table.state == State::Failed.word());
            (!tables.is_empty()).then(|| Section {
                index,
                step: text(&step.id),
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

fn tables(record: &Record, step: &Step) -> Vec<Table> {
    let Some(details) = record.run.details.get(&step.id) else {
        return Vec::new();
    };
    let mut tables: Vec<Table> = Vec::new();
    for check in &step.checks {
        let state = State::from(&check.verdict);
        for detail in details.get(&check.that).into_iter().flatten() {
            let Detail::Witnesses { about, rows } = detail else {
                continue;
            };
            let witnesses: Vec<_> = rows.iter().map(|(witness, _)| text(witness)).collect();
            let row = Row {
                about: text(about),
                cells: cells(rows, state),
            };
            let check = text(&check.that);
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

fn cells(rows: &[(String, String)], state: State) -> Vec<Cell> {
    let votes = |value: &str| rows.iter().filter(|(_, other)| agree(value, other)).count();
    let most = rows
        .iter()
        .map(|(_, value)| votes(value))
        .max()
        .unwrap_or(0);
    rows.iter()
        .map(|(_, value)| Cell {
            text: text(value),
            is_odd: state == State::Failed && votes(value) < most && !is_range(value),
        })
        .collect()
}

/// Whether two witnesses may mean the same: an address with and without its prefix length, a network with and without its
/// file. The check has judged; this only shows where to look.
fn agree(left: &str, right: &str) -> bool {
    left.contains(right) || right.contains(left)
}

/// A range is what the others are held against and never says what they say.
fn is_range(value: &str) -> bool {
    let is_address = |text: &str| text.trim().parse::<Ipv4Addr>().is_ok();
    value
        .split_once('-')
        .is_some_and(|(first, last)| is_address(first) && is_address(last))
}
