//! `rehearse run --on capture`: plays the plan on what an earlier run kept. Nothing is started, no engine is asked.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use rehearse_core::catalogue::Source;
use rehearse_core::plan::Plan;
use rehearse_core::record::{DocumentUnderTest, Record};

use super::{Arguments, RUNS, document, run_id};
use rehearse_engine::failure::Usage;
use rehearse_engine::home::Home;
use rehearse_engine::run::folder::Folder;
use rehearse_engine::run::{played, reports};
use rehearse_engine::stage::On;
use rehearse_engine::stage::capture::{self, Stored};

/// A plan with the capture that it is played on, or why there is none.
struct Chosen {
    plan: Plan,
    stored: Result<Stored, String>,
}

/// Plays the scenario; the exit code is the record's.
pub fn execute(
    arguments: &Arguments,
    name: Option<&str>,
    document: Option<DocumentUnderTest>,
) -> anyhow::Result<ExitCode> {
    refuse_contradictions(arguments)?;
    let id = run_id(Timestamp::now(), std::process::id());
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(RUNS).join(&id));
    Folder::refuse_used(&out)?;
    let chosen = choose(arguments, name)?;
    let stored = chosen.stored.as_ref().map_err(String::as_str);
    let command = command(arguments, stored.ok()) + &document::option(document.as_ref());
    let record = Record {
        document,
        ..played::record(&chosen.plan, stored, &id, command)
    };
    let folder = Folder::create(&out)?;
    reports::write(&folder, &record)?;
    reports::append_to_step_summary(&record)?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(reports::summary(&record, folder.path()).as_bytes())?;
    Ok(ExitCode::from(record.exit_code()))
}

/// A named capture gives its versions to the plan; without a name the plan's versions choose the capture.
fn choose(arguments: &Arguments, name: Option<&str>) -> anyhow::Result<Chosen> {
    let Some(name) = name else {
        let prepared = arguments.selection.prepare()?;
        let stored = capture::fitting(&prepared.folder, &prepared.plan)?;
        let plan = prepared.plan;
        return Ok(Chosen { plan, stored });
    };
    let folder = match &arguments.selection.scenario {
        Some(folder) => folder.clone(),
        None => arguments.selection.folder(&Home::find()?),
    };
    let stored = capture::named(&folder, name)?;
    let plan = arguments.selection.plan_for(&folder, &stored.capture)?;
    Ok(Chosen {
        plan,
        stored: Ok(stored),
    })
}

fn refuse_contradictions(arguments: &Arguments) -> Result<(), Usage> {
    let options = [
        ("--locked", arguments.selection.locked.is_some()),
        ("--setup", arguments.setup),
        ("--keep", arguments.keep),
        ("--reuse", arguments.reuse.is_some()),
    ];
    match options.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(Usage::new(
            format!("{option} has no meaning with --on capture, which starts nothing"),
            format!("leave {option} out, or run --on kind"),
        )),
        None => Ok(()),
    }
}

/// How to do the same again: by the capture's name, where it has one.
fn command(arguments: &Arguments, stored: Option<&Stored>) -> String {
    let mut words = vec!["rehearse run".to_owned()];
    let shown = |path: &PathBuf| path.display().to_string();
    let selection = &arguments.selection;
    words.extend(selection.scenario.iter().map(shown));
    if selection.source != Source::default() {
        words.push(format!("--source {}", selection.source));
    }
    let with = selection.with.iter();
    words.extend(with.map(|with| format!("--with {}={}", with.component, with.version)));
    let until = selection.until.iter();
    words.extend(until.map(|until| format!("--until {until}")));
    words.push(match (&arguments.on, stored) {
        (On::Capture(None), Some(stored)) => format!("--on capture:{}", stored.name),
        (on, _) => format!("--on {on}"),
    });
    words.join(" ")
}
