//! What becomes of the cells: each is planned, then played on the capture that fits it, or rehearsed on a cluster.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use rehearse_core::matrix::{Cell, SharedSteps};
use rehearse_core::record::Record;
use tokio::time::Instant;

use super::handovers::Handovers;
use crate::event::Event;
use crate::folder::Folder;
use crate::interrupt::{Interrupt, Signals};
use crate::options::{Caller, RunOptions};
use crate::prepare::Prepared;
use crate::rehearsal::{Handover, on_capture as playing, on_kind as rehearsing};
use crate::repository::Repository;
use crate::setup;

/// One cell with what a rehearsal of it alone would be given.
#[derive(Debug)]
pub struct PlannedCell {
    cell: Cell,
    options: RunOptions,
    prepared: Prepared,
}

/// What a cell cost.
#[derive(Clone, Debug)]
pub struct Cost {
    /// The cell.
    pub name: String,
    /// Making what of its stack was missing.
    pub making: Duration,
    /// Its rehearsal, with cluster and teardown.
    pub rehearsal: Duration,
}

/// Plans cells, each with a folder of its own below this one. Nothing is made.
///
/// # Errors
/// The problems of the scenario; [`Usage`](crate::failure::Usage) for a folder that is used.
pub fn plan(options: &RunOptions, cells: &[Cell], out: &Path) -> Result<Vec<PlannedCell>> {
    let repository = Arc::new(Repository::read()?);
    let read = options.selection.read(&repository)?;
    let planned = cells.iter().map(|cell| {
        let mut options = options.clone();
        options.selection.with.clone_from(&cell.with);
        let folder = out.join(&cell.name);
        Folder::refuse_used(&folder)?;
        options.out = Some(folder);
        let prepared = options.prepare_in(&repository, &read)?;
        Ok(PlannedCell {
            cell: cell.clone(),
            options,
            prepared,
        })
    });
    planned.collect()
}

/// The cells played on the captures that fit them; where none does, its record says so of every step. `again` is how to do
/// the same to one cell.
///
/// # Errors
/// A capture that cannot be read; with the path that cannot be written.
pub fn on_capture(
    planned: &[PlannedCell],
    again: &dyn Fn(&Cell, &Prepared) -> String,
) -> Result<Vec<(String, Record)>> {
    let records = planned.iter().map(|one| {
        let name = &one.cell.name;
        let command = again(&one.cell, &one.prepared);
        let chosen = playing::Chosen::fitting(&one.prepared)?;
        let record = chosen.play(name, command, one.prepared.document.as_ref());
        if let Some(out) = &one.options.out {
            playing::write(out, &record)?;
        }
        Ok((name.clone(), record))
    });
    records.collect()
}

/// The cells rehearsed one after the other, with what each cost. Where steps are shared, cells that follow each other share
/// a cluster.
///
/// # Errors
/// A stack that could not be made. What a cell could not be is said, and the others are rehearsed all the same.
pub async fn on_kind(
    planned: &[PlannedCell],
    shared: Option<&SharedSteps>,
    caller: Caller<'_>,
) -> Result<(Vec<(String, Record)>, Vec<Cost>)> {
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    tokio::select! {
        ended = all(planned, shared, &interrupt, caller) => ended,
        never = interrupt.listen(signals) => match never {},
    }
}

/// Makes every cell's stack, then runs the cells. What a cell could not be is said, and the others are run all the same;
/// the merged result has it as missing.
async fn all(
    planned: &[PlannedCell],
    shared: Option<&SharedSteps>,
    interrupt: &Interrupt,
    caller: Caller<'_>,
) -> Result<(Vec<(String, Record)>, Vec<Cost>)> {
    let say = |what: String| (caller.tell)(Event::Preparing { what });
    let (mut costs, mut stacks) = (Vec::new(), Vec::new());
    for one in planned {
        let started = Instant::now();
        let ready = setup::look(&one.prepared, None, caller.agree)
            .await?
            .make(interrupt, caller.tell)
            .await?;
        stacks.push(*ready.stack);
        costs.push(Cost {
            name: one.cell.name.clone(),
            making: started.elapsed(),
            rehearsal: Duration::ZERO,
        });
    }
    let plans: Vec<_> = planned.iter().map(|one| &one.prepared.plan).collect();
    let mut handovers = Handovers::of(&plans, &stacks, shared)?;
    let (mut records, mut left) = (Vec::new(), None);
    for (index, (one, cost)) in planned.iter().zip(&mut costs).enumerate() {
        say(format!(
            "cell {} of {}: {}",
            index + 1,
            planned.len(),
            one.cell.name
        ));
        let started = Instant::now();
        let handover = Handover {
            received: left.take(),
            ..handovers.of_cell(index)
        };
        let rehearsal =
            rehearsing::one_of_several(&one.options, &one.prepared, handover, interrupt, caller);
        match rehearsal.await {
            Ok(ended) => {
                records.push((one.cell.name.clone(), ended.record));
                left = ended.cluster;
            }
            Err(error) => say(format!("cell {}: {error:#}", one.cell.name)),
        }
        cost.rehearsal = started.elapsed();
        if let Some(why) = interrupt.why() {
            say(format!("{why}: the cells after this one are not run"));
            break;
        }
    }
    handovers.end()?;
    costs.retain(|cost| cost.rehearsal > Duration::ZERO);
    Ok((records, costs))
}
