//! The document on a real cluster, and what a run leaves.

use std::path::Path;
use std::process::Output;

use anyhow::ensure;
use rehearse_core::record::{Outcome, Record, Verdict};
use rehearse_tests::disk::TinyDisk;
use rehearse_tests::rehearse;

use crate::{ensure_no_cluster, read_record};

/// Replays the document into `folder`; the program's output is in the error where it did not exit with 0.
fn replay(folder: &Path) -> anyhow::Result<Record> {
    let out = folder.display().to_string();
    let output = rehearse(&["run", "--out", &out])?.output()?;
    ensure!(
        output.status.success(),
        "the replay ended with {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    read_record(folder)
}

/// Runs the scenario's first step alone.
fn run_first_step(out: &Path) -> anyhow::Result<Output> {
    let out = out.display().to_string();
    Ok(rehearse(&["run", "--until", "cluster", "--out", &out])?.output()?)
}

#[test]
fn the_document_is_replayed_twice_with_one_canonical_record() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let configuration = std::env::var("HOME").map(|home| Path::new(&home).join(".kube/config"))?;
    let before = std::fs::read(&configuration).ok();

    let first = replay(&folder.path().join("first"))?;
    let second = replay(&folder.path().join("second"))?;

    for step in &first.canonical.steps {
        ensure!(
            step.outcome == Outcome::Passed,
            "{} ended as {:?}",
            step.id,
            step.outcome
        );
        ensure!(
            step.checks
                .iter()
                .any(|check| check.verdict == Verdict::Passed && !check.facts.is_empty()),
            "no check of {} saw a fact",
            step.id
        );
    }
    ensure!(
        first.canonical.steps.len() >= 10,
        "only {} steps",
        first.canonical.steps.len()
    );
    ensure!(
        serde_json::to_string_pretty(&first.canonical)?
            == serde_json::to_string_pretty(&second.canonical)?,
        "two runs of the same versions differ: compare {} with {}",
        folder.path().join("first/record.json").display(),
        folder.keep().join("second/record.json").display()
    );
    // What is not the upstream artefact says so.
    ensure!(
        first
            .canonical
            .components
            .iter()
            .any(|component| !component.notes.is_empty()),
        "no component has a note"
    );
    // The document's last step routes through the pod's own address.
    ensure!(
        first
            .canonical
            .steps
            .iter()
            .flat_map(|step| &step.checks)
            .any(|check| !check.remarks.is_empty()),
        "the document's oddity is not remarked"
    );
    ensure!(
        std::fs::read(&configuration).ok() == before,
        "{} was touched",
        configuration.display()
    );
    ensure_no_cluster()?;
    Ok(())
}

#[test]
fn every_report_of_a_run_is_written() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("run");
    let output = run_first_step(&out)?;
    ensure!(
        output.status.code() == Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for name in [
        "record.json",
        "junit.xml",
        "summary.md",
        "report.html",
        "evidence",
    ] {
        ensure!(out.join(name).exists(), "{name} is missing");
    }
    let record = read_record(&out)?;
    ensure!(
        record
            .canonical
            .steps
            .iter()
            .skip(1)
            .all(|step| matches!(step.outcome, Outcome::Skipped { .. }))
    );
    let evidence = std::fs::read_to_string(out.join("record.json"))?;
    ensure!(!evidence.contains("PRIVATE KEY"), "a key is in the record");
    ensure_no_cluster()?;
    Ok(())
}

#[test]
fn a_disk_that_is_full_is_said_to_be_and_leaves_no_cluster() -> anyhow::Result<()> {
    let disk = TinyDisk::mounted()?;
    let out = disk.path().join("run");
    let output = run_first_step(&out)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.code() == Some(3),
        "ended with {}: {said}",
        output.status
    );
    ensure!(
        said.contains("No space left on device") || said.contains("free at"),
        "{said}"
    );
    ensure!(
        !out.join("record.json").exists() || read_record(&out).is_ok(),
        "half a record was left"
    );
    ensure_no_cluster()?;
    Ok(())
}
