//! The kind configuration of a cluster, rendered from the repository's `kind/cluster.yaml`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rehearse_core::plan::Plan;

/// The longest name a cluster can have: kind appends `-control-plane`, and a host name has at most 63 characters.
const LONGEST_NAME: usize = 63 - "-control-plane".len();

/// A file or folder of the machine that every node sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// On the machine; absolute.
    pub(crate) host_path: PathBuf,
    /// On the node.
    pub(crate) container_path: String,
    /// Whether nodes may only read it.
    pub(crate) read_only: bool,
}

/// Fills the template. It knows `name`, `image`, `control_planes`, `workers`, `schedulable_control_planes`, `pod_subnet`,
/// `service_subnet` and `mounts` (each with `host_path`, `container_path` and `read_only`); any other name is an error.
pub(crate) fn render(
    template: &str,
    name: &str,
    image: &str,
    plan: &Plan,
    mounts: &[Mount],
) -> Result<String> {
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let mounts: Vec<_> = mounts
        .iter()
        .map(|mount| {
            minijinja::context! {
                host_path => mount.host_path.display().to_string(),
                container_path => mount.container_path.as_str(),
                read_only => mount.read_only,
            }
        })
        .collect();
    environment
        .render_str(
            template,
            minijinja::context! {
                name,
                image,
                control_planes => plan.nodes.control_planes,
                workers => plan.nodes.workers,
                schedulable_control_planes => plan.nodes.schedulable_control_planes,
                pod_subnet => plan.pod_subnet.to_string(),
                service_subnet => plan.service_subnet.to_string(),
                mounts,
            },
        )
        .context("failed to render the kind configuration")
}

/// Whether kind takes the name, else why not.
pub fn judge_name(name: &str) -> Result<(), String> {
    let fits = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "-.".contains(character)
    };
    let first = name.chars().next();
    if !first.is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit()) {
        return Err("a cluster's name begins with a lower-case letter or a digit".to_owned());
    }
    if let Some(wrong) = name.chars().find(|&character| !fits(character)) {
        return Err(format!(
            "a cluster's name has lower-case letters, digits, '-' and '.', not '{wrong}'"
        ));
    }
    if name.len() > LONGEST_NAME {
        return Err(format!(
            "a cluster's name has at most {LONGEST_NAME} characters, not {}",
            name.len()
        ));
    }
    Ok(())
}

/// Reads the template of a repository's `kind` folder.
pub(crate) fn template(folder: &Path) -> Result<String> {
    let path = folder.join("cluster.yaml");
    std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))
}
