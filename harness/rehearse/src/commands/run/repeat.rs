//! `rehearse run --repeat N`: the same rehearsal several times, and what is not the same in all of them.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use rehearse_core::record::repeat::stability;
use rehearse_core::record::{DocumentUnderTest, Record};
use rehearse_core::report::stability as report;
use rehearse_engine::folder::write_whole;
use rehearse_engine::repeat;

use super::{Arguments, document};
use crate::asking::Asking;
use crate::output;

/// The table's file beside the runs' folders.
const TABLE: &str = "stability.md";

/// Rehearses so many times, and prints the table. The exit code is the worst of the runs', and 1 where all passed and
/// their canonical records differ.
pub(super) async fn execute(
    arguments: &Arguments,
    times: NonZeroUsize,
    document: Option<DocumentUnderTest>,
) -> anyhow::Result<ExitCode> {
    let options = arguments.options(document)?;
    let asking = Asking::new(arguments.setup);
    let ended = asking.with(async |caller| repeat::rehearse(&options, times, caller).await);
    let (records, out) = ended.await?;
    let stability = stability(&records);
    let text = report::render(&stability);
    write_whole(&out.join(TABLE), text.as_bytes())?;
    let mut stdout = output::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.write_all(document::told(options.document.as_ref()).as_bytes())?;
    let worst = records.iter().map(Record::exit_code).max().unwrap_or(3);
    let code = if worst == 0 && !stability.identical {
        1
    } else {
        worst
    };
    Ok(ExitCode::from(code))
}
