//! Which version of each component runs, and why; and which checks are meant for it.

use std::collections::{BTreeMap, BTreeSet};

use semver::{Comparator, Op, Version, VersionReq};

use super::{Available, Choice, Options, Reason};
use crate::problem::{Problem, Problems, known_names};
use crate::scenario::{Act, Draft};
use crate::version::is_meant_for;

/// Chooses a version of each component that the source pins or that anybody names, and tells of every name and condition
/// of the scenario that these versions leave without a meaning.
pub(super) fn choose(
    draft: &Draft,
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
    unknown_components(draft, &known, options, problems);
    // What could not be read has been told; then the source's own versions are taken.
    let nothing = BTreeMap::new();
    let written = draft.components.as_ref().unwrap_or(&nothing);
    let lacking = lacking(written, available);
    let mut choices = BTreeMap::new();
    for &name in &known {
        match choice(name, written, available, options, lacking.as_ref()) {
            Ok(choice) => choices.extend(choice.map(|choice| (name.to_owned(), choice))),
            Err(message) => {
                let problem = if let Some(version) = options.with.get(name) {
                    Problem::new(&format!("--with {name}={version}"), message)
                } else {
                    let span = draft.node.key("components").key(name).span();
                    draft.source.problem(span, message)
                };
                problems.push(problem.with_hint(known_versions(name, available)));
            }
        }
    }
    add_companions(&mut choices, available, options, problems);
    unmet_conditions(draft, available, problems);
    unknown_manifests(draft, &choices, available, problems);
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
    written: &BTreeMap<String, Version>,
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
    let written = written.get(name);
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
fn lacking(
    written: &BTreeMap<String, Version>,
    available: &Available,
) -> Option<(String, Version)> {
    written
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
    draft: &Draft,
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
    let components = draft.node.key("components");
    let written = draft.components.iter().flat_map(BTreeMap::keys);
    let written = written.map(|name| (name, components.key_span(name)));
    let installed = draft.acts().filter_map(|act| match &act.act {
        Act::Install(install) => Some((&install.component, act.node.key("component").span())),
        _ => None,
    });
    let expectations = draft.steps.iter().flat_map(|step| &step.expectations);
    let conditions = expectations.flat_map(|expectation| {
        let node = expectation.node.key("when");
        let names = expectation.when.keys();
        names.map(move |name| (name, node.key_span(name)))
    });
    for (name, span) in written.chain(installed).chain(conditions) {
        if !known.contains(name.as_str()) {
            let problem = draft.source.problem(span, message(name));
            problems.push(problem.with_hint(hint(name)));
        }
    }
}

/// Each manifest of a component that its version does not have. A version that the catalogue no longer has, as that of an
/// old capture may be, is not judged.
fn unknown_manifests(
    draft: &Draft,
    choices: &BTreeMap<String, Choice>,
    available: &Available,
    problems: &mut Problems,
) {
    for act in draft.acts() {
        let Act::Install(install) = &act.act else {
            continue;
        };
        let component = &install.component;
        let Some(version) = choices.get(component).map(|choice| &choice.version) else {
            continue;
        };
        let of_component = available.manifests.get(component);
        let Some(known) = of_component.and_then(|versions| versions.get(version)) else {
            continue;
        };
        if !known.contains(&install.manifest) {
            let message = format!(
                "{component} {version} has no manifest `{}` in source {}",
                install.manifest, available.source
            );
            let span = act.node.key("manifest").span();
            let hint = known_names(&install.manifest, known.iter().map(String::as_str));
            problems.push(draft.source.problem(span, message).with_hint(hint));
        }
    }
}

/// What no version at all can meet: each `when` of which any source has the component, but no version that is meant. A
/// check for versions that are to come is taken where it begins at the version at which another one of its step ends.
fn unmet_conditions(draft: &Draft, available: &Available, problems: &mut Problems) {
    let everywhere = &available.everywhere;
    for step in &draft.steps {
        let conditions = || step.expectations.iter().flat_map(|one| &one.when);
        // One that could not be read, or whose component is only misspelt, may be the other half of a pair.
        let is_read = step.expectations.len() == step.node.key("expect").items().len();
        if !is_read || !conditions().all(|(component, _)| everywhere.contains_key(component)) {
            continue;
        }
        let ends: BTreeSet<(&String, Version)> = conditions()
            .flat_map(|(component, requirement)| {
                let ends = requirement.comparators.iter().filter_map(end);
                ends.map(move |end| (component, end))
            })
            .collect();
        for expectation in &step.expectations {
            let node = expectation.node.key("when");
            for (component, requirement) in &expectation.when {
                let known = &everywhere[component];
                let ends = ends.iter().filter(|(of, _)| *of == component);
                let mut meant = known.iter().chain(ends.map(|(_, end)| end));
                if meant.any(|version| is_meant_for(requirement, version)) {
                    continue;
                }
                let list: Vec<_> = known.iter().map(Version::to_string).collect();
                let problem = draft.source.problem(
                    node.key(component).span(),
                    format!("no version of {component} in the catalogue is {requirement}"),
                );
                problems.push(problem.with_hint(format!("known: {}", list.join(", "))));
            }
        }
    }
}

/// The version before which a comparison ends, where it has an end.
fn end(comparator: &Comparator) -> Option<Version> {
    // A number that is left out is that of the first such version.
    let part = |part: Option<u64>| part.unwrap_or(0);
    matches!(comparator.op, Op::Less).then(|| {
        Version::new(
            comparator.major,
            part(comparator.minor),
            part(comparator.patch),
        )
    })
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
