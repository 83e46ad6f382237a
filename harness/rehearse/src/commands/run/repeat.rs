//! `rehearse run --repeat N`: the same replay several times, and what is not the same in all of them.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use rehearse_core::record::repeat::stability;
use rehearse_core::record::{DocumentUnderTest, Record};
use rehearse_core::report::stability as report;
use tokio::time::Instant;

use super::going_on::Passing;
use super::{Arguments, document, run_id};
use crate::commands::prepare::Prepared;
use rehearse_engine::run::folder::{Folder, write_whole};
use rehearse_engine::run::interrupt::{Interrupt, Signals};

/// The table's file beside the runs' folders.
const TABLE: &str = "stability.md";

/// Replays so many times, one after the other, and prints the table. The exit code is the worst of the runs', and 1
/// where all passed and their canonical records differ.
pub(super) async fn execute(
    arguments: &Arguments,
    times: NonZeroUsize,
    document: Option<DocumentUnderTest>,
) -> anyhow::Result<ExitCode> {
    let prepared = &Prepared {
        document,
        ..arguments.selection.prepare()?
    };
    let out = &arguments.folder(&run_id(Timestamp::now(), std::process::id()));
    Folder::refuse_used(out)?;
    for number in 1..=times.get() {
        Folder::refuse_used(&out.join(name(number)))?;
    }
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    let records = tokio::select! {
        records = replays(arguments, prepared, times, &interrupt, out) => records?,
        never = interrupt.listen(signals) => match never {},
    };
    let stability = stability(&records);
    let text = report::render(&stability);
    write_whole(&out.join(TABLE), text.as_bytes())?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.write_all(document::told(prepared.document.as_ref()).as_bytes())?;
    let worst = records.iter().map(Record::exit_code).max().unwrap_or(3);
    let code = if worst == 0 && !stability.identical {
        1
    } else {
        worst
    };
    Ok(ExitCode::from(code))
}

/// All replays, or those before an interruption and the interrupted one.
async fn replays(
    arguments: &Arguments,
    prepared: &Prepared,
    times: NonZeroUsize,
    interrupt: &Interrupt,
    out: &Path,
) -> anyhow::Result<Vec<Record>> {
    let mut records = Vec::new();
    for number in 1..=times.get() {
        let id = run_id(Timestamp::now(), std::process::id());
        let folder = out.join(name(number));
        let started = Instant::now();
        let needed = arguments.look(prepared, &id, true).await?;
        let passing = Passing::default();
        let replay = arguments.replay(
            prepared, needed, None, id, started, interrupt, &folder, passing,
        );
        let record = replay.await?.record;
        writeln!(
            io::stderr(),
            "run {number} of {times}: exit code {}, {}",
            record.exit_code(),
            folder.display()
        )?;
        records.push(record);
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
