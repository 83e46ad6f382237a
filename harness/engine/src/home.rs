//! Where the repository's data is: `kind/` and `scenarios/`. No path is built in.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context as _;

use crate::failure::Usage;

/// The file among the scenarios that names the one which is meant when none is given.
const DEFAULT: &str = "default";

/// The file that makes a folder a scenario.
pub const SCENARIO_FILE: &str = "scenario.yaml";

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

    /// The folder of the scenario that is meant when none is given.
    ///
    /// # Errors
    /// [`Usage`] where no scenario is named as that.
    pub fn default_scenario(&self) -> Result<PathBuf, Usage> {
        let path = self.scenario(DEFAULT);
        let name = fs::read_to_string(&path).map_err(|error| {
            Usage::new(
                format!("failed to read {}: {error}", path.display()),
                "it names the scenario that is meant when none is given: give one",
            )
        })?;
        Ok(self.scenario(name.trim()))
    }

    /// The folders of all scenarios, sorted.
    ///
    /// # Errors
    /// When the folder of scenarios cannot be read.
    pub fn scenarios(&self) -> anyhow::Result<Vec<PathBuf>> {
        let folder = self.folder.join("scenarios");
        let mut scenarios = Vec::new();
        let failed = || format!("failed to read {}", folder.display());
        for entry in fs::read_dir(&folder).with_context(failed)? {
            let path = entry.with_context(failed)?.path();
            if path.join(SCENARIO_FILE).is_file() {
                scenarios.push(path);
            }
        }
        scenarios.sort();
        Ok(scenarios)
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
        fs::create_dir(directory.path().join("kind"))?;
        fs::write(directory.path().join("kind/catalogue.yaml"), "")?;
        let home = Home::at(directory.path())?;
        assert!(home.default_scenario().is_err(), "nothing is named");
        fs::create_dir(directory.path().join("scenarios"))?;
        fs::write(directory.path().join("scenarios/default"), "of-ours\n")?;
        assert!(home.default_scenario()?.ends_with("scenarios/of-ours"));
        assert!(home.scenarios()?.is_empty());
        Ok(())
    }
}
