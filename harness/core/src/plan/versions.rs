//! Which version of each component runs, and why; and which checks are meant for it.

use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};

use super::{Available, Choice, Options, Reason};
use crate::problem::{Problem, Problems, known_names};
use crate::scenario::{Act, Scenario};
use crate::version::is_meant_for;
use crate::yaml::{self, Node};

/// Chooses a version of each component that the source pins or that anybody names. `tree` is the scenario file's own.
pub(super) fn choose(
    scenario: &Scenario,
    tree: &Node,
    available: &Available,
    options: &Options,
    problems: &mut Problems,
) -> BTreeMap<String, Choice> {
    let known: BTreeSet<&str> = available
        .pins
        .keys()
        .chain(available.versions.keys())
        .map(String::as_str)
        .collect();
    unknown_components(scenario, tree, &known, options, problems);
    let lacking = lacking(scenario, available);
    let mut choices = BTreeMap::new();
    for &name in &known {
        match choice(name, scenario, available, options, lacking.as_ref()) {
            Ok(choice) => choices.extend(choice.map(|choice| (name.to_owned(), choice))),
            Err(message) => {
                let problem = if let Some(version) = options.with.get(name) {
                    Problem::new(&format!("--with {name}={version}"), message)
                } else {
                    let span = tree.key("components").key(name).span();
                    scenario.source.problem(span, message)
                };
                problems.push(problem.with_hint(known_versions(name, available)));
            }
        }
    }
    add_companions(&mut choices, available, options, problems);
    choices
}

/// Takes the versions that belong to those that were chosen, where the choice was anybody else's than the user's.
fn add_companions(
    choices: &mut BTreeMap<String, Choice>,
    available: &Available,
    options: &Options,
    problems: &mut Problems,
) {
    for (name, choice) in choices.clone() {
        let companions = available.companions.get(&name);
        let companions = companions.and_then(|versions| versions.get(&choice.version));
        for (other, companion) in companions.into_iter().flatten() {
            let chosen = choices.get(other).map(|chosen| &chosen.version);
            if chosen == Some(companion) {
                continue;
            }
            if let Some(asked) = options.with.get(other) {
                let message = format!("{name} {} comes with {other} {companion}", choice.version);
                let problem = Problem::new(&format!("--with {other}={asked}"), message);
                problems.push(problem.with_hint(format!("leave it out, or take another {name}")));
                continue;
            }
            let reason = Reason::ComesWith {
                component: name.clone(),
                version: choice.version.clone(),
            };
            let version = companion.clone();
            choices.insert(other.clone(), Choice { version, reason });
        }
    }
}

/// The version of a component that somebody names or the source pins, or why there is none.
fn choice(
    name: &str,
    scenario: &Scenario,
    available: &Available,
    options: &Options,
    lacking: Option<&(String, Version)>,
) -> Result<Option<Choice>, String> {
    let lacks = |version: &Version| format!("source {} has no {name} {version}", available.source);
    if let Some(asked) = options.with.get(name) {
        let version = held(name, asked, available).ok_or_else(|| lacks(asked))?;
        let reason = Reason::Asked;
        return Ok(Some(Choice { version, reason }));
    }
    let written = scenario.components.get(name);
    if let Some(version) = written.and_then(|version| held(name, version, available)) {
        let pin = available.pins.get(name);
        return Ok(Some(match (lacking, pin) {
            (Some((component, lacked)), Some(pin)) if *pin != version => Choice {
                version: pin.clone(),
                reason: Reason::PinnedTogether {
                    instead_of: version,
                    component: component.clone(),
                    lacked: lacked.clone(),
                },
            },
            _ => Choice {
                version,
                reason: Reason::Scenario,
            },
        }));
    }
    match (available.pins.get(name), written) {
        (Some(pin), instead_of) => Ok(Some(Choice {
            version: pin.clone(),
            reason: Reason::Pinned {
                instead_of: instead_of.cloned(),
            },
        })),
        (None, Some(version)) => Err(format!("{}, and pins no other", lacks(version))),
        (None, None) => Ok(None),
    }
}

/// The first component that the scenario names in a version that the source lacks. The versions of a document were seen
/// together, and so were those that a source pins; half of each was seen by nobody.
fn lacking(scenario: &Scenario, available: &Available) -> Option<(String, Version)> {
    scenario
        .components
        .iter()
        .find(|(name, version)| held(name, version, available).is_none())
        .map(|(name, version)| (name.clone(), version.clone()))
}

