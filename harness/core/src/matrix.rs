//! The versions of a scenario's components that are replayed together: `versions.yaml` to cells, cells to shards, and
//! what came of them to one result.
//!
//! It plans and judges. It runs nothing, and which version a source has is the catalogue's to say.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use crate::catalogue::Source;
use crate::problem::SourceText;
use crate::yaml::Node;

mod cells;
mod judgement;
mod merge;
mod parse;
mod shard;
mod shared;
#[cfg(test)]
mod tests;

pub use cells::{Options, cell_name, cells};
pub use judgement::{CellVerdict, Judgement, judge};
pub use merge::{Merged, MergedCell, Unmergeable, merge};
pub use parse::{parse, schema};
pub use shard::Shard;
pub use shared::{SharedSteps, shared_steps};

/// A whole `versions.yaml`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Versions {
    /// The components whose versions vary, each with its versions in order.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub axes: BTreeMap<String, Vec<Version>>,
    /// The cell that all others are compared with: a version of each axis.
    #[schemars(with = "BTreeMap<String, String>")]
    pub base: BTreeMap<String, Version>,
    /// The steps that cells which differ later only have in common, so that they are performed once.
    #[serde(default)]
    pub shared_steps: Option<SharedSteps>,
    /// Versions of other components that go with some of these.
    #[serde(default)]
    pub together: Vec<Together>,
    /// Cells that are not run.
    #[serde(default)]
    pub exclude: Vec<Exclusion>,
    /// Defects that are known, and asserted as still there.
    #[serde(default)]
    pub known: Vec<KnownDefect>,
    /// The file itself, so that a problem found later still has its place.
    #[serde(skip)]
    pub source: SourceText,
    #[serde(skip)]
    pub(crate) tree: Arc<Node>,
}

/// A pinned pair or set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Together {
    /// The cells that are meant, such as `{ calico: "=3.28.4" }`; all must match.
    #[schemars(with = "BTreeMap<String, String>")]
    pub when: BTreeMap<String, VersionReq>,
    /// What they take of other components.
    #[schemars(with = "BTreeMap<String, String>")]
    pub take: BTreeMap<String, Version>,
    /// Why.
    pub why: String,
}

/// Cells that are not run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exclusion {
    /// The cells that are meant; all must match.
    #[schemars(with = "BTreeMap<String, String>")]
    pub when: BTreeMap<String, VersionReq>,
    /// Why.
    pub why: String,
}

/// A defect of a component that stops the scenario. A cell with it is as expected while it stops there in that way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownDefect {
    /// The cells that are meant; all must match.
    #[schemars(with = "BTreeMap<String, String>")]
    pub when: BTreeMap<String, VersionReq>,
    /// The step that does not pass.
    pub step: String,
    /// How it ends.
    pub outcome: DefectOutcome,
    /// Texts that its failures or the reason of its end contain, each somewhere.
    pub says: Vec<String>,
    /// What is wrong, in one sentence.
    pub why: String,
    /// Where upstream tells of it.
    pub reference: String,
}

/// How a step with a known defect ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DefectOutcome {
    /// A check fails.
    Failed,
    /// An act fails, so that the checks can't be made.
    Broken,
}

/// The cells of a matrix: at least one, the base first where it is among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// The scenario's name.
    pub scenario: String,
    /// How to run them all.
    pub command: String,
    /// Where the components come from.
    pub source: Source,
    /// The name of the cell that the others are compared with, where it is among them.
    pub base: Option<String>,
    /// The cells, in the order in which they are run.
    pub list: Vec<Cell>,
    /// Cells that are not run, and why.
    pub left_out: Vec<LeftOut>,
    /// The steps that are performed once for cells that differ later only.
    pub shared_steps: Option<SharedSteps>,
}

/// One combination of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Such as `calico-3.28.4_multus-4.2.1`: the axes by name, each with its version.
    pub name: String,
    /// The version of each axis.
    pub versions: BTreeMap<String, Version>,
    /// These, what is pinned together with them where the source pins another version, and what the user asked for:
    /// `--with` of a run.
    pub with: BTreeMap<String, Version>,
    /// The defect that is expected.
    pub known: Option<KnownDefect>,
}

impl Cell {
    /// The options that a run of this cell alone takes, such as `--with calico=3.28.4 --with multus=4.2.1`.
    pub fn options(&self) -> String {
        let options = self.with.iter();
        let options: Vec<_> = options
            .map(|(name, version)| format!("--with {name}={version}"))
            .collect();
        options.join(" ")
    }
}

/// A cell that is not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
}

impl Cells {
    /// The matrix as a CI takes it, such as GitHub's `fromJSON`: `{"include": [{"name": …, "with": …, …}]}` with a text
    /// for each axis, on one line.
    pub fn to_json(&self) -> String {
        let include = self.list.iter().map(|cell| {
            let mut entry = serde_json::Map::new();
            entry.insert("name".to_owned(), cell.name.clone().into());
            for (component, version) in &cell.versions {
                entry.insert(component.clone(), version.to_string().into());
            }
            entry.insert("with".to_owned(), cell.options().into());
            let known = cell.known.as_ref();
            let known = known.map_or_else(String::new, |known| known.reference.clone());
            entry.insert("known-defect".to_owned(), known.into());
            serde_json::Value::Object(entry)
        });
        let include: Vec<_> = include.collect();
        serde_json::json!({ "include": include }).to_string()
    }
}
