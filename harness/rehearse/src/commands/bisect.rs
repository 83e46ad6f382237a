//! `rehearse bisect`: the first version of a component with a change.
//!
//! A version's record is taken from folders that are given, then from the scenario's captures, and only then from a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use rehearse_core::bisect::{Answer, Search, answer};
use rehearse_core::plan::Plan;
use rehearse_core::record::Record;
use rehearse_core::record::compare::{Change, Comparison, KnownChanges, compare};
use semver::Version;

use rehearse_engine::failure::Usage;
use rehearse_engine::interrupt::{Interrupt, Signals};
use rehearse_engine::matrix::cells;
use rehearse_engine::options::{Caller, RUNS, RunOptions};
use rehearse_engine::prepare::{Prepared, Selection};
use rehearse_engine::rehearsal::on_capture::Chosen;
use rehearse_engine::rehearsal::{Handover, on_kind, run_id};
use rehearse_engine::repository::Repository;
use rehearse_engine::scenario_folder::ScenarioFolder;

use crate::asking::Asking;
use crate::output;
use crate::selection::SelectionArguments;

/// Arguments of `rehearse bisect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse bisect --component multus --from 3.9.3 --to 4.3.0
  rehearse bisect --component multus --from 3.9.3 --to 4.3.0 --change networks-status
  rehearse bisect --component multus --from 3.9.3 --to 4.3.0 --records matrix --no-run

A version that can't be compared, as an earlier step stopped it, is stepped over.

Exit codes:
  0  the first version with each change was found
  1  there is no such change
  2  the usage is wrong
  3  it could not be found out exactly: versions between could not be compared, or not be run")]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionArguments,

    /// The component whose versions are searched, in the catalogue's order
    #[arg(long)]
    component: String,

    /// A version without the change
    #[arg(long, value_name = "VERSION")]
    from: Version,

    /// A later version with the change
    #[arg(long, value_name = "VERSION")]
    to: Version,

    /// Only changes that have this text in their line `step: check: subject fact: before → after`; without it, every change
    /// but those that the scenario itself asks for, by a check that is meant for some versions only
    #[arg(long, value_name = "TEXT")]
    change: Option<String>,

    /// Folders of runs, or folders with such folders in them, whose records are taken instead of running
    #[arg(long, value_name = "DIR")]
    records: Vec<PathBuf>,

    /// Runs nothing: a version without a record or a capture is one that could not be compared
    #[arg(long)]
    no_run: bool,

    /// First makes all that a run needs and that is missing
    #[arg(long, conflicts_with = "no_run")]
    setup: bool,

    /// Where the runs' folders go [default: rehearse-runs/<id>-bisect]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Where a version's record came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Given,
    Capture,
    Run,
}

/// The versions with what is known of each.
struct Candidates<'a> {
    arguments: &'a Arguments,
    /// Read once: an edit of the scenario while versions are run is not to be told as a change of one of them.
    repository: Arc<Repository>,
    folder: ScenarioFolder,
    out: PathBuf,
    versions: Vec<Version>,
    given: Vec<(PathBuf, Record)>,
    records: BTreeMap<usize, (Origin, Record)>,
    /// Those that no record could be had of: no other change makes one of them be tried again.
    missing: BTreeSet<usize>,
    interrupt: &'a Interrupt,
    caller: Caller<'a>,
}

/// Searches, and prints what was found.
pub async fn execute(arguments: Arguments) -> Result<ExitCode> {
    let selection = arguments.selection.selection()?;
    let repository = Arc::new(Repository::read()?);
    let folder = selection.read(&repository)?;
    let prepared = selection.prepare_in(&repository, &folder)?;
    let versions = versions(&arguments, &prepared)?;
    let given = cells::records(&arguments.records)?;
    let id = run_id(Timestamp::now(), std::process::id());
    let out = arguments.out.clone();
    let out = out.unwrap_or_else(|| Path::new(RUNS).join(format!("{id}-bisect")));
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    let asking = Asking::new(arguments.setup);
    let search = asking.with(async |caller| {
        let candidates = Candidates {
            arguments: &arguments,
            repository,
            folder,
            out,
            versions,
            given,
            records: BTreeMap::new(),
            missing: BTreeSet::new(),
            interrupt: &interrupt,
            caller,
        };
        candidates.search().await
    });
    tokio::select! {
        ended = search => ended,
        never = interrupt.listen(signals) => match never {},
    }
}

