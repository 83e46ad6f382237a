//! What the tests share: where the built program is, and folders that vanish.
//!
//! The tests drive the program as a user does, by its arguments, its output, its exit code and the files it leaves. They
//! link nothing of it but the record's types.

pub mod browser;
pub mod disk;
pub mod engine;
pub mod without_engine;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The built program: `REHEARSE_PROGRAM`, or the one that `cargo build` put beside this test.
///
/// # Errors
/// Where it was not built.
pub fn program() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("REHEARSE_PROGRAM") {
        return Ok(path.into());
    }
    let test = std::env::current_exe().context("failed to find this test's own path")?;
    let path = test
        .ancestors()
        .nth(2)
        .context("this test is not in a target folder")?
        .join("rehearse");
    anyhow::ensure!(
        path.is_file(),
        "no program at {}: run `cargo build` first, or set REHEARSE_PROGRAM",
        path.display()
    );
    Ok(path)
}

/// The program with arguments, run in the repository's root without colour or a terminal.
///
/// # Errors
/// As [`program`].
pub fn rehearse(arguments: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(program()?);
    command
        .args(arguments)
        .current_dir(root())
        .env("NO_COLOR", "1")
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .stdin(std::process::Stdio::null());
    Ok(command)
}
