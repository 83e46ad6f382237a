//! The real thing: the built program on real clusters. Run by `cargo nextest run -p rehearse-tests --profile kind`.
//!
//! Each test has the machine for itself and leaves no cluster behind. None of them retries.

mod causes;
mod lock;
mod ownership;
mod replay;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use rehearse_core::record::Record;

fn read_record(folder: &Path) -> anyhow::Result<Record> {
    let path = folder.join("record.json");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("failed to read {}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// The names of the kind clusters' node containers that the engine has.
fn node_containers() -> anyhow::Result<Vec<String>> {
    let output = Command::new("docker")
        .args([
            "ps",
            "--all",
            "--filter",
            "label=io.x-k8s.kind.cluster",
            "--format",
            "{{.Names}}",
        ])
        .output()?;
    ensure!(
        output.status.success(),
        "docker ps failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(str::to_owned)
        .collect())
}

fn ensure_no_cluster() -> anyhow::Result<()> {
    let left = node_containers()?;
    ensure!(left.is_empty(), "left behind: {left:?}");
    Ok(())
}
