//! Versions that a node says of itself, and the name of its runtime.

use serde_json::Value;

use crate::mutant::{FactId, FactKind, Site, text};

/// One node of the output's array.
pub(crate) fn node(site: &mut Site<'_>, index: usize, node: &Value, subject: &str) {
    let fact = |key: &'static str| FactId::new(FactKind::Version, key, subject);
    let at = |key: &str| format!("/{index}/status/nodeInfo/{key}");
    let kubelet = fact("nodes.kubelet-version");
    site.set(&kubelet, "other version", at("kubeletVersion"), "v1.2.3");
    site.remove(&kubelet, "gone", at("kubeletVersion"));
    let runtime = text(node, "/status/nodeInfo/containerRuntimeVersion");
    let (name, version) = runtime.split_once("://").unwrap_or((runtime, ""));
    let pointer = at("containerRuntimeVersion");
    site.set(
        &fact("nodes.runtime-version"),
        "other version",
        &pointer,
        format!("{name}://1.2.3"),
    );
    let runtime = fact("nodes.runtime");
    site.set(
        &runtime,
        "other runtime",
        &pointer,
        format!("containerd://{version}"),
    );
    site.remove(&runtime, "gone", &pointer);
}
