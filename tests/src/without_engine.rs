//! The built program where no engine is to be found: what it says, and how it ends.

use std::path::Path;

use anyhow::Context as _;

use crate::root;

/// What the program left.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output, with `[folder]` and `[repository]` in place of the paths.
    pub stdout: String,
    /// Standard error, in the same way.
    pub stderr: String,
}

/// Runs the program in a folder, with no engine to be found.
///
/// # Errors
/// Where it was not built or cannot be run.
pub fn rehearse(folder: &Path, arguments: &[&str]) -> anyhow::Result<Ended> {
    let output = crate::rehearse(arguments)?
        .current_dir(folder)
        .env("REHEARSE_HOME", root())
        .env("REHEARSE_CACHE", folder.join("cache"))
        .env(
            "DOCKER_HOST",
            format!("unix://{}", folder.join("no-engine.sock").display()),
        )
        .env_remove("REHEARSE_LOG")
        .output()
        .context("failed to run the program")?;
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .replace(&folder.display().to_string(), "[folder]")
            .replace(&root().display().to_string(), "[repository]")
    };
    Ok(Ended {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    })
}
