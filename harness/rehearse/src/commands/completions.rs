//! `rehearse completions SHELL`

use std::io;
use std::process::ExitCode;

use clap_complete::Shell;

use crate::output;

/// Arguments of `rehearse completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  rehearse completions bash > /etc/bash_completion.d/rehearse")]
pub struct Arguments {
    /// Which shell.
    pub shell: Shell,
}

/// Prints the completions of a command line.
pub fn execute(arguments: &Arguments, mut command: clap::Command) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "rehearse", &mut script);
    io::Write::write_all(&mut output::stdout(), &script)?;
    Ok(ExitCode::SUCCESS)
}
