//! What `harness/README.md` says of the code is so: its paths exist, and a recipe lists every file that its example is
//! written in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use rehearse_tests::root;

fn page() -> anyhow::Result<String> {
    fs::read_to_string(root().join("harness/README.md")).context("failed to read the page")
}

/// The texts between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_path_that_the_page_names_exists() -> anyhow::Result<()> {
    let page = page()?;
    let of_the_repository = ["harness/", "kind/", "scenarios/", "tests/"];
    let paths: BTreeSet<&str> = quoted(&page)
        .into_iter()
        .filter(|text| {
            of_the_repository
                .iter()
                .any(|folder| text.starts_with(folder))
        })
        .collect();
    ensure!(paths.len() > 30, "only {} paths were found", paths.len());
    let missing: Vec<_> = paths
        .iter()
        .filter(|path| !root().join(path).exists())
        .collect();
    ensure!(missing.is_empty(), "not there: {missing:?}");
    Ok(())
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            // Tests are a change's own affair.
            if !["tests", "target", "testdata", "examples"].contains(&name.as_str()) {
                sources(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs"
        {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn a_recipe_lists_every_file_that_its_example_is_written_in() -> anyhow::Result<()> {
    let page = page()?;
    let mut files = Vec::new();
    sources(&root().join("harness"), &mut files)?;
    let mut recipes = 0;
    for recipe in page.split("### Add ").skip(1) {
        let Some((_, after)) = recipe.split_once("Example") else {
            continue;
        };
        let example = *quoted(after).first().context("an example without a name")?;
        let listed: BTreeSet<String> = after
            .lines()
            .filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`'))
            .map(str::to_owned)
            .collect();
        let mut written = BTreeSet::new();
        for file in &files {
            let text = fs::read_to_string(file)?;
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            if code.into_iter().any(|line| line.contains(example)) {
                let path = file.strip_prefix(root())?;
                written.insert(path.display().to_string());
            }
        }
        ensure!(
            listed == written,
            "{example} is written in {written:#?}, the page lists {listed:#?}"
        );
        recipes += 1;
    }
    ensure!(recipes == 4, "{recipes} recipes have an example");
    Ok(())
}
