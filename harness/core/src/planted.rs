//! Faults that are planted on a real cluster: data beside the scenario, each with the checks that must turn red.
//!
//! A fault is planted in the state that a step leaves and undone again, so it never changes what a later step finds. This
//! module reads the file, fills its placeholders, and judges what was seen; it plants nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

mod judgement;
mod parse;
mod places;
mod report;
#[cfg(test)]
mod tests;
mod undo;

pub use judgement::{Meant, Sight, meant, not_as_said, not_yet};
pub use parse::parse;
pub use places::{Body, Place, Places, PodPlaces, Text, Variable};
pub use report::{Outcome, Planting, Report, Turned};
pub use undo::inverse;

/// The file beside a scenario's own that holds its faults.
pub const FILE: &str = "faults.yaml";

/// The faults of one scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planted {
    /// In the file's order.
    pub faults: Vec<Fault>,
}

/// One defect.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Lower-case letters, digits and hyphens; unique in the file.
    pub id: String,
    /// What is wrong then, as a sentence.
    pub title: String,
    /// The step in whose final state it is planted.
    pub after: String,
    /// How it is planted, in order; it is undone in reverse.
    pub plant: Vec<Act>,
    /// The checks of that step, by their `that`, that must turn red.
    pub red: Vec<String>,
    /// The checks that can't be judged any more, because an output is not what its tool prints.
    pub broken: Vec<String>,
    /// The checks that may turn red or broken as a consequence, or not.
    pub consequences: Vec<String>,
    /// How long it may take until all of them are red.
    pub within: Duration,
}

/// One act. Files and objects are saved first and restored from what was saved.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Act {
    /// A shell script on nodes.
    NodeShell(NodeShell),
    /// A shell script about one pod, in its network or on its node.
    PodShell(PodShell),
    /// Writes a file, in place of an older one.
    WriteNodeFile(WriteNodeFile),
    /// Replaces texts in a file; each must occur.
    EditNodeFile(EditNodeFile),
    /// Removes a file.
    RemoveNodeFile(NodeFile),
    /// Renames a file.
    RenameNodeFile(RenameNodeFile),
    /// Changes a file's permissions.
    SetNodeFileMode(SetNodeFileMode),
    /// Makes an object; undone by deleting it.
    Create(Create),
    /// Patches an object by JSON merge patch; undone by a patch with the older values.
    Patch(Patch),
    /// Deletes an object; undone by making it again.
    Delete(Target),
}

/// On which nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// The first worker.
    #[default]
    One,
    /// Every node.
    All,
}

/// A shell script on nodes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeShell {
    /// Where.
    #[serde(default)]
    pub on: On,
    /// The script; a status other than 0 is an error.
    pub run: Text,
    /// The script that undoes it; none where the cluster mends it by itself.
    #[serde(default)]
    pub undo: Option<Text>,
}

/// A shell script about one pod: the first one by name that is ready.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodShell {
    /// The pod's namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// Where the script runs.
    #[serde(default)]
    pub place: PodPlace,
    /// The script.
    pub run: Text,
    /// The script that undoes it; none where the cluster mends it by itself.
    #[serde(default)]
    pub undo: Option<Text>,
}

/// Where a script about a pod runs; with the node's own programs and rights in both cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PodPlace {
    /// In the pod's network namespace.
    #[default]
    Network,
    /// On the pod's node.
    Node,
}

/// A file with its content.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WriteNodeFile {
    /// Where.
    #[serde(default)]
    pub on: On,
    /// Absolute path on the node.
    pub path: Text,
    /// Its text.
    pub content: Text,
}

/// A file and the texts that are replaced in it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EditNodeFile {
    /// Where.
    #[serde(default)]
    pub on: On,
    /// Absolute path on the node.
    pub path: Text,
    /// Old text to new text.
    pub replace: BTreeMap<Text, Text>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeFile {
    /// Where.
    #[serde(default)]
    pub on: On,
    /// Absolute path on the node.
    pub path: Text,
}

/// A file that gets another name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RenameNodeFile {
    /// Where.
    #[serde(default)]
    pub on: On,
    /// Absolute path on the node.
    pub from: Text,
    /// Absolute path on the node.
    pub to: Text,
}

/// A file and its permissions.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SetNodeFileMode {
    /// Where.
    #[serde(default)]
    pub on: On,
    /// Absolute path on the node.
    pub path: Text,
    /// In octal, such as `"0000"`.
    pub mode: String,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Create {
    /// The whole object.
    pub object: Body,
}

/// An object that is there: by name, or the first one by name of those with these labels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Target {
    /// Such as `v1`.
    pub api_version: String,
    /// Such as `Pod`.
    pub kind: String,
    /// Its namespace; none for a cluster-wide kind.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Its name.
    #[serde(default)]
    pub name: Option<Text>,
    /// A label selector, where it has no name.
    #[serde(default)]
    pub selector: Option<String>,
}

/// A JSON merge patch of an object.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Patch {
    /// The object.
    pub target: Target,
    /// The patch: null removes a key.
    pub merge: Body,
    /// Whether the object's status is patched.
    #[serde(default)]
    pub status: bool,
}
