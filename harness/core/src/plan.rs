//! A scenario with all of it resolved: versions, deadlines, which checks are meant, and the scenario's files themselves.
//!
//! Only this module fills in defaults. It reads no file: the program hands it the texts of the scenario's folder.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use semver::Version;
use serde::Serialize;

pub use crate::catalogue::Available;
use crate::catalogue::Source;
use crate::check::{Check, Context};
use crate::cluster::Subnets;
use crate::problem::Location;
use crate::query::Query;
use crate::record::StepLocations;
use crate::scenario::{Act, Document, DocumentLines, Nodes};

mod files;
mod resolve;
#[cfg(test)]
mod tests;
mod versions;

pub use files::Files;
pub use resolve::{DEFAULT_DEADLINE, resolve};

/// What is going to be done, to the last default. `rehearse plan --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The document that is replayed.
    pub document: Document,
    /// How many nodes.
    pub nodes: Nodes,
    /// Pods' addresses.
    pub pod_subnet: Subnets,
    /// Services' addresses.
    pub service_subnet: Subnets,
    /// Where the components come from.
    pub source: Source,
    /// Every component of the cluster with the version that runs.
    pub components: BTreeMap<String, Choice>,
    /// The steps, in order; all of them, also those after [`Plan::until`].
    pub steps: Vec<Step>,
    /// The last step that is replayed, where the user asks for one; those after it are recorded as skipped.
    pub until: Option<String>,
}

impl Plan {
    /// The version of each component that runs.
    pub fn versions(&self) -> BTreeMap<String, Version> {
        let components = self.components.iter();
        components
            .map(|(name, choice)| (name.clone(), choice.version.clone()))
            .collect()
    }

    /// What a step's checks may know besides what was seen: the cluster, its versions, and when the step began.
    pub fn context(&self, step_started: Timestamp) -> Context {
        Context {
            nodes: self.nodes.clone(),
            pod_subnet: self.pod_subnet,
            service_subnet: self.service_subnet,
            components: self.versions(),
            step_started,
        }
    }

    /// What all checks that are meant for these versions ask.
    pub fn queries(&self, context: &Context) -> BTreeSet<Query> {
        let checks = self.steps.iter().flat_map(|step| &step.checks);
        let meant = checks.filter(|check| check.skipped.is_none());
        meant
            .flat_map(|check| check.check.queries(context))
            .collect()
    }

    /// Where the scenario writes each step and check, by step id.
    pub fn locations(&self) -> BTreeMap<String, StepLocations> {
        let steps = self.steps.iter().filter_map(|step| {
            let checks = step.checks.iter();
            let locations = StepLocations {
                step: step.location.clone()?,
                checks: checks
                    .filter_map(|check| Some((check.that.clone(), check.location.clone()?)))
                    .collect(),
            };
            Some((step.id.clone(), locations))
        });
        steps.collect()
    }

    /// Names the files of all locations anew, such as by their paths in a repository.
    pub fn rename_files(&mut self, name: impl Fn(&str) -> String) {
        let mut names = BTreeMap::new();
        for step in &mut self.steps {
            let checks = step.checks.iter_mut().map(|check| &mut check.location);
            for location in checks.chain([&mut step.location]).flatten() {
                let file = location.file.clone();
                let renamed = names.entry(file).or_insert_with_key(|file| name(file));
                location.file.clone_from(renamed);
            }
        }
    }

    /// One line that says which versions were taken and why, such as `calico 3.28.4 (pinned: source module has no
    /// 3.25.0), multus 4.2.1 (asked for)`. Components that nobody names are not listed.
    pub fn one_line(&self) -> String {
        let named: Vec<String> = self
            .components
            .iter()
            .filter_map(|(component, choice)| {
                let why = choice.why(self.source)?;
                Some(format!("{component} {} ({why})", choice.version))
            })
            .collect();
        if named.is_empty() {
            format!("every component as source {} pins it", self.source)
        } else {
            named.join(", ")
        }
    }
}

/// The version of one component, and why this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Choice {
    /// The version that runs.
    pub version: Version,
    /// Who chose it.
    pub reason: Reason,
}

impl Choice {
    /// Who chose this version and why, as a short text; none where nobody asked for any.
    pub fn why(&self, source: Source) -> Option<String> {
        match &self.reason {
            Reason::Scenario => Some("as the scenario says".to_owned()),
            Reason::Asked => Some("asked for".to_owned()),
            Reason::Pinned { instead_of } => Some(format!(
                "pinned: source {source} has no {}",
                instead_of.as_ref()?
            )),
            Reason::PinnedTogether {
                component, lacked, ..
            } => Some(format!(
                "pinned together with {component}: source {source} has no {component} {lacked}"
            )),
            Reason::ComesWith { component, version } => {
                Some(format!("comes with {component} {version}"))
            }
        }
    }
}

/// Who chose a component's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Reason {
    /// The scenario asks for it, and the source has it.
    Scenario,
    /// `--with` asks for it.
    Asked,
    /// The source's own pin, as the source has no version that the scenario asks for (named where it asks for one).
    Pinned {
        /// What the scenario asks for and the source lacks.
        instead_of: Option<Version>,
    },
    /// The source's own pin, as the source has the scenario's version of this component but lacks that of another, and
    /// the versions of a set are taken together.
    PinnedTogether {
        /// What the scenario asks for and the source has.
        instead_of: Version,
        /// The component that the source lacks in the scenario's version.
        component: String,
        /// That version.
        lacked: Version,
    },
    /// It belongs to the version of another component.
    ComesWith {
        /// That component.
        component: String,
        /// Its version.
        version: Version,
    },
}

/// One step, resolved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// Its id.
    pub id: String,
    /// Where the scenario writes it; none for a scenario without a file.
    pub location: Option<Location>,
    /// What holds afterwards.
    pub title: String,
    /// The document's lines.
    pub document: Option<DocumentLines>,
    /// The longest that acts and waits may take together.
    #[serde(serialize_with = "seconds")]
    pub deadline: Duration,
    /// What is done, in order.
    pub acts: Vec<PlannedAct>,
    /// What must hold.
    pub checks: Vec<PlannedCheck>,
}

/// One act with the text of the scenario's file that it uses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedAct {
    /// The act as written.
    pub act: Act,
    /// The text of its manifest, patch or template; none for acts without one.
    pub text: Option<String>,
}

/// One check with its times resolved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedCheck {
    /// The short sentence; unique in its step.
    pub that: String,
    /// Where the scenario writes it; none for a scenario without a file.
    pub location: Option<Location>,
    /// The rule.
    pub check: Check,
    /// Becomes true within this time.
    #[serde(serialize_with = "optional_seconds")]
    pub until: Option<Duration>,
    /// Stays true for this time.
    #[serde(serialize_with = "optional_seconds")]
    pub hold: Option<Duration>,
    /// Why the check is not meant for these versions, where it is not.
    pub skipped: Option<String>,
}

/// What the user asked for besides the scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where components come from.
    pub source: Source,
    /// `--with` versions.
    pub with: BTreeMap<String, Version>,
    /// The last step that is replayed.
    pub until: Option<String>,
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

#[expect(clippy::ref_option, reason = "serde hands a reference to the field")]
fn optional_seconds<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => serializer.serialize_some(&duration.as_secs_f64()),
        None => serializer.serialize_none(),
    }
}
