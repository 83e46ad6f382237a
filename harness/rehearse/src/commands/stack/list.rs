//! Lists every component's versions, and what of them is built.
//!
//! Pieces share files by hard links, so that the sizes of two may count the same file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::output;
use anyhow::{Context as _, Result};
use rehearse_core::catalogue::{Catalogue, Source};

use super::megabytes;
use rehearse_stack as stack;
use rehearse_stack::cache::{Cache, Kept};

/// Component, version and source.
type Key = (String, String, String);

/// Prints the table.
pub(super) fn show(catalogue: &Catalogue, kind: &Path) -> Result<()> {
    let cache = Cache::find()?;
    let known = stack::known_folders(catalogue, kind, &cache)?;
    let kept = cache.kept()?;
    let mut by_version: BTreeMap<Key, Vec<&Kept>> = BTreeMap::new();
    for piece in &kept {
        let what = &piece.description;
        by_version
            .entry((
                what.component.clone(),
                what.version.clone(),
                what.source.clone(),
            ))
            .or_default()
            .push(piece);
    }
    let mut rows = Vec::new();
    for (component, versions) in &catalogue.components {
        for (version, entry) in versions {
            for source in [Source::Module, Source::Registry]
                .into_iter()
                .filter(|source| entry.has(*source))
            {
                let key = (component.clone(), version.to_string(), source.to_string());
                let pieces = by_version.remove(&key).unwrap_or_default();
                let within = entry
                    .module
                    .as_ref()
                    .and_then(|module| module.within.as_ref());
                rows.push(match within.filter(|_| source == Source::Module) {
                    Some(whole) => part_row(&key, whole),
                    None => row(&key, &pieces, &known),
                });
            }
        }
    }
    // What is left is of no version in the catalogue, or belongs to no component.
    rows.extend(
        by_version
            .into_iter()
            .map(|(key, pieces)| row(&key, &pieces, &known)),
    );
    let mut output = output::stdout();
    writeln!(
        output,
        "{:<22} {:<9} {:<9} {:<10} {:>9}  KEYS",
        "COMPONENT", "VERSION", "SOURCE", "BUILT", "SIZE"
    )
    .and_then(|()| rows.iter().try_for_each(|row| writeln!(output, "{row}")))
    .context("failed to write to standard output")
}

fn row((component, version, source): &Key, pieces: &[&Kept], known: &BTreeSet<PathBuf>) -> String {
    let current = pieces
        .iter()
        .filter(|piece| known.contains(&piece.folder))
        .count();
    let built = match (pieces.len(), current) {
        (0, _) => "no",
        (_, 0) => "outdated",
        _ => "yes",
    };
    let size: u64 = pieces.iter().map(|piece| piece.size).sum();
    let keys: Vec<String> = pieces
        .iter()
        .map(|piece| {
            format!(
                "{}:{}",
                piece.description.kind,
                short(&piece.description.key)
            )
        })
        .collect();
    format!(
        "{component:<22} {version:<9} {source:<9} {built:<10} {:>9}  {}",
        megabytes(size),
        keys.join(" ")
    )
}

/// A component that has nothing of its own: it is as built as the whole that it is a part of.
fn part_row((component, version, source): &Key, whole: &str) -> String {
    format!("{component:<22} {version:<9} {source:<9} in {whole}")
}

fn short(key: &str) -> &str {
    key.get(..12).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_recipe_asks_for_is_outdated() {
        let key = |built: &str| ("kind".to_owned(), "0.33.0".to_owned(), built.to_owned());
        assert!(row(&key("module"), &[], &BTreeSet::new()).contains(" no "));
    }
}
