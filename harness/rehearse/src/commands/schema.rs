//! `rehearse schema`

use std::process::ExitCode;

use crate::output;
use clap::ValueEnum;
use rehearse_core::medium::Safe;
use rehearse_core::{matrix, scenario};

/// Arguments of `rehearse schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Of which file
    #[arg(value_enum, default_value_t = File::Scenario)]
    file: File,
}

/// A file with a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum File {
    /// A scenario.yaml.
    Scenario,
    /// A versions.yaml.
    Versions,
}

/// Prints the JSON Schema of a file.
pub fn execute(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let text = match arguments.file {
        File::Scenario => scenario::schema(),
        File::Versions => matrix::schema(),
    };
    output::print(&Safe::json(&text))?;
    Ok(ExitCode::SUCCESS)
}
