//! What went into the two runs and differs: components, the machine, the plan. They are whom a change can be blamed on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::record::{Component, Record};

/// Facts of the machine that a cluster's network can depend on; how much memory there is can not.
const OF_THE_MACHINE: [&str; 6] = [
    "architecture",
    "cgroup",
    "engine",
    "kernel",
    "operating-system",
    "storage-driver",
];

/// One input that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Input {
    /// A component's name, `kernel` and the like, or `the acts of STEP`.
    pub name: String,
    /// In which way.
    pub kind: InputKind,
    /// The base's, such as its version.
    pub base: String,
    /// The candidate's.
    pub candidate: String,
}

/// In which way an input differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum InputKind {
    /// Another version of a component.
    Version,
    /// A component that only one side has.
    Presence,
    /// The same version, made from something else.
    Origin,
    /// The same version and origin, with other contents.
    Digests {
        /// What has another digest: programs, images, manifests.
        of: Vec<String>,
    },
    /// A fact of the machine.
    Machine,
    /// The number of nodes, the source or what a step does.
    Plan {
        /// The step, where it is about one.
        step: Option<String>,
    },
}

/// Whom a change is blamed on. A digest alone is a weaker suspect than a version: the same version was built again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Blame {
    /// Nothing differs between the runs: the fact flickers, or depends on what no record holds.
    Nothing,
    /// The only input that differs.
    Only {
        /// Its name.
        input: String,
    },
    /// The only one with another version or origin; the others are the same versions, built again.
    Foremost {
        /// Its name.
        input: String,
        /// The others.
        rebuilt: Vec<String>,
    },
    /// Several differ, and this pair cannot tell which did it.
    OneOf {
        /// Their names.
        inputs: Vec<String>,
    },
}

/// Why two records cannot be compared at all, where they cannot.
pub(super) fn incomparable(base: &Record, candidate: &Record) -> Option<String> {
    let (base, candidate) = (&base.canonical, &candidate.canonical);
    if base.scenario != candidate.scenario {
        return Some(format!(
            "they are of different scenarios: {} and {}",
            base.scenario, candidate.scenario
        ));
    }
    (base.document.sha256 != candidate.document.sha256).then(|| {
        format!(
            "they are of different documents: sha256 {} and {}",
            base.document.sha256, candidate.document.sha256
        )
    })
}

/// All inputs that differ: components first, by name.
pub(super) fn inputs(base: &Record, candidate: &Record) -> Vec<Input> {
    let mut inputs = components(base, candidate);
    let machines = (&base.run.machine, &candidate.run.machine);
    inputs.extend(OF_THE_MACHINE.into_iter().filter_map(|name| {
        let (base, candidate) = (machines.0.get(name)?, machines.1.get(name)?);
        (base != candidate).then(|| Input {
            name: name.to_owned(),
            kind: InputKind::Machine,
            base: base.clone(),
            candidate: candidate.clone(),
        })
    }));
    inputs.extend(plan(base, candidate));
    inputs
}

fn components(base: &Record, candidate: &Record) -> Vec<Input> {
    let by_name = |record: &Record| -> BTreeMap<String, Component> {
        let components = record.canonical.components.iter();
        components
            .map(|component| (component.name.clone(), component.clone()))
            .collect()
    };
    let (base, candidate) = (by_name(base), by_name(candidate));
    let names: BTreeSet<&String> = base.keys().chain(candidate.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| component(name, base.get(name), candidate.get(name)))
        .collect()
}