/// The versions from one to the other that the source has.
fn versions(arguments: &Arguments, prepared: &Prepared) -> Result<Vec<Version>, Usage> {
    let available = prepared
        .repository
        .catalogue
        .available(prepared.plan.source);
    let component = &arguments.component;
    let Some(known) = available.versions.get(component) else {
        let names: Vec<_> = available.versions.keys().map(String::as_str).collect();
        return Err(Usage::new(
            format!("source {} has no component {component}", available.source),
            format!("known: {}", names.join(", ")),
        ));
    };
    for version in [&arguments.from, &arguments.to] {
        if !known.contains(version) {
            let list: Vec<_> = known.iter().map(Version::to_string).collect();
            return Err(Usage::new(
                format!("source {} has no {component} {version}", available.source),
                format!("known: {}", list.join(", ")),
            ));
        }
    }
    if arguments.from >= arguments.to {
        return Err(Usage::new(
            format!("{} is not before {}", arguments.from, arguments.to),
            "give the earlier version to --from",
        ));
    }
    let range = known.range(arguments.from.clone()..=arguments.to.clone());
    Ok(range.cloned().collect())
}

impl Candidates<'_> {
    async fn search(mut self) -> Result<ExitCode> {
        let last = self.versions.len() - 1;
        self.look(0).await?;
        self.look(last).await?;
        let wanted = self.wanted(last);
        if wanted.is_empty() {
            let (from, to) = (&self.arguments.from, &self.arguments.to);
            if let Some(why) = self.not_compared(last) {
                say(&format!(
                    "{from} and {to} could not be compared: {why}\n{}",
                    self.looks()
                ))?;
                return Ok(ExitCode::from(3));
            }
            let hint = match &self.arguments.change {
                Some(_) => "leave --change out to see all that changed",
                None => "changes that the scenario itself asks for are searched with --change TEXT",
            };
            say(&format!(
                "no such change between {from} and {to} (hint: {hint})\n{}",
                self.looks()
            ))?;
            return Ok(ExitCode::from(1));
        }
        let mut found = Vec::new();
        for change in wanted {
            let Some(mut search) = Search::over(self.versions.len()) else {
                continue;
            };
            while let Some(candidate) = search.next() {
                self.look_if_it_can_be(candidate).await?;
                let given = self.answer(&change, candidate);
                search.take(candidate, given);
            }
            found.push((change, search.found()));
        }
        let is_exact = found.iter().all(|(_, found)| found.unknown.is_empty());
        let mut text = String::new();
        for (change, found) in &found {
            let version = |place: usize| &self.versions[place];
            let (component, before) = (&self.arguments.component, version(found.before));
            let after = version(found.after);
            writeln!(text, "{}", change.line())?;
            if found.unknown.is_empty() {
                writeln!(
                    text,
                    "  first in {component} {after}; {before} does not have it"
                )?;
                continue;
            }
            let unknown: Vec<_> = found
                .unknown
                .iter()
                .map(|&place| version(place).to_string())
                .collect();
            writeln!(
                text,
                "  {component} {after} has it and {before} does not; between them could not be compared: {}",
                unknown.join(", ")
            )?;
        }
        text += &self.looks();
        say(&text)?;
        Ok(ExitCode::from(if is_exact { 0 } else { 3 }))
    }

    /// The changes between the first and the last version that are searched for.
    fn wanted(&self, last: usize) -> Vec<Change> {
        let Some(comparison) = self.compared(last) else {
            return Vec::new();
        };
        let mut wanted = comparison.changes;
        match &self.arguments.change {
            Some(pattern) => {
                let pattern = pattern.to_lowercase();
                wanted.retain(|change| change.line().to_lowercase().contains(&pattern));
            }
            // Which checks are meant for which version is the scenario's own word, and no finding.
            None => wanted.retain(Change::is_unexpected),
        }
        wanted
    }

    /// Why nothing of the first and the last version could be compared; none where something was.
    fn not_compared(&self, last: usize) -> Option<String> {
        match self.compared(last) {
            Some(comparison) => comparison.incomparable,
            None => Some("one of them has no record".to_owned()),
        }
    }

    fn answer(&self, change: &Change, candidate: usize) -> Answer {
        let compared = self.compared(candidate);
        compared.map_or(Answer::Unknown, |comparison| answer(change, &comparison))
    }

    /// How a version differs from the first one; none where one of them has no record.
    fn compared(&self, candidate: usize) -> Option<Comparison> {
        let (_, first) = self.records.get(&0)?;
        let (_, record) = self.records.get(&candidate)?;
        Some(compare(first, record, &KnownChanges::default(), &[]))
    }

    /// Looks at a version that was not found missing. One that could not be run can't be compared either; the others decide.
    async fn look_if_it_can_be(&mut self, candidate: usize) -> Result<()> {
        if self.missing.contains(&candidate) {
            return Ok(());
        }
        match self.look(candidate).await {
            Err(error) if self.interrupt.why().is_none() => {
                writeln!(output::stderr(), "{}: {error:#}", self.versions[candidate])?;
                self.missing.insert(candidate);
                Ok(())
            }
            looked => looked,
        }
    }

    /// Has the record of a version, by running it where there is no other way.
    async fn look(&mut self, candidate: usize) -> Result<()> {
        if self.records.contains_key(&candidate) {
            return Ok(());
        }
        let version = self.versions[candidate].clone();
        let mut selection = self.arguments.selection.selection()?;
        let component = self.arguments.component.clone();
        selection.with.insert(component, version);
        let prepared = selection.prepare_in(&self.repository, &self.folder)?;
        let given = self.given.iter();
        let given = given.map(|(_, record)| record);
        let found = match given
            .into_iter()
            .find(|record| is_of(record, &prepared.plan))
        {
            Some(record) => (Origin::Given, record.clone()),
            None => match captured(&prepared)? {
                Some(record) => (Origin::Capture, record),
                None if self.arguments.no_run => {
                    let component = &self.arguments.component;
                    let version = &self.versions[candidate];
                    anyhow::bail!(
                        "there is no record and no capture of {component} {version} (hint: leave --no-run out to run it)"
                    );
                }
                None => (
                    Origin::Run,
                    self.run(selection, &prepared, candidate).await?,
                ),
            },
        };
        self.records.insert(candidate, found);
        Ok(())
    }

    async fn run(
        &self,
        selection: Selection,
        prepared: &Prepared,
        candidate: usize,
    ) -> Result<Record> {
        let name = format!("{}-{}", self.arguments.component, self.versions[candidate]);
        writeln!(output::stderr(), "running {name}")?;
        let out = self.out.join(&name);
        let options = RunOptions {
            out: Some(out),
            ..RunOptions::of(selection)
        };
        let handover = Handover::default();
        let rehearsal =
            on_kind::one_of_several(&options, prepared, handover, self.interrupt, self.caller);
        let ended = rehearsal
            .await
            .with_context(|| format!("failed to run {name}"))?;
        Ok(ended.record)
    }

    /// `looked at 4 of 5 versions: 2 in records that were given, 2 in runs`.
    fn looks(&self) -> String {
        let of = |wanted: Origin| {
            let origins = self.records.values();
            origins.filter(|(origin, _)| *origin == wanted).count()
        };
        format!(
            "looked at {} of {} versions: {} in records that were given, {} in captures, {} in runs\n",
            self.records.len(),
            self.versions.len(),
            of(Origin::Given),
            of(Origin::Capture),
            of(Origin::Run)
        )
    }
}

/// Whether a record is of a plan: scenario, document, source and the version of every component.
fn is_of(record: &Record, plan: &Plan) -> bool {
    let canonical = &record.canonical;
    canonical.scenario == plan.scenario
        && canonical.document == plan.document
        && canonical.source == plan.source
        && plan.components.iter().all(|(name, choice)| {
            canonical.components.iter().any(|component| {
                component.name == *name && component.version == choice.version.to_string()
            })
        })
}

/// What the capture of a plan's versions says, where there is one.
fn captured(prepared: &Prepared) -> Result<Option<Record>> {
    let chosen = Chosen::fitting(prepared)?;
    Ok(chosen.name().map(|name| {
        let command = format!("rehearse run --on capture:{name}");
        chosen.play(name, command, None)
    }))
}

fn say(text: &str) -> Result<()> {
    output::stdout().write_all(text.as_bytes())?;
    Ok(())
}
