//! What `run`, `plan` and `check` have in common: the scenario's files, the catalogue, and the plan that is made of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use rehearse_core::capture::Capture;
use rehearse_core::catalogue::{Catalogue, Source};
use rehearse_core::lock::Lock;
use rehearse_core::plan::{self, Available, Options, Plan, Reason};
use rehearse_core::record::DocumentUnderTest;
use rehearse_core::scenario::{self, Scenario};
use rehearse_core::trouble::KnownMessages;
use semver::Version;
use sha2::{Digest as _, Sha256};

use rehearse_engine::failure::Usage;
use rehearse_engine::home::Home;
use rehearse_engine::run::lock;

/// The file that makes a folder a scenario.
pub const SCENARIO_FILE: &str = "scenario.yaml";

/// Which scenario, with which components.
#[derive(Clone, Debug, clap::Args)]
pub struct Selection {
    /// The scenario's folder [default: scenarios/multus-on-crio-with-calico of this repository]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<PathBuf>,

    /// Where components come from: `module` builds them on this machine from Go modules and distribution packages,
    /// `registry` takes upstream images and manifests, `local` takes images that the engine holds
    #[arg(long, value_name = "SOURCE", default_value_t = Source::Module)]
    pub source: Source,

    /// Another version of a component, such as `--with calico=3.28.4`; may be given several times
    #[arg(long, value_name = "COMPONENT=VERSION")]
    pub with: Vec<With>,

    /// The folder of manifests that go with `--source local`
    #[arg(long, value_name = "DIR")]
    pub manifests: Option<PathBuf>,

    /// The last step that is replayed; the rest is recorded as skipped
    #[arg(long, value_name = "STEP")]
    pub until: Option<String>,

    /// Repeats the run that left this `rehearse.lock`: its versions, and exactly what it was made of, or each difference
    /// is listed and nothing starts
    #[arg(long, value_name = "FILE")]
    pub locked: Option<PathBuf>,
}

/// `COMPONENT=VERSION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct With {
    /// The component.
    pub component: String,
    /// Its version.
    pub version: Version,
}

impl FromStr for With {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (component, version) = text
            .split_once('=')
            .ok_or_else(|| "it is not COMPONENT=VERSION, such as calico=3.28.4".to_owned())?;
        let version = version.strip_prefix('v').unwrap_or(version);
        Ok(Self {
            component: component.to_owned(),
            version: Version::parse(version)
                .map_err(|error| format!("{version} is not a version such as 3.28.4: {error}"))?,
        })
    }
}

/// A plan with where it comes from.
#[derive(Debug)]
pub struct Prepared {
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
        None => Ok(Home::find()?.default_scenario()),
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
        let folder = self.folder(&home);
        let (scenario, files) = read(&folder)?;
        let mut options = self.options();
        if let Some(locked) = &locked {
            options.source = locked.source;
            options.with = locked.asked.clone();
            options.until = self.until.clone().or_else(|| locked.until.clone());
        }
        let available = catalogue.available(options.source);
        let mut plan = plan::resolve(&scenario, &files, &available, &options)?;
        if let Some(locked) = &locked {
            // Where the catalogue would choose another version by now, the lock's is asked for.
            for (name, component) in &locked.components {
                let chosen = plan.components.get(name);
                if chosen.is_some_and(|choice| choice.version != component.version) {
                    options.with.insert(name.clone(), component.version.clone());
                }
            }
            plan = plan::resolve(&scenario, &files, &available, &options)?;
        }
        Ok(Prepared {
            messages: messages(&home)?,
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
        let asked = self
            .with
            .iter()
            .map(|with| (&with.component, &with.version));
        for (name, version) in capture.versions().iter().chain(asked) {
            let versions = available.versions.entry(name.clone()).or_default();
            versions.insert(version.clone());
        }
        Ok(plan::resolve(
            &scenario,
            &files,
            &available,
            &self.options(),
        )?)
    }

    /// The scenario's folder.
    pub fn folder(&self, home: &Home) -> PathBuf {
        self.scenario
            .clone()
            .unwrap_or_else(|| home.default_scenario())
    }

    fn options(&self) -> Options {
        let with = self.with.iter();
        Options {
            source: self.source,
            with: with
                .map(|with| (with.component.clone(), with.version.clone()))
                .collect(),
            until: self.until.clone(),
        }
    }

    /// The command line that gives the same plan again.
    pub fn command(&self, plan: &Plan) -> String {
        let mut words = vec!["rehearse run".to_owned()];
        words.extend(
            self.scenario
                .iter()
                .map(|folder| folder.display().to_string()),
        );
        words.push(format!("--source {}", plan.source));
        words.extend(
            self.manifests
                .iter()
                .map(|folder| format!("--manifests {}", folder.display())),
        );
        words.extend(
            plan.components
                .iter()
                .filter(|(_, choice)| choice.reason != Reason::Pinned { instead_of: None })
                .map(|(name, choice)| format!("--with {name}={}", choice.version)),
        );
        words.extend(plan.until.iter().map(|until| format!("--until {until}")));
        words.join(" ")
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
            for With { component, version } in &self.with {
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
        with: Vec::new(),
        manifests: None,
        until: None,
        locked: None,
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
    let text = fs::read_to_string(&path).map_err(|error| {
        Usage::new(
            format!("failed to read {}: {error}", path.display()),
            "give the folder of a scenario, one with a scenario.yaml in it",
        )
    })?;
    let scenario = scenario::parse(&path.display().to_string(), &text)?;
    let mut files = BTreeMap::new();
    for name in plan::scenario_files(&scenario) {
        let path = folder.join(&name);
        if path.is_file() {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("failed to read {}", path.display()))?;
            files.insert(name, text);
        }
    }
    Ok((scenario, files))
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
    hasher
        .finalize()
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_may_have_a_v_and_must_be_one() {
        let with = "calico=v3.28.4".parse::<With>();
        assert_eq!(
            with.map(|with| with.version.to_string()),
            Ok("3.28.4".to_owned())
        );
        insta::assert_snapshot!("calico=latest".parse::<With>().err().unwrap_or_default(), @"latest is not a version such as 3.28.4: unexpected character 'l' while parsing major version number");
        insta::assert_snapshot!("calico".parse::<With>().err().unwrap_or_default(), @"it is not COMPONENT=VERSION, such as calico=3.28.4");
    }
}
