//! The component catalogue: which versions of which component exist, and where each comes from.
//!
//! It says what to build or fetch and how images are made of programs; it neither builds nor fetches, and a digest that
//! it can't know is left out instead of being made up. How recipes and versions are written is told in [`written`].

mod recipe;
mod selection;
mod traces;
mod written;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};

pub use recipe::{
    Destination, FetchedFile, FetchedImage, Go, Image, Local, ManifestPart, Module, Package,
    Registry, Replacement, RootFileSystem,
};
pub use selection::{Available, Unknown};
pub use traces::{Evidence, Objects, Pods, State, Traces};

use crate::problem::{Problems, SourceText, known_names};
use crate::yaml::{Fields, Reading};

/// All components, each version with all that its recipe says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Each source's own version of every component that a cluster needs. `local` takes what it lacks from `module`.
    pub pins: BTreeMap<Source, BTreeMap<String, Version>>,
    /// Every version of every component, by name.
    pub components: BTreeMap<String, BTreeMap<Version, Entry>>,
    /// What components leave where they run, by name.
    pub traces: BTreeMap<String, Traces>,
}

/// One version of a component: a way to have it for each source that has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Entry {
    /// Versions of other components that belong to this one, such as the operator that its release names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, Version>,
    /// How far it was tried by us, from source `module`.
    pub tried: Tried,
    /// Built on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<Module>,
    /// Fetched as upstream publishes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<Registry>,
    /// Taken from the user's engine and folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
}

/// How far a version was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tried {
    /// A document was replayed with it on a real cluster.
    #[default]
    Replayed,
    /// It was built, and not more.
    Built,
    /// Its recipe is written, and that is all.
    Never,
}

impl Catalogue {
    /// Reads a catalogue; `file` is its path as the user knows it, and stands in the problems.
    ///
    /// # Errors
    /// What is wrong with the text, with places.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let source = SourceText::new(file, text);
        let reading = Reading::of(&source);
        let tree = reading.tree()?;
        let fields = Fields::of(&tree, &["pins", "components", "traces"], &reading);
        let catalogue = fields.and_then(|fields| {
            Some(Self {
                pins: fields.required("pins")?,
                components: written::components(fields.present("components")?, &reading),
                traces: fields.optional("traces").unwrap_or_default(),
            })
        });
        if let Some(catalogue) = &catalogue {
            let known = || catalogue.components.keys().map(String::as_str);
            for name in catalogue.traces.keys() {
                if !catalogue.components.contains_key(name) {
                    let place = tree.key("traces").key_span(name);
                    let message = format!("there is no component {name}");
                    reading.problem_with_hint(place, message, known_names(name, known()));
                }
            }
        }
        let problems = reading.finish();
        match catalogue {
            Some(catalogue) => problems.or(catalogue),
            None => Err(problems.sorted()),
        }
    }
}

/// Where the components of a run come from.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Built on this machine from Go modules and distribution packages.
    #[default]
    Module,
    /// Upstream images by digest and upstream manifests by URL and sha256.
    Registry,
    /// Images that the engine already holds and manifests from a folder.
    Local,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Module => "module",
            Self::Registry => "registry",
            Self::Local => "local",
        })
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "module" => Ok(Self::Module),
            "registry" => Ok(Self::Registry),
            "local" => Ok(Self::Local),
            other => Err(format!(
                "unknown source '{other}' (known: module, registry, local)"
            )),
        }
    }
}
