//! Finds the machine's Docker engine and, where it may, starts one by the repository's `kind/engine`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use rehearse_stack::command::Command;

/// How long an engine may take to answer a question about itself.
const ANSWER: Duration = Duration::from_secs(10);

/// About how long it takes to install and start one.
pub const ESTIMATE: Duration = Duration::from_mins(1);

/// The version of the engine that answers; none where none does.
///
/// # Errors
/// An engine that neither answers nor refuses.
pub async fn version() -> Result<Option<String>> {
    let command = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]);
    let asked = tokio::time::timeout(ANSWER, command.output()).await;
    match asked.with_context(|| {
        format!(
            "failed to get an answer from the Docker engine within {} s",
            ANSWER.as_secs()
        )
    })? {
        Ok(output) if output.status.success() => Ok(Some(output.stdout().trim().to_owned())),
        // No client, or a client that reaches nothing.
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Whether this process may start an engine.
pub fn may_start() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Starts an engine if none answers, and gives its version. `kind` is the repository's folder of that name.
///
/// # Errors
/// When it may not, or the engine does not come up.
pub async fn start(kind: &Path) -> Result<String> {
    if let Some(version) = version().await? {
        return Ok(version);
    }
    if !may_start() {
        bail!(
            "failed to start a Docker engine: only root may (hint: start Docker, or run this as root)"
        );
    }
    Command::new(kind.join("engine"))
        .arg("up")
        .run()
        .await
        .context("failed to start a Docker engine")?;
    version().await?.context("failed to reach the Docker engine that was started (hint: its log is /var/log/rehearse-engine.log)")
}
