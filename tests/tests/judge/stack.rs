//! What `rehearse stack build` made, as far as the judge needs it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

/// The newest node image that `rehearse stack build` gave to the engine, or `REHEARSE_NODE_IMAGE`.
pub(crate) fn node_image() -> Result<String> {
    if let Ok(image) = std::env::var("REHEARSE_NODE_IMAGE") {
        return Ok(image);
    }
    let output = Command::new("docker")
        .args([
            "image",
            "ls",
            "--format",
            "{{.Repository}}:{{.Tag}}",
            "rehearse-node",
        ])
        .output()
        .context("failed to start docker")?;
    let list = String::from_utf8(output.stdout)?;
    let image = list.lines().next().map(str::to_owned);
    image.with_context(|| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        format!("the engine has no image rehearse-node (hint: `rehearse stack build --setup` makes it) {said}")
    })
}

/// The newest image store of the stack; it has the pause image.
pub(crate) fn image_store() -> Result<PathBuf> {
    let cache = match std::env::var_os("REHEARSE_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => match std::env::var_os("XDG_CACHE_HOME") {
            Some(folder) => PathBuf::from(folder).join("rehearse"),
            None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?)
                .join(".cache/rehearse"),
        },
    };
    let stack = cache.join("stack");
    let hint = || {
        format!(
            "failed to find the image store in {} (hint: `rehearse stack build --setup` makes it)",
            stack.display()
        )
    };
    let mut newest = None;
    for entry in std::fs::read_dir(&stack).with_context(hint)? {
        let path = entry?.path();
        let store = path.join("store");
        let is_store = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("stack-store-"));
        if is_store && store.is_dir() {
            let made = path.metadata()?.modified()?;
            newest = newest.max(Some((made, store)));
        }
    }
    let (_, store) = newest.with_context(hint)?;
    Ok(store)
}
