//! `rehearse schema`

use std::io::{self, Write as _};
use std::process::ExitCode;

use rehearse_core::scenario::schema;

/// Prints the JSON Schema of scenario files.
pub fn execute() -> anyhow::Result<ExitCode> {
    io::stdout().lock().write_all(schema().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
