//! Small guides, each with what is right to find in it: its first or last line is a comment that says so. How much of
//! what is found is right, and how much of what is right is found, is printed by the last test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rehearse_document::{Document, lint};
use rstest::rstest;

/// How often each rule is found, or right, at each line.
type Counts = BTreeMap<(usize, String), usize>;

fn right(text: &str) -> anyhow::Result<Counts> {
    let (_, behind) = text.split_once("<!-- right: ").context("no `right`")?;
    let (list, _) = behind.split_once(" -->").context("`right` does not end")?;
    let mut counts = Counts::new();
    for entry in list.split(", ").filter(|entry| *entry != "nothing") {
        let (code, line) = entry.split_once('@').context("no line")?;
        *counts.entry((line.parse()?, code.to_owned())).or_default() += 1;
    }
    Ok(counts)
}

fn found(path: &Path, text: &str) -> Counts {
    let document = Document::parse(&path.display().to_string(), text);
    let mut counts = Counts::new();
    for finding in lint::lint(&document) {
        let key = (finding.line, finding.code.to_owned());
        *counts.entry(key).or_default() += 1;
    }
    counts
}

#[rstest]
fn what_is_found_is_what_is_right(
    #[files("testdata/guides/*.md")] path: PathBuf,
) -> anyhow::Result<()> {
    let text = fs::read_to_string(&path)?;
    assert_eq!(found(&path, &text), right(&text)?);
    Ok(())
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are read by people")]
fn how_much_is_right_and_how_much_is_found() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/guides");
    let (mut all_found, mut all_right, mut both) = (0, 0, 0);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let (found, right) = (found(&path, &text), right(&text)?);
        all_found += found.values().sum::<usize>();
        all_right += right.values().sum::<usize>();
        let common = found
            .iter()
            .map(|(key, count)| right.get(key).unwrap_or(&0).min(count));
        both += common.sum::<usize>();
    }
    println!(
        "{both} of {all_found} findings are right, {both} of {all_right} right ones are found"
    );
    assert!(all_right > 40);
    Ok(())
}
