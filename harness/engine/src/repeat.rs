//! The same rehearsal several times, each on a cluster of its own and in a folder of its own.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;
use rehearse_core::record::Record;

use crate::event::Event;
use crate::folder::Folder;
use crate::interrupt::{Interrupt, Signals};
use crate::options::{Caller, RunOptions};
use crate::prepare::Prepared;
use crate::rehearsal::{Handover, on_kind, run_id};

/// Rehearses so many times, one after the other, in folders `01`, `02`, ... of the options' folder, which is given beside
/// the records. Interrupted, it gives what there is so far.
///
/// # Errors
/// What the user asked for and cannot be done, or what is missing; what happens to a cluster is in its run's record.
pub async fn rehearse(
    options: &RunOptions,
    times: NonZeroUsize,
    caller: Caller<'_>,
) -> Result<(Vec<Record>, PathBuf)> {
    let prepared = options.prepare()?;
    let out = options.folder(&run_id(Timestamp::now(), std::process::id()));
    Folder::refuse_used(&out)?;
    for number in 1..=times.get() {
        Folder::refuse_used(&out.join(name(number)))?;
    }
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    let records = tokio::select! {
        records = rehearsals(options, &prepared, times, &out, &interrupt, caller) => records?,
        never = interrupt.listen(signals) => match never {},
    };
    Ok((records, out))
}

/// All of them, or those before an interruption and the interrupted one.
async fn rehearsals(
    options: &RunOptions,
    prepared: &Prepared,
    times: NonZeroUsize,
    out: &Path,
    interrupt: &Interrupt,
    caller: Caller<'_>,
) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for number in 1..=times.get() {
        let folder = out.join(name(number));
        let options = RunOptions {
            out: Some(folder.clone()),
            ..options.clone()
        };
        let handover = Handover::default();
        let ended =
            on_kind::one_of_several(&options, prepared, handover, interrupt, caller).await?;
        (caller.tell)(Event::Preparing {
            what: format!(
                "run {number} of {times}: exit code {}, {}",
                ended.record.exit_code(),
                folder.display()
            ),
        });
        records.push(ended.record);
        if interrupt.why().is_some() {
            break;
        }
    }
    Ok(records)
}

/// `01`, `02`, ...: they sort by time.
fn name(number: usize) -> String {
    format!("{number:02}")
}