fn component(name: &str, base: Option<&Component>, candidate: Option<&Component>) -> Option<Input> {
    let input = |kind, base: &str, candidate: &str| Input {
        name: name.to_owned(),
        kind,
        base: base.to_owned(),
        candidate: candidate.to_owned(),
    };
    let (base, candidate) = match (base, candidate) {
        (Some(base), Some(candidate)) => (base, candidate),
        (None, None) => return None,
        (base, candidate) => {
            let version = |side: Option<&Component>| {
                side.map_or("none".to_owned(), |one| one.version.clone())
            };
            return Some(input(
                InputKind::Presence,
                &version(base),
                &version(candidate),
            ));
        }
    };
    if base.version != candidate.version {
        return Some(input(InputKind::Version, &base.version, &candidate.version));
    }
    if base.origin != candidate.origin {
        return Some(input(InputKind::Origin, &base.origin, &candidate.origin));
    }
    let names: BTreeSet<&String> = base
        .digests
        .keys()
        .chain(candidate.digests.keys())
        .collect();
    let of: Vec<String> = names
        .into_iter()
        .filter(|name| base.digests.get(*name) != candidate.digests.get(*name))
        .cloned()
        .collect();
    (!of.is_empty()).then(|| input(InputKind::Digests { of }, &base.version, &candidate.version))
}

fn plan(base: &Record, candidate: &Record) -> Vec<Input> {
    let mut inputs = Vec::new();
    let mut push = |name: String, step: Option<&str>, base: String, candidate: String| {
        if base != candidate {
            let step = step.map(str::to_owned);
            inputs.push(Input {
                name,
                kind: InputKind::Plan { step },
                base,
                candidate,
            });
        }
    };
    let (left, right) = (&base.canonical, &candidate.canonical);
    let nodes = |record: &Record| {
        let nodes = &record.canonical.nodes;
        let takes = if nodes.schedulable_control_planes {
            "that take pods"
        } else {
            "that take no pods"
        };
        format!(
            "{} control planes {takes}, {} workers",
            nodes.control_planes, nodes.workers
        )
    };
    push("nodes".to_owned(), None, nodes(base), nodes(candidate));
    push(
        "source".to_owned(),
        None,
        left.source.to_string(),
        right.source.to_string(),
    );
    for step in &right.steps {
        let before = left.steps.iter().find(|other| other.id == step.id);
        // A step that was not performed has no acts.
        if let Some(before) = before
            && !before.acts.is_empty()
            && !step.acts.is_empty()
            && !begins_alike(&before.acts, &step.acts)
        {
            push(
                format!("the acts of {}", step.id),
                Some(&step.id),
                before.acts.join("; "),
                step.acts.join("; "),
            );
        }
    }
    inputs
}

/// Whether one list is the beginning of the other: a step that broke has done fewer of the same acts.
fn begins_alike(one: &[String], other: &[String]) -> bool {
    one.iter().zip(other).all(|(one, other)| one == other)
}

impl Input {
    /// Whether a change of this step can come from it.
    fn concerns(&self, step: &str) -> bool {
        match &self.kind {
            InputKind::Plan { step: Some(of) } => of == step,
            _ => true,
        }
    }
}

impl Blame {
    /// Whom a change of this step can be blamed on.
    pub(super) fn of(inputs: &[Input], step: &str) -> Self {
        let suspects: Vec<&Input> = inputs.iter().filter(|input| input.concerns(step)).collect();
        let (rebuilt, foremost): (Vec<&Input>, Vec<&Input>) = suspects
            .iter()
            .partition(|input| matches!(input.kind, InputKind::Digests { .. }));
        let names = |inputs: &[&Input]| inputs.iter().map(|input| input.name.clone()).collect();
        match (suspects.as_slice(), foremost.as_slice()) {
            ([], _) => Self::Nothing,
            ([only], _) => Self::Only {
                input: only.name.clone(),
            },
            (_, [first]) => Self::Foremost {
                input: first.name.clone(),
                rebuilt: names(&rebuilt),
            },
            (all, _) => Self::OneOf { inputs: names(all) },
        }
    }

    /// The input that is blamed, where it is one.
    pub fn blamed(&self) -> Option<&str> {
        match self {
            Self::Only { input } | Self::Foremost { input, .. } => Some(input),
            Self::Nothing | Self::OneOf { .. } => None,
        }
    }
}