/// The source's version that is meant: the very same, or the newest build of it where the build is not named.
fn held(name: &str, wanted: &Version, available: &Available) -> Option<Version> {
    let versions = available.versions.get(name)?;
    if let Some(same) = versions.get(wanted) {
        return Some(same.clone());
    }
    let is_build_of = |version: &&Version| version.cmp_precedence(wanted).is_eq();
    let mut newest_first = versions.iter().rev();
    wanted
        .build
        .is_empty()
        .then(|| newest_first.find(is_build_of).cloned())?
}

fn known_versions(name: &str, available: &Available) -> String {
    let versions = available.versions.get(name).into_iter().flatten();
    let list: Vec<_> = versions.map(Version::to_string).collect();
    if list.is_empty() {
        format!("source {} has no version of it", available.source)
    } else {
        format!("known: {}", list.join(", "))
    }
}

fn unknown_components(
    scenario: &Scenario,
    tree: &Node,
    known: &BTreeSet<&str>,
    options: &Options,
    problems: &mut Problems,
) {
    let message = |name: &str| format!("unknown component `{name}`");
    let hint = |name: &str| known_names(name, known.iter().copied());
    for (name, version) in &options.with {
        if !known.contains(name.as_str()) {
            let option = format!("--with {name}={version}");
            problems.push(Problem::new(&option, message(name)).with_hint(hint(name)));
        }
    }
    let mut named = Vec::new();
    for name in scenario.components.keys() {
        named.push((name, tree.key("components").key_span(name)));
    }
    for (index, step) in scenario.steps.iter().enumerate() {
        let node = tree.key("steps").item(index);
        for (index, act) in step.act.iter().enumerate() {
            if let Act::Install(install) = act {
                let node = node.key("act").item(index).only();
                named.push((&install.component, node.key("component").span()));
            }
        }
        for (index, expectation) in step.expect.iter().enumerate() {
            let node = node.key("expect").item(index).key("when");
            for name in expectation.when.keys() {
                named.push((name, node.key_span(name)));
            }
        }
    }
    for (name, span) in named {
        if !known.contains(name.as_str()) {
            let problem = scenario.source.problem(span, message(name));
            problems.push(problem.with_hint(hint(name)));
        }
    }
}

/// What no version at all can meet: each `when` of which `known` has the component, but no version that is meant. A check
/// for versions that are to come is taken where it begins at the version at which another one of its step ends. A
/// capture's own versions are no such choice, so this is asked for where the whole catalogue is known.
pub fn unmet_conditions(
    scenario: &Scenario,
    known: &BTreeMap<String, BTreeSet<Version>>,
) -> Problems {
    let tree = yaml::read(&scenario.source).unwrap_or_default();
    let mut problems = Problems::default();
    for (index, step) in scenario.steps.iter().enumerate() {
        let expectations = tree.key("steps").item(index).key("expect");
        for (index, expectation) in step.expect.iter().enumerate() {
            let node = expectations.item(index).key("when");
            for (component, requirement) in &expectation.when {
                let Some(versions) = known.get(component) else {
                    continue;
                };
                let others = step.expect.iter().enumerate();
                let others = others.filter(|(other, _)| *other != index);
                let ends = others.filter_map(|(_, other)| other.when.get(component));
                let ends = ends.flat_map(|other| &other.comparators).map(|end| {
                    let part = |part: Option<u64>| part.unwrap_or_default();
                    Version::new(end.major, part(end.minor), part(end.patch))
                });
                let mut meant = versions.iter().cloned().chain(ends);
                if meant.any(|version| is_meant_for(requirement, &version)) {
                    continue;
                }
                let list: Vec<_> = versions.iter().map(Version::to_string).collect();
                let problem = scenario.source.problem(
                    node.key(component).span(),
                    format!("no version of {component} in the catalogue is {requirement}"),
                );
                problems.push(problem.with_hint(format!("known: {}", list.join(", "))));
            }
        }
    }
    problems
}

/// Why a check is not meant for the versions that run, where it is not.
pub(super) fn not_meant(
    when: &BTreeMap<String, VersionReq>,
    choices: &BTreeMap<String, Choice>,
) -> Option<String> {
    let reasons: Vec<String> = when
        .iter()
        .filter_map(|(component, requirement)| match choices.get(component) {
            Some(choice) if is_meant_for(requirement, &choice.version) => None,
            Some(choice) => Some(format!(
                "meant for {component} {requirement}, runs {}",
                choice.version
            )),
            None => Some(format!(
                "meant for {component} {requirement}, which is not there"
            )),
        })
        .collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}
