//! `rehearse document`

use std::process::ExitCode;

use clap::Subcommand;

mod lint;

/// Arguments of `rehearse document`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What to do with a document.
#[derive(Debug, Subcommand)]
enum Command {
    /// Finds what is to be mended in a document, by rules that hold for any such document
    Lint(lint::Arguments),
}

/// Does what was typed.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Lint(arguments) => lint::execute(arguments),
    }
}
