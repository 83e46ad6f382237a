//! `rehearse document`: the document itself under test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::output;
use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use rehearse_core::scenario::Scenario;
use rehearse_document::finding::{self, Finding};
use rehearse_document::overlay::{self, Overlay};
use rehearse_document::{Document, links};
use serde::Serialize;

use rehearse_engine::failure::Usage;
use rehearse_engine::scenario_folder::ScenarioFolder;

mod check;
mod errata;
mod lint;

/// The file beside a scenario that says what becomes of its document.
pub const OVERLAY_FILE: &str = "document.yaml";

/// Arguments of `rehearse document`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What is done with the document.
#[derive(Debug, Subcommand)]
enum Command {
    /// Finds what is to be mended in a document, by rules that hold for any such document.
    Lint(lint::Arguments),
    /// Compares a document with the scenario that replays it, block by block.
    Check(check::Arguments),
    /// Shows where the scenario does something else than is printed, and whether that is still needed.
    Errata(errata::Arguments),
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: the line with a caret.
    #[default]
    Terminal,
    /// Annotations of a GitHub workflow, on the document's line.
    Github,
    /// SARIF 2.1.0, as code scanning takes it.
    Sarif,
    /// The findings themselves, with the document's digest.
    Json,
}

/// What is printed as JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    file: &'a str,
    sha256: &'a str,
    findings: &'a [Finding],
}

/// A scenario with what it says of its document.
#[derive(Debug)]
pub struct Replayed {
    /// The scenario.
    pub scenario: Scenario,
    /// Its `document.yaml`.
    pub overlay: Overlay,
    /// The hash of each step as it is, by its id.
    pub steps: BTreeMap<String, String>,
}

/// Does what was asked.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Lint(arguments) => lint::execute(arguments),
        Command::Check(arguments) => check::execute(arguments),
        Command::Errata(arguments) => errata::execute(arguments),
    }
}

impl Replayed {
    /// Reads the scenario in a folder, or the default one, and its `document.yaml`.
    ///
    /// # Errors
    /// [`Usage`] where a file is missing, or the problems in it.
    pub fn read(folder: Option<&Path>) -> anyhow::Result<Self> {
        Self::of(&ScenarioFolder::named(folder)?)
    }

    /// As [`Replayed::read`], and none where the scenario has no `document.yaml`.
    ///
    /// # Errors
    /// As [`Replayed::read`], for a file that is there.
    pub fn read_if_linked(folder: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let folder = ScenarioFolder::named(folder)?;
        let is_linked = folder.has(OVERLAY_FILE);
        is_linked.then(|| Self::of(&folder)).transpose()
    }

    fn of(folder: &ScenarioFolder) -> anyhow::Result<Self> {
        let (scenario, files) = folder.whole()?;
        let overlay = overlay(folder)?;
        let steps = scenario.steps.iter().map(|step| {
            let hash = links::step_hash(step, &files)
                .with_context(|| format!("failed to hash step {}", step.id))?;
            Ok((step.id.clone(), hash))
        });
        Ok(Self {
            steps: steps.collect::<anyhow::Result<_>>()?,
            overlay,
            scenario,
        })
    }
}

/// What the scenario in a folder says of its document.
///
/// # Errors
/// [`Usage`] where it has no `document.yaml`, or the problems in it.
pub fn overlay(folder: &ScenarioFolder) -> anyhow::Result<Overlay> {
    let hint = "a scenario says there what becomes of each block of its document; `rehearse document check --print` prints its beginning where the file has `blocks: []`";
    let (file, text) = folder.beside(OVERLAY_FILE, hint)?;
    Ok(overlay::parse(&file, &text, &folder.draft.names())?)
}

/// Reads a document.
///
/// # Errors
/// [`Usage`] where it can't be read.
pub fn read_document(path: &Path) -> anyhow::Result<Document> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Usage::new(
            format!("failed to read {name}: {error}"),
            "give the path of a Markdown file in UTF-8",
        )
    })?;
    Ok(Document::parse(&name, &text))
}

/// What is said of a document that is not the one that the scenario pins; nothing of that one.
fn other_document(document: &Document, replayed: &Replayed) -> Option<String> {
    let pinned = &replayed.scenario.document.sha256;
    (document.sha256 != *pinned).then(|| {
        format!(
            "the document is not the one that the scenario pins: sha256 {} instead of {pinned}\n",
            document.sha256
        )
    })
}

/// Prints findings; `rules` are all codes that there are, each with what it is about.
///
/// # Errors
/// When they can't be written.
pub fn show(
    findings: &[Finding],
    document: &Document,
    rules: &[(&str, &str)],
    format: Format,
) -> anyhow::Result<()> {
    let text = match format {
        Format::Terminal => {
            let colour = output::has_colour();
            output::text(&finding::terminal(findings, &document.source, colour))
        }
        Format::Github => finding::github(findings),
        Format::Sarif => output::json(&finding::sarif(findings, rules, env!("CARGO_PKG_VERSION"))),
        Format::Json => {
            let report = Report {
                file: &document.source.file,
                sha256: &document.sha256,
                findings,
            };
            output::json(&(serde_json::to_string_pretty(&report)? + "\n"))
        }
    };
    output::print(&text)?;
    Ok(())
}
