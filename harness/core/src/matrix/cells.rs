//! Every combination of the axes' versions that a source has, less what is excluded.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};

use super::{Cell, Cells, LeftOut, Versions};
use crate::catalogue::{Available, Catalogue, Source};
use crate::problem::{Problem, Problems, known_names};
use crate::scenario::Names;
use crate::version::is_meant_for;
use crate::yaml::Reading;

/// What the cells are made for besides the file.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// How to run all cells.
    pub command: &'a str,
    /// The names of the scenario's steps.
    pub names: &'a Names,
    /// Where the components come from.
    pub source: Source,
    /// `--with`: one on an axis leaves only that version of it, any other goes to each cell.
    pub with: &'a BTreeMap<String, Version>,
}

/// `calico-3.28.4_multus-4.2.1`: the same versions always have the same name.
pub fn cell_name<'a>(versions: impl IntoIterator<Item = (&'a String, &'a Version)>) -> String {
    let parts: Vec<_> = versions
        .into_iter()
        .map(|(name, version)| format!("{name}-{version}"))
        .collect();
    parts.join("_")
}

/// The cells of a matrix.
///
/// # Errors
/// What the catalogue or the scenario does not know, with its place; that no cell is left.
pub fn cells(
    versions: &Versions,
    catalogue: &Catalogue,
    options: Options<'_>,
) -> Result<Cells, Problems> {
    let mut problems = Problems::default();
    unknown(versions, catalogue, options, &mut problems);
    if !problems.is_empty() {
        return Err(problems.sorted());
    }
    let (mut list, mut left_out) = (Vec::new(), Vec::new());
    let available = catalogue.available(options.source);
    for versions_of_cell in combinations(versions, options.with) {
        let name = cell_name(&versions_of_cell);
        let pins = &available.pins;
        let cell = cell(versions, versions_of_cell, name, pins, options.with);
        match reason_to_leave_out(versions, &available, &cell) {
            Some(why) => left_out.push(LeftOut {
                name: cell.name,
                why,
            }),
            None => list.push(cell),
        }
    }
    if list.is_empty() {
        let reasons: Vec<_> = left_out
            .iter()
            .map(|one| format!("{}: {}", one.name, one.why))
            .collect();
        let problem = Problem::new(&versions.source.file, "no cell is left to run")
            .with_hint(reasons.join("; "));
        return Err(problem.into());
    }
    // Stable: all others keep the order of the file.
    list.sort_by_key(|cell| cell.versions != versions.base);
    let base = list.first().filter(|cell| cell.versions == versions.base);
    Ok(Cells {
        scenario: options.scenario.to_owned(),
        command: options.command.to_owned(),
        source: options.source,
        base: base.map(|cell| cell.name.clone()),
        list,
        left_out,
        shared_steps: versions.shared_steps.clone(),
    })
}

/// Every combination, the last axis varying fastest.
fn combinations(
    versions: &Versions,
    with: &BTreeMap<String, Version>,
) -> Vec<BTreeMap<String, Version>> {
    let mut combinations = vec![BTreeMap::new()];
    for (name, list) in &versions.axes {
        let list = match with.get(name) {
            Some(only) => std::slice::from_ref(only),
            None => list,
        };
        combinations = combinations
            .iter()
            .flat_map(|combination: &BTreeMap<String, Version>| {
                list.iter().map(|version| {
                    let mut longer = combination.clone();
                    longer.insert(name.clone(), version.clone());
                    longer
                })
            })
            .collect();
    }
    combinations
}

fn cell(
    versions: &Versions,
    of_cell: BTreeMap<String, Version>,
    name: String,
    pins: &BTreeMap<String, Version>,
    with: &BTreeMap<String, Version>,
) -> Cell {
    let mut all = of_cell.clone();
    for together in &versions.together {
        if is_meant(&together.when, &of_cell) {
            // What the source pins anyway is not asked for, so that a cell is planned as a run of its axes alone is.
            let take = together.take.clone().into_iter();
            all.extend(take.filter(|(name, version)| pins.get(name) != Some(version)));
        }
    }
    all.extend(with.clone());
    let known = versions.known.iter();
    let known = known
        .into_iter()
        .find(|known| is_meant(&known.when, &of_cell));
    Cell {
        name,
        known: known.cloned(),
        versions: of_cell,
        with: all,
    }
}

