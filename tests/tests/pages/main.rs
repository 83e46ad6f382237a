//! The pages of `rehearse` as a reader sees them in a browser: what they show, that they ask for nothing, and that no
//! script of theirs fails. The page of a matrix is read in `matrix.rs`, beside the records that it is made of.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use rehearse_tests::browser;
use rehearse_tests::without_engine::rehearse;
use rstest::rstest;
use serde_json::{Value, json};

/// Plays a committed capture, and leaves a folder of its name.
fn play(folder: &Path, multus: &str) -> anyhow::Result<()> {
    let on = format!("capture:calico-3.28.4_multus-{multus}");
    let ended = rehearse(folder, &["run", "--on", &on, "--out", multus])?;
    anyhow::ensure!(ended.code == Some(0), "{}{}", ended.stdout, ended.stderr);
    Ok(())
}

/// What a browser saw of the page that compares two runs of a folder.
fn compared(folder: &Path, base: &str, candidate: &str) -> anyhow::Result<Option<Value>> {
    let arguments = ["compare", base, candidate, "--format", "html"];
    let ended = rehearse(
        folder,
        &[&arguments[..], &["--out", "compare.html"]].concat(),
    )?;
    anyhow::ensure!(ended.stdout.is_empty(), "{}", ended.stdout);
    let page = folder.join("compare.html");
    let Some(read) = browser::read(&page, include_str!("compare.js"))? else {
        return Ok(None);
    };
    assert_eq!(read.complaints, Vec::<String>::new());
    assert_eq!(read.seen["errors"], json!([]));
    assert_eq!(read.seen["loaded"], json!([]));
    Ok(Some(read.seen))
}

/// The changes of a page's steps, each with its step.
fn changes(seen: &Value) -> anyhow::Result<Vec<(&str, &Value)>> {
    let steps = seen["steps"].as_array().context("no steps were seen")?;
    let of_step = |step| -> (&str, Option<&Vec<Value>>) {
        let step: &Value = step;
        (
            step["step"].as_str().unwrap_or_default(),
            step["changes"].as_array(),
        )
    };
    let steps = steps.iter().map(of_step);
    Ok(steps
        .flat_map(|(id, changes)| {
            let changes = changes.into_iter().flatten();
            changes.map(move |change| (id, change))
        })
        .collect())
}

#[test]
fn a_reader_sees_expected_changes_side_by_side() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    play(folder.path(), "3.9.3")?;
    play(folder.path(), "4.2.1")?;
    let Some(seen) = compared(folder.path(), "3.9.3", "4.2.1")? else {
        return Ok(());
    };
    assert_eq!(seen["sides"], json!(["base", "candidate"]));
    assert_eq!(seen["unexpected"], json!([]));
    let changes = changes(&seen)?;
    assert_eq!(changes.len(), 7);
    for (step, change) in changes {
        assert_eq!(change["sideBySide"], true, "{step}: {change}");
        assert_ne!(change["before"], change["after"], "{step}: {change}");
        let notes = change["notes"].to_string();
        assert!(notes.contains("expected: "), "{step}: {change}");
    }
    Ok(())
}

#[test]
fn a_reader_sees_an_unexpected_change_before_all_others() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    play(folder.path(), "4.2.1")?;
    let text = fs::read_to_string(folder.path().join("4.2.1/record.json"))?;
    let (before, after) = ("10.0.0.0/8 via 169.254.1.1 dev eth0", "10.0.0.0/8 dev eth0");
    anyhow::ensure!(text.contains(before), "the record has no {before}");
    fs::create_dir(folder.path().join("changed"))?;
    let text = text.replacen(before, after, 1);
    fs::write(folder.path().join("changed/record.json"), text)?;
    let Some(seen) = compared(folder.path(), "4.2.1", "changed")? else {
        return Ok(());
    };
    let unexpected = seen["unexpected"].as_array().context("none was seen")?;
    let [change] = unexpected.as_slice() else {
        anyhow::bail!("not one unexpected change: {unexpected:?}");
    };
    assert_eq!(change["sideBySide"], true, "{change}");
    let side = |name: &str| change[name].as_str().unwrap_or_default();
    assert!(side("before").contains(before), "{change}");
    assert!(side("after").contains(after), "{change}");
    assert!(!side("after").contains(before), "{change}");
    assert!(
        side("words").contains("lost its gateway 169.254.1.1"),
        "{change}"
    );
    assert_eq!(seen["openAtFirst"], json!(["default-calico"]));
    Ok(())
}

#[test]
fn the_report_of_a_run_opens_by_itself() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    play(folder.path(), "4.2.1")?;
    let page = folder.path().join("4.2.1/report.html");
    let Some(read) = browser::read(&page, include_str!("report.js"))? else {
        return Ok(());
    };
    assert_eq!(read.complaints, Vec::<String>::new());
    assert_eq!(read.seen["errors"], json!([]));
    assert_eq!(read.seen["loaded"], json!([]));
    assert_eq!(read.seen["steps"], 11);
    assert_eq!(read.seen["opened"], "cluster");
    assert_eq!(read.seen["checks"], 3);
    Ok(())
}

/// What the tests above rely on: that such a page would be noticed.
#[rstest]
#[case::script("<p>one</p><script>nothing.there()</script>", "nothing is not defined", json!([]))]
#[case::policy(
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\"><img src=\"http://page.invalid/a.png\">",
    "Content Security Policy",
    json!(["http://page.invalid/a.png"])
)]
#[case::network("<img src=\"http://page.invalid/a.png\">", "", json!(["http://page.invalid/a.png"]))]
fn a_page_that_fails_or_asks_for_something_is_noticed(
    #[case] body: &str,
    #[case] complaint: &str,
    #[case] loaded: Value,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let page = folder.path().join("page.html");
    fs::write(
        &page,
        format!("<!doctype html><meta charset=\"utf-8\">{body}"),
    )?;
    let Some(read) = browser::read(&page, "")? else {
        return Ok(());
    };
    let complaints = read.complaints.join("\n");
    assert!(complaints.contains(complaint), "{complaints}");
    assert_eq!(read.seen["loaded"], loaded);
    Ok(())
}
