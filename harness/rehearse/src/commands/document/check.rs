//! `rehearse document check PATH [SCENARIO]`

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::output;
use rehearse_document::links::{self, Coverage, Part};
use rehearse_document::overlay::Target;
use rehearse_document::{Document, PieceKind, links_findings};

use super::{Format, Replayed, other_document, read_document, show};

/// Arguments of `rehearse document check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A command, printed output or file of the document is replayed by a step, or left out for a reason; document.yaml beside the
scenario says which. Exit codes: 0 all is said and nothing has changed, 1 it is not so, 2 a file is wrong.

Example:
  rehearse document check document.md --base document-of-last-month.md")]
pub struct Arguments {
    /// The document
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// The scenario's folder [default: the one that scenarios/default of this repository names]
    #[arg(value_name = "SCENARIO")]
    scenario: Option<PathBuf>,

    /// The document as it was when it was linked, so that lines that are not there any more can be shown
    #[arg(long, value_name = "PATH")]
    base: Option<PathBuf>,

    /// Prints the blocks of document.yaml as the document and the steps are now, and judges nothing
    #[arg(long)]
    print: bool,

    /// How findings are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Compares the document with what the scenario says of it.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let document = read_document(&arguments.path)?;
    let base = arguments.base.as_deref().map(read_document).transpose()?;
    let replayed = Replayed::read(arguments.scenario.as_deref())?;
    let parts = links::parts(&document);
    let coverage = links::cover(&parts, &replayed.overlay, &replayed.steps);
    if arguments.print {
        let text = entries(&parts, &coverage, &replayed);
        output::stdout().write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let findings = links_findings::findings(&document, &coverage);
    show(
        &findings,
        &document,
        links_findings::RULES,
        arguments.format,
    )?;
    if arguments.format == Format::Terminal {
        output::stdout()
            .write_all(told(&document, &coverage, base.as_ref(), &replayed).as_bytes())?;
    }
    Ok(ExitCode::from(u8::from(!coverage.is_whole())))
}

/// The differences, then one line for each figure.
fn told(
    document: &Document,
    coverage: &Coverage,
    base: Option<&Document>,
    replayed: &Replayed,
) -> String {
    let differences = coverage.changed.iter().map(|changed| {
        format!(
            "\n{}:{}\n{}",
            document.source.file,
            changed.lines,
            links_findings::difference(&changed.difference, base)
        )
    });
    let said = match coverage.percent() {
        Some(percent) => format!("{percent:.1} % of {} lines", coverage.lines),
        None => "the document has no command and no output".to_owned(),
    };
    let covered = format!(
        "\ncovered: {said}: {} lines are replayed, {} are left out for a reason\n",
        coverage.replayed, coverage.left_out
    );
    let other = other_document(document, replayed);
    differences.chain([covered]).chain(other).collect()
}

/// The `blocks` of an overlay for the document as it is. What is linked to nothing is left to the one who reads it.
fn entries(parts: &[Part<'_>], coverage: &Coverage, replayed: &Replayed) -> String {
    let mut text = "blocks:\n".to_owned();
    for part in parts {
        let target = coverage.target(part.lines, &replayed.overlay);
        let to = match target {
            Some(Target::Step { id, .. }) => {
                let hash = replayed.steps.get(id).map_or("", String::as_str);
                format!("step: {id}\n    step-sha256: {hash}")
            }
            Some(Target::LeftOut { why }) => format!("left-out: {why:?}"),
            None => {
                let what = match part.kind {
                    PieceKind::Command => "command",
                    PieceKind::Output => "output",
                    PieceKind::File => "file",
                };
                format!("step: # which step replays this {what}? or `left-out`, and why")
            }
        };
        text.push_str(&links::entry(part, &to));
    }
    text
}
