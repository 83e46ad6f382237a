//! What a stack says of each component in the record.

use std::collections::BTreeMap;

use anyhow::Result;
use rehearse_core::catalogue::{Catalogue, Entry, Registry, Source};
use rehearse_core::record::Component;

use super::unit::Units;
use super::{cache, packages};

/// Every selected component: origin, digests and what is not the upstream artefact.
///
/// # Errors
/// When a unit that should be complete can't be read.
pub(crate) fn components(
    catalogue: &Catalogue,
    source: Source,
    units: &Units,
) -> Result<Vec<Component>> {
    let mut components = Vec::new();
    for (name, version) in &units.selection {
        let Some(entry) = catalogue
            .components
            .get(name)
            .and_then(|versions| versions.get(version))
        else {
            continue;
        };
        let mut component = Component {
            name: name.clone(),
            version: version.to_string(),
            reason: None,
            origin: String::new(),
            digests: BTreeMap::new(),
            notes: notes(entry, source),
        };
        let mut origins = Vec::new();
        for unit in units.list.iter().filter(|unit| unit.component == *name) {
            let Some(description) = cache::describe(&unit.folder) else {
                continue;
            };
            component.digests.extend(description.digests);
            let is_first = !origins.contains(&description.origin);
            // What this repository makes of programs is said by the notes, and is the origin only where nothing else is.
            if is_first && (description.origin != "this repository" || origins.is_empty()) {
                origins.push(description.origin);
            }
        }
        let only_ours = |origin: &String| origin == "this repository";
        if origins.len() > 1 {
            origins.retain(|origin| !only_ours(origin));
        }
        component.origin = within(name, entry, units)?.unwrap_or_else(|| origins.join("; "));
        components.push(component);
    }
    Ok(components)
}

fn notes(entry: &Entry, source: Source) -> Vec<String> {
    match (source, &entry.module, &entry.registry) {
        (Source::Registry, _, Some(registry)) => {
            let mut notes = registry.notes.clone();
            notes.extend(unpinned(registry));
            notes
        }
        (Source::Module | Source::Local, Some(module), _) => module.notes.clone(),
        _ => Vec::new(),
    }
}

/// What is taken without knowing beforehand what it is.
fn unpinned(registry: &Registry) -> Vec<String> {
    let images = registry
        .images
        .iter()
        .filter(|image| image.digest.is_none());
    let images = images.map(|image| format!("{} was taken by tag", image.reference));
    let files = registry
        .programs
        .values()
        .chain(registry.manifests.values().flatten());
    let files = files.filter(|file| file.sha256.is_none());
    images
        .chain(files.map(|file| format!("{} was taken as the address answered", file.url)))
        .collect()
}

/// The package that a part of a root file system comes from.
fn within(name: &str, entry: &Entry, units: &Units) -> Result<Option<String>> {
    let whole = entry
        .module
        .as_ref()
        .and_then(|module| module.within.as_deref());
    let Some(unit) = whole.and_then(|whole| units.find(whole, "root")) else {
        return Ok(None);
    };
    let packages: BTreeMap<String, String> =
        cache::read_json(&unit.folder.join(packages::PACKAGES))?;
    let version = packages
        .get(name)
        .map_or("of an unknown version", String::as_str);
    Ok(Some(format!(
        "package {name} {version}, {}",
        unit.work.origin()
    )))
}
