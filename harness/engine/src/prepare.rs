//! The scenario's files, the catalogue, and the plan that is made of them. Nothing is performed, and nothing of a machine
//! but its files is read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rehearse_core::capture::Capture;
use rehearse_core::catalogue::Source;
use rehearse_core::lock::Lock;
use rehearse_core::plan::{self, Available, Options, Plan};
use rehearse_core::problem::Problems;
use rehearse_core::record::DocumentUnderTest;
use semver::Version;

use crate::failure::Usage;
use crate::home::Home;
use crate::repository::Repository;
use crate::scenario_folder::ScenarioFolder;
use crate::{lock, scenario_file};

/// Which scenario, with which components.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The scenario's folder; the repository's own where none is named.
    pub scenario: Option<PathBuf>,
    /// Where components come from.
    pub source: Source,
    /// Versions that are asked for, by component.
    pub with: BTreeMap<String, Version>,
    /// The folder of manifests that go with the local source.
    pub manifests: Option<PathBuf>,
    /// The last step that is performed; the rest is recorded as skipped.
    pub until: Option<String>,
    /// The lock of a run that is to be repeated exactly.
    pub locked: Option<PathBuf>,
}

/// A plan with where it comes from.
#[derive(Debug)]
pub struct Prepared {
    /// What was asked for.
    pub selection: Selection,
    /// The repository.
    pub repository: Arc<Repository>,
    /// The scenario's folder.
    pub folder: PathBuf,
    /// What is done.
    pub plan: Plan,
    /// The sha256 of the scenario's file and of every file that its steps use, in hexadecimal.
    pub scenario_sha256: String,
    /// The run that is to be repeated exactly.
    pub locked: Option<Lock>,
    /// What was found in the document that the run was given.
    pub document: Option<DocumentUnderTest>,
}

impl Selection {
    /// Reads the scenario and the catalogue and resolves the plan.
    ///
    /// # Errors
    /// [`Usage`] or the files' problems; both are exit code 2.
    pub fn prepare(&self) -> anyhow::Result<Prepared> {
        let repository = Repository::read()?;
        let folder = self.read(&repository)?;
        self.prepare_in(&Arc::new(repository), &folder)
    }

    /// The scenario's folder, read.
    ///
    /// # Errors
    /// As [`ScenarioFolder::read`].
    pub fn read(&self, repository: &Repository) -> anyhow::Result<ScenarioFolder> {
        ScenarioFolder::read(&self.folder(&repository.home)?)
    }

    /// As [`Selection::prepare`], where the repository and the scenario's folder are read already.
    ///
    /// # Errors
    /// As [`Selection::prepare`].
    pub fn prepare_in(
        &self,
        repository: &Arc<Repository>,
        folder: &ScenarioFolder,
    ) -> anyhow::Result<Prepared> {
        let locked = self.locked.as_deref().map(lock::read).transpose()?;
        self.refuse_contradictions(locked.as_ref())?;
        let mut options = self.options();
        if let Some(locked) = &locked {
            options.source = locked.source;
            options.with = locked.asked.clone();
            options.until = self.until.clone().or_else(|| locked.until.clone());
        }
        let available = repository.catalogue.available(options.source);
        let mut plan = resolve(folder, &available, &options)?;
        if let Some(locked) = &locked {
            // Where the catalogue would choose another version by now, the lock's is asked for.
            for (name, component) in &locked.components {
                let chosen = plan.components.get(name);
                if chosen.is_some_and(|choice| choice.version != component.version) {
                    options.with.insert(name.clone(), component.version.clone());
                }
            }
            plan = resolve(folder, &available, &options)?;
        }
        Ok(Prepared {
            selection: self.clone(),
            repository: Arc::clone(repository),
            folder: folder.path.clone(),
            plan,
            scenario_sha256: folder.sha256(),
            locked,
            document: None,
        })
    }

    /// The plan with the versions of a capture in the catalogue's place: a capture stays playable when the catalogue has
    /// moved on. A version that `--with` asks for is planned all the same; whether the capture has it is for the stage to say.
    ///
    /// # Errors
    /// As [`Selection::prepare`].
    pub fn plan_for(
        &self,
        repository: &Repository,
        folder: &ScenarioFolder,
        capture: &Capture,
    ) -> anyhow::Result<Plan> {
        self.refuse_contradictions(None)?;
        let mut available = Available {
            pins: capture.versions(),
            versions: BTreeMap::new(),
            ..repository.catalogue.available(self.source)
        };
        for (name, version) in capture.versions().iter().chain(&self.with) {
            for versions in [&mut available.versions, &mut available.everywhere] {
                let versions = versions.entry(name.clone()).or_default();
                versions.insert(version.clone());
            }
        }
        Ok(resolve(folder, &available, &self.options())?)
    }

    /// The scenario's folder.
    ///
    /// # Errors
    /// As [`Home::default_scenario`], where none is named.
    pub fn folder(&self, home: &Home) -> Result<PathBuf, Usage> {
        match &self.scenario {
            Some(folder) => Ok(folder.clone()),
            None => home.default_scenario(),
        }
    }

    fn options(&self) -> Options {
        Options {
            source: self.source,
            with: self.with.clone(),
            until: self.until.clone(),
        }
    }

    fn refuse_contradictions(&self, locked: Option<&Lock>) -> Result<(), Usage> {
        let source = locked.map_or(self.source, |locked| locked.source);
        if let Some(locked) = locked {
            // The source that is meant where none is typed contradicts nothing.
            if self.source != locked.source && self.source != Source::default() {
                return Err(Usage::new(
                    format!(
                        "the lock is of source {}, not {}",
                        locked.source, self.source
                    ),
                    "leave --source out",
                ));
            }
            for (component, version) in &self.with {
                let held = locked.components.get(component);
                if held.is_none_or(|held| held.version != *version) {
                    return Err(Usage::new(
                        format!("the lock has another version of {component} than {version}"),
                        "leave --with out, or --locked",
                    ));
                }
            }
        }
        if self.manifests.is_some() && source != Source::Local {
            return Err(Usage::new(
                format!("--manifests has no meaning with --source {source}"),
                "add --source local",
            ));
        }
        Ok(())
    }
}

/// The plan of a scenario, in whose locations a file has the name that reports give it.
fn resolve(
    folder: &ScenarioFolder,
    available: &Available,
    options: &Options,
) -> Result<Plan, Problems> {
    let mut plan = plan::resolve(&folder.draft, &folder.files, available, options)?;
    plan.rename_files(|file| scenario_file::reported(Path::new(file)));
    Ok(plan)
}

/// The plan that a capture is judged by: the scenario as it is now, in the capture's versions.
///
/// # Errors
/// [`Usage`] when the scenario is not there, or the problems in it.
pub fn plan_of(scenario: Option<&Path>, capture: &Capture) -> anyhow::Result<(PathBuf, Plan)> {
    let repository = Repository::read()?;
    let folder = match scenario {
        Some(folder) => folder.to_owned(),
        None => repository.home.scenario(&capture.scenario),
    };
    let folder = ScenarioFolder::read(&folder)?;
    let plan = plan_in(&repository, &folder, capture)?;
    Ok((folder.path, plan))
}

/// As [`plan_of`], where the repository and the scenario's folder are read already.
///
/// # Errors
/// The problems in the scenario.
pub fn plan_in(
    repository: &Repository,
    folder: &ScenarioFolder,
    capture: &Capture,
) -> anyhow::Result<Plan> {
    let selection = Selection {
        source: capture.source,
        ..Selection::default()
    };
    selection.plan_for(repository, folder, capture)
}
