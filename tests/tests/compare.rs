//! `rehearse compare` on records of real runs of this project: its forms and its exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::Context as _;
use rehearse_tests::root;
use rstest::rstest;

fn record(name: &str) -> PathBuf {
    root().join(format!("harness/core/testdata/record/real/{name}.json"))
}

fn compare(folder: &Path, base: &Path, candidate: &Path, more: &[&str]) -> anyhow::Result<Output> {
    rehearse_tests::rehearse(&["compare"])?
        .arg(base)
        .arg(candidate)
        .args(more)
        .current_dir(folder)
        .env("REHEARSE_HOME", root())
        .output()
        .context("failed to run the program")
}

/// The record of Multus 4.2.1 after a change of its text, in a run's folder of its own.
fn changed(folder: &Path, from: &str, to: &str) -> anyhow::Result<PathBuf> {
    let text = fs::read_to_string(record("multus-4.2.1"))?;
    anyhow::ensure!(text.contains(from), "the record has no {from}");
    let run = folder.join("run");
    fs::create_dir(&run)?;
    fs::write(run.join("record.json"), text.replace(from, to))?;
    Ok(run)
}

#[rstest]
#[case::unchanged("multus-4.2.1", "multus-4.2.1", "Nothing changed: 139 facts the same")]
#[case::known(
    "multus-3.9.3",
    "multus-4.2.1",
    "Nothing unexpected: 5 expected, 133 facts the same"
)]
#[case::known_back("multus-4.2.1", "multus-3.9.3", "Nothing unexpected: 5 expected")]
fn nothing_unexpected_is_zero(
    #[case] base: &str,
    #[case] candidate: &str,
    #[case] headline: &str,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = compare(folder.path(), &record(base), &record(candidate), &[])?;
    assert_eq!(ended.status.code(), Some(0));
    let text = String::from_utf8(ended.stdout)?;
    assert!(text.contains(headline), "{text}");
    Ok(())
}

#[test]
fn an_unexpected_change_is_one_in_every_form() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let run = changed(
        folder.path(),
        "\"10.0.0.0/8 via 169.254.1.1 dev eth0;",
        "\"10.0.0.0/8 dev eth0;",
    )?;
    let lost = "the route 10.0.0.0/8 lost its gateway 169.254.1.1";
    for (form, begins, has) in [
        ("terminal", "base ", lost),
        (
            "markdown",
            "<!-- rehearse compare: multus-on-crio-with-calico -->\n### ",
            lost,
        ),
        (
            "json",
            "{\n  \"result\": \"unexpected\",\n  \"exit-code\": 1,",
            "\"route-changed\"",
        ),
        ("html", "<!doctype html>", "lost its gateway 169.254.1.1"),
    ] {
        let base = record("multus-4.2.1");
        let ended = compare(folder.path(), &base, &run, &["--format", form])?;
        assert_eq!(ended.status.code(), Some(1), "{form}");
        let text = String::from_utf8(ended.stdout)?;
        let text = text.trim_start();
        assert!(text.starts_with(begins), "{form}: {text}");
        assert!(text.contains(has), "{form}: {text}");
    }
    Ok(())
}

#[test]
fn a_file_is_written_in_place_of_standard_output() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (base, candidate) = (record("multus-3.9.3"), record("multus-4.2.1"));
    let more = ["--format", "markdown", "--out", "comment.md"];
    let ended = compare(folder.path(), &base, &candidate, &more)?;
    assert_eq!(ended.status.code(), Some(0));
    assert!(ended.stdout.is_empty());
    let text = fs::read_to_string(folder.path().join("comment.md"))?;
    assert!(text.contains("Expected changes: 5"), "{text}");
    Ok(())
}

#[test]
fn a_file_of_somebody_else_is_not_written_over() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let notes = folder.path().join("notes.md");
    fs::write(&notes, "my notes\n")?;
    fs::write(folder.path().join("empty.md"), "")?;
    let (base, candidate) = (record("multus-3.9.3"), record("multus-4.2.1"));
    let ended = compare(folder.path(), &base, &candidate, &["--out", "notes.md"])?;
    assert_eq!(ended.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&notes)?, "my notes\n");
    let ended = compare(folder.path(), &base, &candidate, &["--out", "empty.md"])?;
    assert_eq!(ended.status.code(), Some(0), "an empty file is nobody's");
    Ok(())
}

#[rstest]
#[case::other_scenario(
    "\"scenario\": \"multus-on-crio-with-calico\"",
    "\"scenario\": \"other\"",
    "different scenarios"
)]
#[case::other_format("\"format\": 1", "\"format\": 99", "format 99")]
#[case::not_reached(
    "\"outcome\": \"passed\"",
    "\"outcome\": {\"skipped\": {\"why\": \"not asked for\"}}",
    "Not comparable in full"
)]
fn what_cannot_be_compared_is_three(
    #[case] from: &str,
    #[case] to: &str,
    #[case] why: &str,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let text = fs::read_to_string(record("multus-4.2.1"))?;
    let mut text = text.replacen(from, to, 1);
    if from.contains("outcome") {
        // A step that is not performed has no check that was judged.
        let mut changed: serde_json::Value = serde_json::from_str(&text)?;
        for check in changed["canonical"]["steps"][0]["checks"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            check["verdict"] = "blocked".into();
        }
        text = changed.to_string();
    }
    let candidate = folder.path().join("candidate.json");
    fs::write(&candidate, text)?;
    let ended = compare(folder.path(), &record("multus-4.2.1"), &candidate, &[])?;
    assert_eq!(ended.status.code(), Some(3));
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8(said)?;
    assert!(said.contains(why), "{said}");
    Ok(())
}

#[rstest]
#[case::missing_run("no-such-run", &[], "failed to read no-such-run")]
#[case::wrong_changes("run", &["--changes", "changes.yaml"], "unknown key `versions`")]
#[case::unknown_format("run", &["--format", "pdf"], "invalid value 'pdf'")]
fn wrong_usage_is_two(
    #[case] candidate: &str,
    #[case] more: &[&str],
    #[case] why: &str,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    changed(folder.path(), "\"format\": 1", "\"format\": 1")?;
    fs::write(
        folder.path().join("changes.yaml"),
        "changes:\n  - id: a\n    versions: b\n",
    )?;
    let base = record("multus-4.2.1");
    let ended = compare(folder.path(), &base, Path::new(candidate), more)?;
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.stdout.is_empty());
    let said = String::from_utf8(ended.stderr)?;
    assert!(said.contains(why), "{said}");
    Ok(())
}
