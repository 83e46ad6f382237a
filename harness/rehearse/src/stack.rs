//! What a run needs, ready on this machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rehearse_core::catalogue::Source;
use rehearse_core::record::Component;

/// What a run needs, ready on this machine.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Where the components come from.
    pub source: Source,
    /// The components with their digests.
    pub components: Vec<Component>,
    /// The kind program.
    pub kind: PathBuf,
    /// The node image's name in the engine.
    pub node_image: String,
    /// The image store that all nodes share read-only.
    pub image_store: Option<PathBuf>,
    /// The registry's image in the engine.
    pub registry_image: Option<String>,
    /// The registry's contents.
    pub registry_data: Option<PathBuf>,
    /// Programs that every node finds in `/opt/rehearse/bin`.
    pub programs: Option<PathBuf>,
    /// Manifest files in order, by component and manifest.
    pub manifests: BTreeMap<String, BTreeMap<String, Vec<PathBuf>>>,
    /// Digests by image reference.
    pub images: BTreeMap<String, String>,
}

/// The text of a node's `registries.conf`: the registry at this address answers for the public ones.
pub fn registries_configuration(address: std::net::IpAddr) -> String {
    let mut text =
        "unqualified-search-registries = [\"docker.io\"]\nshort-name-mode = \"disabled\"\n"
            .to_owned();
    for registry in ["docker.io", "quay.io", "ghcr.io", "registry.k8s.io"] {
        text.push_str(&format!("\n[[registry]]\nlocation = \"{registry}\"\n[[registry.mirror]]\nlocation = \"{address}:5000/{registry}\"\ninsecure = true\n"));
    }
    text
}
