//! The command line: arguments in, text and an exit code out. What is done is in `rehearse-engine`, what can be known without
//! a cluster in `rehearse-core`.

#![expect(
    unreachable_pub,
    reason = "nothing of a program can be reached from outside; `pub` says what a module offers to the others"
)]

use std::io;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Parser as _;
use rehearse_core::problem::Problems;

mod asking;
mod cli;
mod commands;
mod consent;
mod embedded;
mod output;
mod progress;
mod selection;
mod summary;

fn main() -> ExitCode {
    match start() {
        Ok(code) => code,
        // Who reads this program's output has read enough, as `head` does.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let text = match error.downcast_ref::<Problems>() {
                Some(problems) => problems.render(output::is_for_people()),
                None => format!("rehearse: {error:#}"),
            };
            // Where standard error is closed, the exit code has to do.
            writeln!(output::stderr(), "{text}").unwrap_or_default();
            ExitCode::from(rehearse_engine::failure::exit_code(&error))
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

fn start() -> anyhow::Result<ExitCode> {
    let cli = cli::Cli::parse();
    rehearse_engine::home::embed(embedded::HOME);
    // The TLS library has no default of its own and panics at the first connection without one.
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_provider| {
            anyhow!("failed to choose the TLS provider: another one is chosen already")
        })?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?
        .block_on(cli.execute())
}
