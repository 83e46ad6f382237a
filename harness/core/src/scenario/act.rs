//! What a step does: each kind of act is one file here, with its keys and its own static rules.
//!
//! How an act is performed on a stage is not known here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::{Problems, SourceText};
use crate::written::Written;

mod apply;
mod install;
mod node_directory;
mod node_file;
mod patch;
mod probe_pods;
mod rename_node_file;

pub use apply::Apply;
pub use install::Install;
pub use node_directory::NodeDirectory;
pub use node_file::NodeFile;
pub use patch::Patch;
pub use probe_pods::ProbePods;
pub use rename_node_file::RenameNodeFile;

/// Makes the enumeration of all acts and the way from one of them to its [`Rule`] from one list.
macro_rules! acts {
    ($($(#[doc = $about:literal])+ $Kind:ident,)+) => {
        /// One act.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub enum Act {
            $($(#[doc = $about])+ $Kind($Kind),)+
        }

        impl Act {
            fn rule(&self) -> &dyn Rule {
                match self {
                    $(Self::$Kind(act) => act,)+
                }
            }
        }
    };
}

acts! {
    /// Applies a manifest of the scenario (server-side apply, field manager `rehearse`).
    Apply,
    /// Applies a manifest that belongs to a component.
    Install,
    /// Patches one object, as `kubectl patch` does.
    Patch,
    /// Makes a folder on each node.
    NodeDirectory,
    /// Writes a file on each node from a template.
    NodeFile,
    /// Renames a file on each node.
    RenameNodeFile,
    /// Starts one pod of the tool image on each node, named `NAME-<index>`, and waits until all are ready.
    ProbePods,
}

/// What every act knows of itself before it is performed.
trait Rule {
    /// Notes what is wrong with the act as it is written.
    fn problems(&self, _written: Written<'_>) {}

    /// The file of the scenario's folder that the act reads.
    fn file(&self) -> Option<ReadFile<'_>> {
        None
    }

    /// The name of the probe pods that the act starts.
    fn probe(&self) -> Option<&str> {
        None
    }

    /// The name of before and the one of after, where the act renames a file on the nodes.
    fn renamed(&self) -> Option<(&str, &str)> {
        None
    }
}

/// A file of the scenario's folder that an act reads.
#[derive(Clone, Copy)]
struct ReadFile<'a> {
    /// The key that names it.
    key: &'static str,
    path: &'a str,
    /// What is wrong with its text.
    problems: fn(&SourceText) -> Problems,
}

impl Act {
    /// The path inside the scenario's folder that the act reads, and the key that names it.
    pub fn file(&self) -> Option<(&'static str, &str)> {
        self.rule().file().map(|file| (file.key, file.path))
    }

    /// What is wrong with the text of the file that the act reads.
    pub(crate) fn file_problems(&self, source: &SourceText) -> Problems {
        let file = self.rule().file();
        file.map_or_else(Problems::default, |file| (file.problems)(source))
    }

    /// Notes what is wrong with the act as it is written.
    pub(crate) fn problems(&self, written: Written<'_>) {
        if let Some((key, path)) = self.file() {
            written.key(key).in_folder(path);
        }
        self.rule().problems(written);
    }

    /// The name of the probe pods that the act starts.
    pub(crate) fn probe(&self) -> Option<&str> {
        self.rule().probe()
    }

    /// The name of before and the one of after, where the act renames a file on the nodes.
    pub(crate) fn renamed(&self) -> Option<(&str, &str)> {
        self.rule().renamed()
    }
}
