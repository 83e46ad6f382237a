//! `rehearse run --on capture`: plays the plan on what an earlier run kept.

use std::process::ExitCode;

use jiff::Timestamp;
use rehearse_core::record::DocumentUnderTest;
use rehearse_engine::failure::Usage;
use rehearse_engine::folder::Folder;
use rehearse_engine::rehearsal::on_capture::{self, Chosen};
use rehearse_engine::rehearsal::run_id;
use rehearse_engine::run::reports;
use rehearse_engine::stage::On;

use super::Arguments;
use crate::asking::document_option;
use crate::output;
use crate::{selection, summary};

/// Plays the scenario; the exit code is the record's.
pub(super) fn execute(
    arguments: &Arguments,
    name: Option<&str>,
    document: Option<DocumentUnderTest>,
) -> anyhow::Result<ExitCode> {
    refuse_contradictions(arguments)?;
    let id = run_id(Timestamp::now(), std::process::id());
    let options = arguments.options(document)?;
    let out = options.folder(&id);
    Folder::refuse_used(&out)?;
    let chosen = Chosen::of(&options.selection, name)?;
    let document = options.document.as_ref();
    let mut command = vec!["rehearse run".to_owned()];
    command.extend(selection::options(&options.selection));
    command.push(on(&arguments.on, &chosen) + &document_option(document));
    let record = chosen.play(&id, command.join(" "), document);
    let folder = on_capture::write(&out, &record)?;
    reports::append_to_step_summary(&record)?;
    let summary = summary::of(&record, folder.path());
    output::print(&summary)?;
    Ok(ExitCode::from(record.exit_code()))
}

fn refuse_contradictions(arguments: &Arguments) -> Result<(), Usage> {
    let options = [
        ("--locked", arguments.selection.locked.is_some()),
        ("--setup", arguments.setup),
        ("--keep", arguments.keep),
        ("--reuse", arguments.reuse.is_some()),
        ("--repeat", arguments.repeat.is_some()),
    ];
    match options.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(Usage::new(
            format!("{option} has no meaning with --on capture, which starts nothing"),
            format!("leave {option} out, or run --on kind"),
        )),
        None => Ok(()),
    }
}

/// The stage as it is typed to do the same again: by the capture's name, where it has one.
fn on(on: &On, chosen: &Chosen) -> String {
    match (on, chosen.name()) {
        (On::Capture(None), Some(name)) => format!("--on capture:{name}"),
        (on, _) => format!("--on {on}"),
    }
}
