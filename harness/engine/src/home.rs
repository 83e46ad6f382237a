//! Where the repository's data is, `kind/` and `scenarios/`: in a checkout, or in the program itself. No path is built in.
//!
//! What is unpacked of the program goes into the user's cache under the sha256 of its content, so that each release keeps
//! its own, and nothing is written where it is there already.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, io};

use anyhow::Context as _;
use flate2::read::GzDecoder;
use rehearse_stack::cache::Cache;

use crate::failure::Usage;
use crate::folder;

/// The file among the scenarios that names the one which is meant when none is given.
const DEFAULT: &str = "default";

/// The file that makes a folder a scenario.
pub const SCENARIO_FILE: &str = "scenario.yaml";

/// The variable that names the repository.
pub const VARIABLE: &str = "REHEARSE_HOME";

/// `kind/` and `scenarios/` as the program carries them.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// A tar archive, compressed with gzip.
    pub archive: &'static [u8],
    /// The archive's sha256 in hexadecimal.
    pub sha256: &'static str,
}

/// The program hands its own over when it starts. It is not a part of this crate, so that a scenario that changed makes
/// nobody compile the engine anew.
static EMBEDDED: OnceLock<Embedded> = OnceLock::new();

/// Tells what the program carries; what is told first counts.
pub fn embed(embedded: Embedded) {
    EMBEDDED.get_or_init(|| embedded);
}

/// A folder with `kind/` and `scenarios/` in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    folder: PathBuf,
    /// The sha256 of what the program carries, where this is it.
    embedded: Option<&'static str>,
}

impl Home {
    /// The folder that `REHEARSE_HOME` names; else the first checkout upward from the current folder, or from the program;
    /// else what the program carries.
    ///
    /// # Errors
    /// [`Usage`] when there is none, and when what the program carries cannot be unpacked.
    pub fn find() -> anyhow::Result<Self> {
        if let Some(folder) = env::var_os(VARIABLE) {
            return Self::at(Path::new(&folder));
        }
        let current = env::current_dir().ok();
        let program = env::current_exe().ok();
        let checkout = current
            .iter()
            .chain(&program)
            .flat_map(|start| start.ancestors())
            .find(|folder| is_home(folder));
        if let Some(folder) = checkout {
            return Ok(Self {
                folder: folder.to_owned(),
                embedded: None,
            });
        }
        let Some(embedded) = EMBEDDED.get() else {
            return Err(Usage::new(
                "failed to find the folder with kind/catalogue.yaml and scenarios/",
                format!("run from inside the repository, or set {VARIABLE} to it"),
            )
            .into());
        };
        Ok(Self {
            folder: unpacked(embedded, &Cache::find()?.data())
                .context("failed to unpack the scenarios that the program carries")?,
            embedded: Some(embedded.sha256),
        })
    }

    /// Where it was taken from, for the record: `checkout PATH`, or `program SHA256` for what the program carries.
    pub fn origin(&self) -> String {
        match self.embedded {
            Some(sha256) => format!("program {sha256}"),
            None => format!("checkout {}", self.folder.display()),
        }
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
            embedded: None,
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

/// The folder with what the program carries; it is made where it is not there, whole or not at all.
fn unpacked(embedded: &Embedded, cache: &Path) -> anyhow::Result<PathBuf> {
    let home = cache.join(embedded.sha256);
    if is_home(&home) {
        return Ok(home);
    }
    let failed = || format!("failed to write {}", home.display());
    folder::create_folder(cache)?;
    let unfinished = tempfile::Builder::new()
        .prefix(".unfinished-")
        .tempdir_in(cache)
        .with_context(failed)?;
    let content = unfinished.path().join("content");
    tar::Archive::new(GzDecoder::new(embedded.archive))
        .unpack(&content)
        .with_context(failed)?;
    match fs::rename(&content, &home) {
        // Another process was faster with the same.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && is_home(&home) => {}
        result => result.with_context(failed)?,
    }
    Ok(home)
}

fn is_home(folder: &Path) -> bool {
    folder.join("kind").join("catalogue.yaml").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_carries_is_unpacked_once_and_whole() -> anyhow::Result<()> {
        let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(
            Vec::new(),
            flate2::Compression::fast(),
        ));
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o755);
        archive.append_data(&mut header, "kind/catalogue.yaml", io::empty())?;
        let archive: &'static [u8] = archive.into_inner()?.finish()?.leak();
        let cache = tempfile::tempdir()?;
        let cut = Embedded {
            archive: &archive[..archive.len() / 2],
            sha256: "cut",
        };
        assert!(unpacked(&cut, cache.path()).is_err());
        assert_eq!(fs::read_dir(cache.path())?.count(), 0, "nothing is left");

        let whole = Embedded {
            archive,
            sha256: "whole",
        };
        let folder = unpacked(&whole, cache.path())?;
        assert!(is_home(&folder));
        assert_eq!(
            unpacked(&cut_like(whole), cache.path())?,
            folder,
            "it is not read again"
        );
        assert_eq!(fs::read_dir(cache.path())?.count(), 1);
        Ok(())
    }

    /// The same name over an archive that nothing can be read from.
    fn cut_like(whole: Embedded) -> Embedded {
        Embedded {
            archive: b"",
            ..whole
        }
    }

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
