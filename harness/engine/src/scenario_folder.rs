//! A scenario's folder, read once: the scenario as far as it could be read, and the texts of the files that its steps use.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rehearse_core::matrix::{self, Versions};
use rehearse_core::plan::Files;
use rehearse_core::planted::{self, Planted};
use rehearse_core::problem::Problems;
use rehearse_core::scenario::{self, Draft, Scenario};
use sha2::{Digest as _, Sha256};

use crate::failure::{Usage, joined};
use crate::home::{Home, SCENARIO_FILE};
use crate::scenario_file;

/// The file of a scenario's folder that says which versions are replayed together.
pub const VERSIONS: &str = "versions.yaml";

/// A scenario's folder with what is in its files; what is wrong with them is told where they are used.
#[derive(Debug)]
pub struct ScenarioFolder {
    /// Where it is, as it was given.
    pub path: PathBuf,
    /// What could be read of the scenario.
    pub draft: Draft,
    /// The files that its acts name.
    pub files: Files,
}

impl ScenarioFolder {
    /// Reads the one that was named, or the repository's own.
    ///
    /// # Errors
    /// Where there is no repository, and as [`ScenarioFolder::read`].
    pub fn named(named: Option<&Path>) -> anyhow::Result<Self> {
        match named {
            Some(path) => Self::read(path),
            None => Self::read(&Home::find()?.default_scenario()?),
        }
    }

    /// Reads it; files that are not there are left to the plan, which says who names them.
    ///
    /// # Errors
    /// [`Usage`] when the folder is not a scenario; a file that the machine does not give.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let hint = "give the folder of a scenario, one with a scenario.yaml in it";
        if path.is_file() {
            return Err(Usage::new(format!("{} is a file", path.display()), hint).into());
        }
        let mut problems = Problems::default();
        let draft = match joined(text(path, SCENARIO_FILE, hint), &mut problems)? {
            Some((file, text)) => scenario::read(&file, &text),
            None => Draft::from(problems),
        };
        let mut files = Files::new();
        for name in draft.files() {
            let mut problems = Problems::default();
            let read = joined(scenario_file::read_within(path, &name), &mut problems)?;
            match read {
                Some(Some(text)) => files.insert(name, Ok(text)),
                Some(None) => None,
                None => files.insert(name, Err(problems)),
            };
        }
        Ok(Self {
            path: path.to_owned(),
            draft,
            files,
        })
    }

    /// The scenario with the texts of its files.
    ///
    /// # Errors
    /// What is wrong with their texts.
    pub fn whole(&self) -> Result<(Scenario, BTreeMap<String, String>), Problems> {
        let mut problems = self.draft.problems().clone();
        let mut texts = BTreeMap::new();
        for (name, read) in &self.files {
            match read {
                Ok(text) => {
                    texts.insert(name.clone(), text.clone());
                }
                Err(unreadable) => problems.extend(unreadable.clone()),
            }
        }
        problems.or(())?;
        Ok((self.draft.whole()?, texts))
    }

    /// The sha256 in hexadecimal of the scenario's file, and of each file that its steps use with its name.
    pub fn sha256(&self) -> String {
        let mut hasher = Sha256::new();
        let files = self.files.iter();
        let parts = files.filter_map(|(name, read)| Some((name.as_str(), read.as_deref().ok()?)));
        for (name, text) in [(SCENARIO_FILE, self.draft.text())]
            .into_iter()
            .chain(parts)
        {
            // The length before each part, so that no two scenarios are one text.
            for part in [name, text] {
                hasher.update(part.len().to_le_bytes());
                hasher.update(part);
            }
        }
        hex::encode(hasher.finalize())
    }

    /// A file beside the scenario's own: the path by which the user knows it, and its text. `hint` is for where it is not
    /// there.
    ///
    /// # Errors
    /// [`Usage`] where it is not there, and as [`scenario_file::read_within`].
    pub fn beside(&self, name: &str, hint: &str) -> anyhow::Result<(String, String)> {
        text(&self.path, name, hint)
    }

    /// Whether there is such a file.
    pub fn has(&self, name: &str) -> bool {
        // A link to nothing is there too, and cannot be read.
        self.path.join(name).symlink_metadata().is_ok()
    }

    /// The scenario's versions.
    ///
    /// # Errors
    /// As [`ScenarioFolder::beside`], and the problems in them.
    pub fn versions(&self) -> anyhow::Result<Versions> {
        let (file, text) = self.beside(VERSIONS, "a scenario's matrix is its versions.yaml")?;
        Ok(matrix::parse(&file, &text)?)
    }

    /// The scenario's faults.
    ///
    /// # Errors
    /// As [`ScenarioFolder::beside`], and the problems in them.
    pub fn faults(&self) -> anyhow::Result<Planted> {
        let hint = "the faults of a scenario stand beside its scenario.yaml";
        let (file, text) = self.beside(planted::FILE, hint)?;
        Ok(planted::parse(&file, &text, &self.draft.names())?)
    }
}

fn text(folder: &Path, name: &str, hint: &str) -> anyhow::Result<(String, String)> {
    let file = folder.join(name).display().to_string();
    let text = scenario_file::read_within(folder, name)?.ok_or_else(|| {
        Usage::new(
            format!("failed to read {file}: there is no such file"),
            hint,
        )
    })?;
    Ok((file, text))
}