fn is_meant(when: &BTreeMap<String, VersionReq>, of_cell: &BTreeMap<String, Version>) -> bool {
    when.iter().all(|(name, requirement)| {
        of_cell
            .get(name)
            .is_some_and(|version| is_meant_for(requirement, version))
    })
}

fn reason_to_leave_out(versions: &Versions, available: &Available, cell: &Cell) -> Option<String> {
    let excluded = versions.exclude.iter();
    if let Some(exclusion) = excluded
        .into_iter()
        .find(|exclusion| is_meant(&exclusion.when, &cell.versions))
    {
        return Some(exclusion.why.clone());
    }
    let source = available.source;
    let lacked = cell.with.iter().find(|(name, version)| {
        let of_source = available.versions.get(*name);
        !of_source.is_some_and(|of_source| of_source.contains(*version))
    });
    lacked.map(|(name, version)| format!("source {source} has no {name} {version}"))
}

/// Versions that no source has, steps that the scenario does not have, entries that mean no cell.
fn unknown(
    versions: &Versions,
    catalogue: &Catalogue,
    options: Options<'_>,
    problems: &mut Problems,
) {
    let source = &versions.source;
    let tree = &versions.tree;
    let mut named = Vec::new();
    for (name, list) in &versions.axes {
        let node = tree.key("axes");
        for (index, version) in list.iter().enumerate() {
            let span = node.key(name).item(index).span();
            named.push((name, version, node.key_span(name), span));
        }
    }
    for (index, together) in versions.together.iter().enumerate() {
        let node = tree.key("together").item(index).key("take");
        for (name, version) in &together.take {
            named.push((name, version, node.key_span(name), node.key(name).span()));
        }
    }
    for (name, version, of_name, of_version) in named {
        let Some(known) = catalogue.components.get(name) else {
            let all = catalogue.components.keys().map(String::as_str);
            let problem = source.problem(of_name, format!("unknown component `{name}`"));
            problems.push(problem.with_hint(known_names(name, all)));
            continue;
        };
        if !known.contains_key(version) {
            let list: Vec<_> = known.keys().map(Version::to_string).collect();
            let problem = source.problem(of_version, format!("no source has {name} {version}"));
            problems.push(problem.with_hint(format!("known: {}", list.join(", "))));
        }
    }
    for (name, version) in options.with {
        let known = catalogue.components.get(name);
        if known.is_some_and(|known| known.contains_key(version)) {
            continue;
        }
        let option = format!("--with {name}={version}");
        let list: Vec<_> = known.into_iter().flatten().collect();
        let list: Vec<_> = list
            .iter()
            .map(|(version, _)| version.to_string())
            .collect();
        let hint = if list.is_empty() {
            known_names(name, catalogue.components.keys().map(String::as_str))
        } else {
            format!("known: {}", list.join(", "))
        };
        let problem = Problem::new(&option, format!("no source has {name} {version}"));
        problems.push(problem.with_hint(hint));
    }
    let reading = Reading::of(source);
    for (index, known) in versions.known.iter().enumerate() {
        let node = tree.key("known").item(index).key("step");
        options
            .names
            .refuse_unknown_step(&known.step, node, &reading);
    }
    if let Some(shared) = &versions.shared_steps {
        let node = tree.key("shared-steps").key("until");
        options
            .names
            .refuse_unknown_step(&shared.until, node, &reading);
    }
    problems.extend(reading.finish());
    without_cell(versions, problems);
}

/// Entries that mean no cell of the file: they are stale. The cells are every combination, so each axis is asked alone.
fn without_cell(versions: &Versions, problems: &mut Problems) {
    let together = versions.together.iter().map(|one| &one.when);
    let excluded = versions.exclude.iter().map(|one| &one.when);
    let known = versions.known.iter().map(|one| &one.when);
    let entries = (together.enumerate().map(|entry| ("together", entry)))
        .chain(excluded.enumerate().map(|entry| ("exclude", entry)))
        .chain(known.enumerate().map(|entry| ("known", entry)));
    for (key, (index, when)) in entries {
        let is_somewhere = when.iter().all(|(name, requirement)| {
            let mut list = versions.axes.get(name).into_iter().flatten();
            list.any(|version| is_meant_for(requirement, version))
        });
        if !is_somewhere {
            let span = versions.tree.key(key).item(index).key("when").span();
            let problem = versions.source.problem(span, "no cell has these versions");
            problems.push(problem.with_hint("take the entry out, or the version in"));
        }
    }
}
