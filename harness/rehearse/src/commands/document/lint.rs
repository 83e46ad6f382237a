//! `rehearse document lint PATH`

use std::path::PathBuf;
use std::process::ExitCode;

use rehearse_document::lint;

use super::{Format, read_document, show};

/// Arguments of `rehearse document lint`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse document lint guide.md
  rehearse document lint guide.md --format sarif > guide.sarif

Exit codes:
  0  nothing is found
  1  there are findings
  2  the usage is wrong")]
pub struct Arguments {
    /// The Markdown file
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// How the findings are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints what the rules find.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let document = read_document(&arguments.path)?;
    let findings = lint::lint(&document);
    let rules: Vec<_> = lint::rules()
        .iter()
        .map(|rule| (rule.code, rule.about))
        .collect();
    show(&findings, &document, &rules, arguments.format)?;
    Ok(ExitCode::from(u8::from(!findings.is_empty())))
}
