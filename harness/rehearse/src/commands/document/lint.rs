//! `rehearse document lint PATH`

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use rehearse_core::document::{Document, finding, lint};
use serde::Serialize;

use crate::failure::Usage;

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
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the document's lines, for people
    Terminal,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0
    Sarif,
    /// The findings themselves
    Json,
}

/// What is printed as JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    file: &'a str,
    sha256: &'a str,
    findings: &'a [finding::Finding],
}

/// Prints what the rules find.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let path = arguments.path.display().to_string();
    let bytes = fs::read(&arguments.path).map_err(|error| {
        Usage::new(
            format!("failed to read {path}: {error}"),
            "give the path of a Markdown file",
        )
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Usage::new(
            format!("failed to read {path}: {error}"),
            "give a text in UTF-8",
        )
    })?;
    let document = Document::parse(&path, &text);
    let findings = lint::lint(&document);
    let mut out = io::stdout().lock();
    let printed = match arguments.format {
        Format::Terminal => {
            finding::terminal(&findings, &document.source, io::stdout().is_terminal())
        }
        Format::Github => finding::github(&findings),
        Format::Sarif => {
            let rules: Vec<_> = lint::rules()
                .iter()
                .map(|rule| (rule.code, rule.about))
                .collect();
            finding::sarif(&findings, &rules, env!("CARGO_PKG_VERSION"))
        }
        Format::Json => {
            let report = Report {
                file: &path,
                sha256: &document.sha256,
                findings: &findings,
            };
            serde_json::to_string_pretty(&report)? + "\n"
        }
    };
    out.write_all(printed.as_bytes())?;
    Ok(ExitCode::from(u8::from(!findings.is_empty())))
}
