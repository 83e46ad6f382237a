//! Where the repository's data is: `kind/` and `scenarios/`. No path is built in.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::Usage;

/// The scenario that is meant when none is given.
const DEFAULT_SCENARIO: &str = "multus-on-crio-with-calico";

/// The variable that names the repository.
pub const VARIABLE: &str = "REHEARSE_HOME";

/// A folder with `kind/` and `scenarios/` in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// The folder that `REHEARSE_HOME` names; else the first one upward from the current folder, or from the program.
    ///
    /// # Errors
    /// [`Usage`] when there is none.
    pub fn find() -> anyhow::Result<Self> {
        if let Some(folder) = env::var_os(VARIABLE) {
            return Self::at(Path::new(&folder));
        }
        let current = env::current_dir().ok();
        let program = env::current_exe().ok();
        current
            .iter()
            .chain(&program)
            .flat_map(|start| start.ancestors())
            .find(|folder| is_home(folder))
            .map(|folder| Self {
                folder: folder.to_owned(),
            })
            .ok_or_else(|| {
                Usage::new(
                    "failed to find the folder with kind/catalogue.yaml and scenarios/",
                    format!("run from inside the repository, or set {VARIABLE} to it"),
                )
                .into()
            })
    }

    /// A given folder.
    ///
    /// # Errors
    /// [`Usage`] when `kind/` and `scenarios/` are not there.
    pub fn at(folder: &Path) -> anyhow::Result<Self> {
        if !is_home(folder) {
            return Err(Usage::new(
                format!(
                    "{VARIABLE} names {}, which has no kind/catalogue.yaml",
                    folder.display()
                ),
                "set it to the repository's folder",
            )
            .into());
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The folder of the component catalogue and the node image.
    pub fn kind(&self) -> PathBuf {
        self.folder.join("kind")
    }

    /// The component catalogue.
    pub fn catalogue(&self) -> PathBuf {
        self.kind().join("catalogue.yaml")
    }

    /// The known changes of components.
    pub fn changes(&self) -> PathBuf {
        self.kind().join("changes.yaml")
    }

    /// What components are known to say while they are on their way.
    pub fn messages(&self) -> PathBuf {
        self.kind().join("messages.yaml")
    }

    /// The scenario that is meant when none is given.
    pub fn default_scenario(&self) -> PathBuf {
        self.scenario(DEFAULT_SCENARIO)
    }

    /// The folder of a scenario of this name.
    pub fn scenario(&self, name: &str) -> PathBuf {
        self.folder.join("scenarios").join(name)
    }
}

fn is_home(folder: &Path) -> bool {
    folder.join("kind").join("catalogue.yaml").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_catalogue_is_not_one() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        assert!(Home::at(directory.path()).is_err());
        std::fs::create_dir(directory.path().join("kind"))?;
        std::fs::write(directory.path().join("kind/catalogue.yaml"), "")?;
        assert!(
            Home::at(directory.path())?
                .default_scenario()
                .ends_with("multus-on-crio-with-calico")
        );
        Ok(())
    }
}
