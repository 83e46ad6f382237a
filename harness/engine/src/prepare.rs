//! The scenario's files, the catalogue, and the plan that is made of them. Nothing is performed, and nothing of a machine
//! but its files is read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rehearse_core::capture::Capture;
use rehearse_core::catalogue::{Catalogue, Source};
use rehearse_core::lock::Lock;
use rehearse_core::plan::{self, Available, Options, Plan};
use rehearse_core::planted::{self, Planted};
use rehearse_core::problem::Problems;
use rehearse_core::record::DocumentUnderTest;
use rehearse_core::scenario::{self, Scenario};
use rehearse_core::trouble::KnownMessages;
use semver::Version;
use sha2::{Digest as _, Sha256};

use crate::failure::{Usage, joined};
use crate::home::{Home, SCENARIO_FILE};
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
    pub home: Home,
    /// Its catalogue.
    pub catalogue: Catalogue,
    /// What the components are known to say.
    pub messages: KnownMessages,
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

/// The folder of a scenario: the one that was named, or the repository's own.
///
/// # Errors
/// Where there is no repository.
pub fn scenario_folder(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    match named {
        Some(folder) => Ok(folder.to_owned()),
        None => Ok(Home::find()?.default_scenario()?),
    }
}

impl Selection {
    /// Reads the scenario and the catalogue and resolves the plan.
    ///
    /// # Errors
    /// [`Usage`] or the files' problems; both are exit code 2.
    pub fn prepare(&self) -> anyhow::Result<Prepared> {
        let home = Home::find()?;
        let catalogue = catalogue(&home)?;
        let locked = self.locked.as_deref().map(lock::read).transpose()?;
        self.refuse_contradictions(locked.as_ref())?;
        let folder = self.folder(&home)?;
        let (scenario, files) = read(&folder)?;
        let mut options = self.options();
        if let Some(locked) = &locked {
            options.source = locked.source;
            options.with = locked.asked.clone();
            options.until = self.until.clone().or_else(|| locked.until.clone());
        }
        let unmet = plan::unmet_conditions(&scenario, &catalogue.all_versions());
        unmet.or(())?;
        let available = catalogue.available(options.source);
        let mut plan = resolve(&scenario, &files, &available, &options)?;
        if let Some(locked) = &locked {
            // Where the catalogue would choose another version by now, the lock's is asked for.
            for (name, component) in &locked.components {
                let chosen = plan.components.get(name);
                if chosen.is_some_and(|choice| choice.version != component.version) {
                    options.with.insert(name.clone(), component.version.clone());
                }
            }
            plan = resolve(&scenario, &files, &available, &options)?;
        }
        Ok(Prepared {
            messages: messages(&home)?,
            selection: self.clone(),
            home,
            catalogue,
            folder,
            plan,
            scenario_sha256: digest(&scenario, &files),
            locked,
            document: None,
        })
    }

    /// The plan with the versions of a capture in the catalogue's place: a capture stays playable when the catalogue has
    /// moved on. A version that `--with` asks for is planned all the same; whether the capture has it is for the stage to say.
    ///
    /// # Errors
    /// As [`Selection::prepare`].
    pub fn plan_for(&self, folder: &Path, capture: &Capture) -> anyhow::Result<Plan> {
        self.refuse_contradictions(None)?;
        let (scenario, files) = read(folder)?;
        let mut available = Available {
            source: self.source,
            pins: capture.versions(),
            ..Available::default()
        };
        for (name, version) in capture.versions().iter().chain(&self.with) {
            let versions = available.versions.entry(name.clone()).or_default();
            versions.insert(version.clone());
        }
        Ok(resolve(&scenario, &files, &available, &self.options())?)
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
    scenario: &Scenario,
    files: &BTreeMap<String, String>,
    available: &Available,
    options: &Options,
) -> Result<Plan, Problems> {
    let mut plan = plan::resolve(scenario, files, available, options)?;
    plan.rename_files(|file| scenario_file::reported(Path::new(file)));
    Ok(plan)
}

/// The plan that a capture is judged by: the scenario as it is now, in the capture's versions.
///
/// # Errors
/// [`Usage`] when the scenario is not there, or the problems in it.
pub fn plan_of(scenario: Option<&Path>, capture: &Capture) -> anyhow::Result<(PathBuf, Plan)> {
    let folder = match scenario {
        Some(folder) => folder.to_owned(),
        None => Home::find()?.scenario(&capture.scenario),
    };
    let selection = Selection {
        scenario: Some(folder.clone()),
        source: capture.source,
        ..Selection::default()
    };
    let plan = selection.plan_for(&folder, capture)?;
    Ok((folder, plan))
}

/// The repository's catalogue.
///
/// # Errors
/// When it cannot be read, or the problems in it.
pub fn catalogue(home: &Home) -> anyhow::Result<Catalogue> {
    let path = home.catalogue();
    let text =
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    Ok(Catalogue::parse(&path.display().to_string(), &text)?)
}

/// What the repository knows of messages.
///
/// # Errors
/// When the file cannot be read, or the problems in it.
pub fn messages(home: &Home) -> anyhow::Result<KnownMessages> {
    let path = home.messages();
    let text =
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    Ok(KnownMessages::parse(&path.display().to_string(), &text)?)
}

/// A scenario with the texts of its files; files that are not there are left to the plan, which says who names them.
///
/// # Errors
/// [`Usage`] when the folder is not a scenario, or the problems in it.
pub fn read(folder: &Path) -> anyhow::Result<(Scenario, BTreeMap<String, String>)> {
    let path = folder.join(SCENARIO_FILE);
    let text = scenario_file::read_within(folder, SCENARIO_FILE)?.ok_or_else(|| {
        Usage::new(
            format!("failed to read {}: there is no such file", path.display()),
            "give the folder of a scenario, one with a scenario.yaml in it",
        )
    })?;
    let scenario = scenario::parse(&path.display().to_string(), &text)?;
    let mut files = BTreeMap::new();
    let mut problems = Problems::default();
    for name in plan::scenario_files(&scenario) {
        let read = joined(scenario_file::read_within(folder, &name), &mut problems)?;
        if let Some(text) = read.flatten() {
            files.insert(name, text);
        }
    }
    problems.or(())?;
    Ok((scenario, files))
}

/// The faults of a scenario, by its folder.
///
/// # Errors
/// As [`read`], [`Usage`] where it has none, and the problems in them.
pub fn faults(folder: &Path) -> anyhow::Result<Planted> {
    let (scenario, _) = read(folder)?;
    let path = folder.join(planted::FILE);
    let text = scenario_file::read_within(folder, planted::FILE)?.ok_or_else(|| {
        Usage::new(
            format!("failed to read {}: there is no such file", path.display()),
            "the faults of a scenario stand beside its scenario.yaml",
        )
    })?;
    Ok(planted::parse(
        &path.display().to_string(),
        &text,
        &scenario,
    )?)
}

/// The digest of a scenario: of its file, and of each file that its steps use with its name.
fn digest(scenario: &Scenario, files: &BTreeMap<String, String>) -> String {
    let mut hasher = Sha256::new();
    let parts = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    for (name, text) in [(SCENARIO_FILE, &*scenario.source.text)]
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
