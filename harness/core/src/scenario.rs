//! The scenario file as it is written. It fills in no default that depends on anything but itself; [`crate::plan`] does.
//!
//! Strict: unknown keys are problems. Step and check kinds are externally tagged (`- apply: {...}`), with no flatten and
//! no untagged enum, so that every problem has its line.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::problem::SourceText;

pub mod act;
mod draft;
mod duration;
mod names;
mod parse;
mod rules;
mod schema;
#[cfg(test)]
pub(crate) mod tests;

pub use crate::cluster::{Cluster, Nodes};
pub use act::{Act, Apply, Install, NodeDirectory, NodeFile, Patch, ProbePods, RenameNodeFile};
pub use draft::Draft;
pub(crate) use draft::StepDraft;
pub use duration::Time;
pub use names::Names;
pub use parse::{parse, read};
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
    #[schemars(with = "Option<String>")]
    pub deadline: Option<Time>,
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
    #[schemars(with = "Option<String>")]
    pub until: Option<Time>,
    /// The check stays true for this time, such as `10s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub hold: Option<Time>,
    /// Component versions for which the check is meant, such as `{ multus: "<4.0.0" }`; all must match.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub when: BTreeMap<String, VersionReq>,
}
