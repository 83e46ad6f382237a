//! What `.github` holds, as far as it can be tried without GitHub: the expressions that find versions, the pins of
//! actions, and the script that compares the cells of two runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use regex::Regex;
use rehearse_core::catalogue::{Catalogue, Source};
use rehearse_tests::root;
use rstest::rstest;
use semver::Version;
use serde_json::Value;

/// What a manager found: the dependency's name, its version, and the text that is rewritten.
#[derive(Debug)]
struct Found {
    name: String,
    version: String,
    text: String,
}

fn configuration() -> anyhow::Result<Value> {
    let text = fs::read_to_string(root().join(".github/renovate.json"))?;
    Ok(serde_json::from_str(&text)?)
}

fn catalogue_text() -> anyhow::Result<String> {
    Ok(fs::read_to_string(root().join("kind/catalogue.yaml"))?)
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// What the managers of a dependency type find in a text, as Renovate reads their expressions.
fn find(configuration: &Value, kind: &str, text: &str) -> anyhow::Result<Vec<Found>> {
    let managers = configuration["customManagers"]
        .as_array()
        .context("no managers")?;
    let mut found = Vec::new();
    for manager in managers
        .iter()
        .filter(|manager| manager["depTypeTemplate"] == kind)
    {
        let expressions = strings(&manager["matchStrings"])
            .map(Regex::new)
            .collect::<Result<Vec<_>, _>>()?;
        let texts: Vec<&str> = match expressions.as_slice() {
            [outer, _] if manager["matchStringsStrategy"] == "recursive" => {
                outer.find_iter(text).map(|found| found.as_str()).collect()
            }
            _ => vec![text],
        };
        let skipped = usize::from(manager["matchStringsStrategy"] == "recursive");
        for expression in expressions.iter().skip(skipped) {
            for captures in texts.iter().flat_map(|text| expression.captures_iter(text)) {
                found.push(Found {
                    name: captures["depName"].to_owned(),
                    version: captures["currentValue"].to_owned(),
                    text: captures[0].to_owned(),
                });
            }
        }
    }
    Ok(found)
}

fn catalogue(text: &str) -> anyhow::Result<Catalogue> {
    Ok(Catalogue::parse("kind/catalogue.yaml", text)?)
}

#[test]
fn renovate_finds_the_newest_version_of_every_component() -> anyhow::Result<()> {
    let (configuration, text) = (configuration()?, catalogue_text()?);
    let found: BTreeMap<_, _> = find(&configuration, "entry", &text)?
        .into_iter()
        .map(|found| (found.name, found.version))
        .collect();
    let components = catalogue(&text)?.components;
    let newest: BTreeMap<_, _> = components
        .into_iter()
        .filter_map(|(name, versions)| Some((name, versions.keys().last()?.to_string())))
        .collect();
    assert_eq!(found, newest);
    assert!(found.len() > 12, "{found:?}");
    Ok(())
}

#[test]
fn renovate_finds_every_pin_and_knows_the_module_of_each() -> anyhow::Result<()> {
    let (configuration, text) = (configuration()?, catalogue_text()?);
    let catalogue = catalogue(&text)?;
    let pins = catalogue.pins(Source::Module);
    let found: BTreeMap<_, _> = find(&configuration, "pin", &text)?
        .into_iter()
        .map(|found| (found.name, found.version))
        .collect();
    let expected: BTreeMap<_, _> = pins
        .iter()
        .map(|(name, version)| (name.clone(), version.to_string()))
        .collect();
    assert_eq!(found, expected);

    let rules = configuration["packageRules"]
        .as_array()
        .context("no rules")?;
    let packages: BTreeMap<&str, &str> = rules
        .iter()
        .filter_map(|rule| {
            Some((
                rule["groupName"].as_str()?,
                rule["overridePackageName"].as_str()?,
            ))
        })
        .collect();
    let entries = catalogue.components.values().flat_map(BTreeMap::values);
    let companions: BTreeSet<&String> = entries.flat_map(|entry| entry.with.keys()).collect();
    assert!(!companions.is_empty());
    for (component, version) in &pins {
        let entry = &catalogue.components[component][version];
        let go = entry.module.as_ref().and_then(|module| module.go.as_ref());
        // A version that is no release, or comes with another component's, is left to people.
        let module = go
            .filter(|go| go.version == format!("v{version}") && !companions.contains(component))
            .map(|go| go.module.as_str());
        assert_eq!(
            packages.get(component.as_str()).copied(),
            module,
            "{component}"
        );
    }
    Ok(())
}

#[test]
fn renovate_finds_the_newest_version_of_each_axis() -> anyhow::Result<()> {
    let text =
        fs::read_to_string(root().join("scenarios/multus-on-crio-with-calico/versions.yaml"))?;
    let versions = rehearse_core::matrix::parse("versions.yaml", &text)?;
    let found: BTreeMap<_, _> = find(&configuration()?, "axis", &text)?
        .into_iter()
        .map(|found| (found.name, found.version))
        .collect();
    let newest: BTreeMap<_, _> = versions
        .axes
        .iter()
        .filter_map(|(name, list)| Some((name.clone(), list.iter().max()?.to_string())))
        .collect();
    assert_eq!(found, newest);
    Ok(())
}

#[rstest]
#[case("multus", "4.3.0", "4.9.9")]
#[case("cri-o", "1.34.0", "1.99.0")]
fn a_bump_leaves_a_catalogue_that_has_the_new_version(
    #[case] component: &str,
    #[case] old: &str,
    #[case] new: &str,
) -> anyhow::Result<()> {
    let (configuration, mut text) = (configuration()?, catalogue_text()?);
    let is_pinned = catalogue(&text)?.pins(Source::Module)[component].to_string() == old;
    let mut bumped = 0;
    for kind in ["entry", "pin"] {
        for found in find(&configuration, kind, &text)? {
            if found.name == component && found.version == old {
                // Renovate changes the first text that is alike, and the version wherever it stands in it.
                text = text.replacen(&found.text, &found.text.replace(old, new), 1);
                bumped += 1;
            }
        }
    }
    assert_eq!(bumped, 1 + usize::from(is_pinned));
    let catalogue = catalogue(&text)?;
    let (old, new) = (Version::parse(old)?, Version::parse(new)?);
    let versions = &catalogue.components[component];
    assert!(versions.contains_key(&new) && !versions.contains_key(&old));
    let go = versions[&new]
        .module
        .as_ref()
        .and_then(|module| module.go.as_ref());
    assert_eq!(go.map(|go| go.version.clone()), Some(format!("v{new}")));
    assert_eq!(catalogue.pins(Source::Module)[component] == new, is_pinned);
    Ok(())
}

#[test]
fn every_action_is_pinned_by_commit() -> anyhow::Result<()> {
    let pinned = Regex::new(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")?;
    let mut files = vec![root().join(".github/actions/rehearse/action.yml")];
    for entry in fs::read_dir(root().join(".github/workflows"))? {
        files.push(entry?.path());
    }
    let mut seen = 0;
    for file in files {
        for line in fs::read_to_string(&file)?.lines() {
            let line = line.trim_start().trim_start_matches("- ");
            if let Some(action) = line.strip_prefix("uses: ") {
                assert!(
                    action.starts_with("./") || pinned.is_match(action),
                    "{}: {line}",
                    file.display()
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "{seen}");
    Ok(())
}

/// Runs the script on cells; the program is one that ends with the code that the candidate's record holds.
fn compare_cells(
    cells: &[(&str, Option<&str>, Option<&str>)],
) -> anyhow::Result<(Option<i32>, String, String)> {
    let folder = tempfile::tempdir()?;
    let program = folder.path().join("program");
    let lines = [
        "#!/bin/sh",
        "while [ $# -gt 0 ]; do case $1 in compare) new=$3; shift 3 ;; --out) out=$2; shift 2 ;; *) shift 2 ;; esac; done",
        "code=$(cat \"$new/record.json\")",
        "echo \"compared: $code\" > \"$out\"",
        "exit \"$code\"",
    ];
    fs::write(&program, lines.join("\n"))?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    let write = |side: &str, cell: &str, record: Option<&str>| -> anyhow::Result<()> {
        let place = folder.path().join(side).join(cell).join("deep");
        fs::create_dir_all(&place)?;
        if let Some(record) = record {
            fs::write(place.join("record.json"), record)?;
        }
        Ok(())
    };
    fs::create_dir_all(folder.path().join("candidate"))?;
    for (cell, old, new) in cells {
        if old.is_some() {
            write("base", cell, *old)?;
        }
        write("candidate", cell, *new)?;
    }
    let output = Command::new(root().join(".github/compare-runs"))
        .args([
            Path::new("./program"),
            Path::new("base"),
            Path::new("candidate"),
            Path::new("out"),
        ])
        .current_dir(folder.path())
        .output()
        .context("failed to run the script")?;
    let comment = fs::read_to_string(folder.path().join("out/comment.md"))?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), comment, String::from_utf8(said)?))
}

#[rstest]
#[case(&[("a", Some("0"), Some("0"))], 0, "### a\n\ncompared: 0", "")]
#[case(&[("a", Some("0"), Some("0")), ("b", Some("0"), Some("1"))], 1, "### b\n\ncompared: 1", "::error title=b::something changed")]
#[case(&[("a", Some("0"), Some("3"))], 0, "compared: 3", "::warning title=a::the two runs are not comparable")]
#[case(&[("a", Some("0"), Some("2"))], 2, "### a", "")]
#[case(&[("a", None, Some("0"))], 0, "nothing to compare with", "")]
#[case(&[("a", Some("0"), None)], 0, "It left no record", "::warning title=a::it left no record")]
#[case(&[], 0, "No cell left a run.", "")]
fn cells_are_compared_each_with_its_own_base(
    #[case] cells: &[(&str, Option<&str>, Option<&str>)],
    #[case] code: i32,
    #[case] comment: &str,
    #[case] said: &str,
) -> anyhow::Result<()> {
    let ended = compare_cells(cells)?;
    assert_eq!(ended.0, Some(code), "{ended:?}");
    assert!(ended.1.contains(comment), "{ended:?}");
    assert!(ended.2.contains(said), "{ended:?}");
    Ok(())
}
