//! The program.

#![expect(
    unreachable_pub,
    reason = "nothing of a program can be reached from outside; `pub` says what a module offers to the others"
)]

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use rehearse_core::catalogue::Catalogue;

mod command;
mod commands;
mod engine;
mod stack;

#[derive(Debug, clap::Parser)]
enum Cli {
    /// What a run needs
    Stack(commands::stack::Arguments),
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let Cli::Stack(arguments) = Cli::parse();
    let kind = Path::new("kind");
    let text = std::fs::read_to_string(kind.join("catalogue.yaml"))
        .context("failed to read kind/catalogue.yaml")?;
    let catalogue = Catalogue::parse("kind/catalogue.yaml", &text)?;
    commands::stack::execute(&arguments, &catalogue, kind).await
}
