//! A run that becomes a capture, and one that is judged again with edited checks.

use std::fs;

use anyhow::Context as _;
use rehearse_tests::without_engine::rehearse;

use crate::small::{NAME, SCENARIO, run_folder, stage};

#[test]
fn a_run_becomes_the_same_capture_each_time() -> anyhow::Result<()> {
    let folder = stage()?;
    run_folder(folder.path())?;
    fs::remove_dir_all(folder.path().join("small/captures"))?;
    let ended = rehearse(folder.path(), &["capture", "run", "small"])?;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let place = folder
        .path()
        .join("small/captures")
        .join(NAME)
        .join("capture.json.gz");
    let first = fs::read(&place).context("the capture is not in its place")?;
    rehearse(
        folder.path(),
        &["capture", "run", "small", "--out", "again.gz"],
    )?;
    assert!(first == fs::read(folder.path().join("again.gz"))?);
    // A capture is written over by a capture, and nothing else is.
    let again = ["capture", "run", "small", "--out", "again.gz"];
    assert_eq!(rehearse(folder.path(), &again)?.code, Some(0));
    let scenario = folder.path().join("small/scenario.yaml");
    let before = fs::read(&scenario)?;
    let over = ["capture", "run", "small", "--out", "small/scenario.yaml"];
    let ended = rehearse(folder.path(), &over)?;
    assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
    assert!(before == fs::read(&scenario)?);
    Ok(())
}

#[test]
fn a_capture_that_says_something_else_than_the_run_is_not_written() -> anyhow::Result<()> {
    let folder = stage()?;
    run_folder(folder.path())?;
    let text = SCENARIO.replace("contains: [yes], absent: [maybe]", "absent: [yes]");
    fs::write(folder.path().join("small/scenario.yaml"), text)?;
    let ended = rehearse(
        folder.path(),
        &["capture", "run", "small", "--out", "new.gz"],
    )?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(!folder.path().join("new.gz").exists());
    insta::assert_snapshot!("capture-refused", ended.stderr);
    Ok(())
}

#[test]
fn an_edited_check_shows_at_once_what_it_would_have_said() -> anyhow::Result<()> {
    let folder = stage()?;
    run_folder(folder.path())?;
    let same = rehearse(folder.path(), &["recheck", "run", "small"])?;
    assert_eq!(same.code, Some(0), "{}{}", same.stdout, same.stderr);
    insta::assert_snapshot!("recheck-same", same.stdout);
    let text = SCENARIO.replace("contains: [yes], absent: [maybe]", "absent: [yes]");
    fs::write(folder.path().join("small/scenario.yaml"), text)?;
    let edited = rehearse(folder.path(), &["recheck", "run", "small"])?;
    assert_eq!(edited.code, Some(1), "{}{}", edited.stdout, edited.stderr);
    insta::assert_snapshot!("recheck-edited", edited.stdout);
    Ok(())
}

#[test]
fn a_run_without_outputs_cannot_be_checked_again() -> anyhow::Result<()> {
    let folder = stage()?;
    rehearse(
        folder.path(),
        &["run", "small", "--on", "capture", "--out", "out"],
    )?;
    let ended = rehearse(folder.path(), &["recheck", "out", "small"])?;
    assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!("recheck-nothing", ended.stderr);
    Ok(())
}
