//! The scenario file as it is written. It fills in no default that depends on anything but itself; [`crate::plan`] does.
//!
//! Strict: unknown keys are problems. Step and check kinds are externally tagged (`- apply: {...}`), with no flatten and
//! no untagged enum, so that every problem has its line.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::problem::SourceText;

mod draft;
mod duration;
mod parse;
mod rules;
mod schema;
#[cfg(test)]
pub(crate) mod tests;

pub use duration::parse_duration;
pub use parse::parse;
pub use schema::schema;

/// A whole scenario file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// The scenario's name: lower-case letters, digits and hyphens.
    pub scenario: String,
    /// One line that says what is replayed.
    pub title: String,
    /// The document that is replayed.
    pub document: Document,
    /// How many nodes.
    pub nodes: Nodes,
    /// The cluster's address ranges.
    pub cluster: Cluster,
    /// The document's component versions; `--with` overrides them.
    #[schemars(with = "BTreeMap<String, String>")]
    pub components: BTreeMap<String, Version>,
    /// What is done and what must hold, in order.
    pub steps: Vec<Step>,
    /// Facts that no check watches, on purpose; `rehearse faults` fails for any other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<Ignored>,
    /// The file itself, so that a problem found later still has its place.
    #[serde(skip)]
    pub source: SourceText,
}

/// Which document, to the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Document {
    /// The file's sha256 in lower-case hex.
    pub sha256: String,
    /// How many lines it has.
    pub lines: u32,
}

/// The cluster's nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nodes {
    /// Nodes that run the control plane.
    pub control_planes: u16,
    /// The other nodes.
    pub workers: u16,
    /// Whether pods may run on the control plane's nodes.
    pub schedulable_control_planes: bool,
}

/// The cluster's address ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cluster {
    /// Pods' addresses.
    #[schemars(with = "String")]
    pub pod_subnet: Ipv4Net,
    /// Services' addresses.
    #[schemars(with = "String")]
    pub service_subnet: Ipv4Net,
}

/// Facts that no check watches, on purpose. In each pattern `*` stands for any text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ignored {
    /// A pattern of facts' keys, such as `addresses.ipv6` or `events.*`.
    pub fact: String,
    /// The one step in which they are ignored; every step when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// A pattern of whose facts they are, such as `*: eth0`; everybody's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Why nothing is lost by it, as a sentence fragment.
    pub reason: String,
}

/// One thing that the document does, with what must hold after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// Lower-case letters, digits and hyphens; unique in the file.
    pub id: String,
    /// What holds afterwards, as a sentence.
    pub title: String,
    /// The document's lines that the step is made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentLines>,
    /// The longest that the acts and the waits may take together, such as `90s` or `5m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// What is done, in order. May be empty.
    #[serde(default)]
    pub act: Vec<Act>,
    /// What must hold. Never empty.
    pub expect: Vec<Expectation>,
}

/// Lines of the document, both ends included, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DocumentLines {
    /// First and last line.
    pub lines: [u32; 2],
    /// Why the step does something else than these lines say, where it does; names the erratum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erratum: Option<String>,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Act {
    /// Applies a manifest of the scenario (server-side apply, field manager `rehearse`).
    Apply(Apply),
    /// Applies a manifest that belongs to a component.
    Install(Install),
    /// Patches one object, as `kubectl patch` does.
    Patch(Patch),
    /// Makes a folder on each node.
    NodeDirectory(NodeDirectory),
    /// Writes a file on each node from a template.
    NodeFile(NodeFile),
    /// Renames a file on each node.
    RenameNodeFile(RenameNodeFile),
    /// Starts one pod of the tool image on each node, named `NAME-<index>`, and waits until all are ready.
    ProbePods(ProbePods),
}

impl Act {
    /// The path inside the scenario's folder that the act reads, and the key that names it.
    pub fn file(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Apply(apply) => Some(("file", &apply.file)),
            Self::Patch(patch) => Some(("file", &patch.file)),
            Self::NodeFile(file) => Some(("template", &file.template)),
            Self::Install(_)
            | Self::NodeDirectory(_)
            | Self::RenameNodeFile(_)
            | Self::ProbePods(_) => None,
        }
    }
}

/// A manifest of the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Apply {
    /// Path inside the scenario's folder.
    pub file: String,
}

/// A manifest that belongs to a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Install {
    /// The component in the catalogue.
    pub component: String,
    /// The manifest's name in the catalogue.
    pub manifest: String,
    /// Texts that are replaced in the manifest first, as the document does with `sed`; each must occur.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replace: BTreeMap<String, String>,
}

/// A strategic merge patch, `kubectl patch`'s default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Patch {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// Path of the patch inside the scenario's folder (YAML or JSON).
    pub file: String,
}

/// A folder on each node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeDirectory {
    /// Absolute path on the node.
    pub path: String,
}

/// A file on each node. The template knows `node.name`, `node.block` (such as `10.244.19.0/24`), `node.prefix` (the
/// block without its last octet, such as `10.244.19`) and `cluster.service_address` (the API's, such as `10.96.0.1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeFile {
    /// Absolute path on the node.
    pub path: String,
    /// Path of the template inside the scenario's folder.
    pub template: String,
}

/// A file that gets another name on each node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RenameNodeFile {
    /// Absolute path on the node.
    pub from: String,
    /// Absolute path on the node.
    pub to: String,
}

/// One pod on each node, labelled `rehearse.probe=NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProbePods {
    /// Lower-case letters, digits and hyphens.
    pub name: String,
    /// Such as `praqma/network-multitool:latest`.
    pub image: String,
}

/// One check with its conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expectation {
    /// What is checked, as a short sentence; the record's key, unique in its step.
    pub that: String,
    /// The rule.
    pub check: Check,
    /// The check becomes true within this time, such as `60s`, counted from when the one that is waited for before it became
    /// true; without it, it must be true when first looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The check stays true for this time, such as `10s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// Component versions for which the check is meant, such as `{ multus: "<4.0.0" }`; all must match.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub when: BTreeMap<String, VersionReq>,
}
