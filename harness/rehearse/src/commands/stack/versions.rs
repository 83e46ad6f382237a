//! Lists every version of every component: which sources have it, what a build would take, and how far it was tried.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use rehearse_core::catalogue::{Catalogue, Entry, Source, Tried};
use rehearse_stack as stack;
use rehearse_stack::cache::Cache;
use semver::Version;

use crate::consent::about;
use crate::output;

/// Prints the table.
pub(super) fn show(catalogue: &Catalogue, kind: &Path) -> Result<()> {
    let cache = Cache::find()?;
    let mut rows = vec![row([
        "COMPONENT",
        "VERSION",
        "SOURCES",
        "BUILT",
        "BUILD TAKES",
        "TRIED",
        "COMES WITH",
    ])];
    let pins = catalogue.pins(Source::Module);
    for (name, versions) in &catalogue.components {
        for (version, entry) in versions {
            let built = match &entry.module {
                Some(_) => stack::built(catalogue, name, version, kind, &cache)?,
                None => None,
            };
            let (is_built, takes) = match built {
                Some((true, takes)) if takes.is_zero() => ("yes", "-".to_owned()),
                Some((is_built, takes)) => (if is_built { "yes" } else { "no" }, about(takes)),
                None => ("-", "-".to_owned()),
            };
            let pinned = pins.get(name) == Some(version);
            let version = format!("{version}{}", if pinned { "*" } else { "" });
            let (sources, with) = (sources(entry), with(entry));
            let tried = tried(entry);
            rows.push(row([
                name, &version, &sources, is_built, &takes, tried, &with,
            ]));
        }
    }
    rows.push("* what source module takes where nobody asks for another".to_owned());
    let mut output = output::stdout();
    rows.iter()
        .try_for_each(|row| writeln!(output, "{row}"))
        .context("failed to write to standard output")
}

fn row([component, version, sources, built, takes, tried, with]: [&str; 7]) -> String {
    let row = format!(
        "{component:<22} {version:<9} {sources:<22} {built:<6} {takes:<12} {tried:<9} {with}"
    );
    row.trim_end().to_owned()
}

/// The sources that have a form of their own of it.
fn sources(entry: &Entry) -> String {
    let sources = [
        ("module", entry.module.is_some()),
        ("registry", entry.registry.is_some()),
        ("local", entry.local.is_some()),
    ];
    let sources = sources.into_iter().filter(|(_, has)| *has);
    sources.map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// How far it was tried; of what only the registry source has, nothing was.
fn tried(entry: &Entry) -> &'static str {
    match (&entry.module, entry.tried) {
        (None, _) | (_, Tried::Never) => "never",
        (_, Tried::Built) => "built",
        (_, Tried::Replayed) => "replayed",
    }
}

fn with(entry: &Entry) -> String {
    let with: Vec<_> = entry
        .with
        .iter()
        .map(|(name, version): (&String, &Version)| format!("{name} {version}"))
        .collect();
    with.join(", ")
}

#[cfg(test)]
mod tests {
    use rehearse_core::catalogue::Module;

    use super::*;

    #[test]
    fn what_was_not_run_is_told() {
        let mut entry = Entry::default();
        assert_eq!((sources(&entry).as_str(), tried(&entry)), ("", "never"));
        entry.module = Some(Module::default());
        assert_eq!(
            (sources(&entry).as_str(), tried(&entry)),
            ("module", "replayed")
        );
        entry.tried = Tried::Built;
        assert_eq!(tried(&entry), "built");
        entry
            .with
            .insert("operator".to_owned(), Version::new(1, 40, 0));
        assert_eq!(with(&entry), "operator 1.40.0");
    }
}
