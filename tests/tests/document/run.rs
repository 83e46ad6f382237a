//! `rehearse run --document` on a capture: what a run's reports tell of a document, and what they leave as it is.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use rehearse_core::record::{DocumentCoverage, DocumentUnderTest, Record};
use rehearse_tests::without_engine::{Ended, rehearse};
use rstest::rstest;

use super::document;

/// A here-document that no shell ends, in a block that the scenario says nothing of.
const GUIDE: &str = "\
# A guide

```
kubectl create -f - <<EOF
apiVersion: v1
kind: Namespace
metadata:
  name: guide
EOF\u{20}
```
";

/// A folder with the guide in it.
fn stage() -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("guide.md"), GUIDE)?;
    Ok(folder)
}

fn run(folder: &Path, out: &str, arguments: &[&str]) -> anyhow::Result<Ended> {
    let run = ["run", "--on", "capture", "--out", out];
    rehearse(folder, &[&run[..], arguments].concat())
}

fn record(folder: &Path, out: &str) -> anyhow::Result<Record> {
    let path = folder.join(out).join("record.json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(Record::from_json(&text)?)
}

fn found(folder: &Path, out: &str) -> anyhow::Result<DocumentUnderTest> {
    let document = record(folder, out)?.document;
    document.with_context(|| format!("the record of {out} has no document"))
}

#[test]
fn findings_are_in_every_report_and_change_no_verdict() -> anyhow::Result<()> {
    let folder = stage()?;
    let folder = folder.path();
    let without = run(folder, "without", &[])?;
    let with = run(folder, "with", &["--document", "guide.md"])?;
    assert_eq!(with.code, Some(0), "{}{}", with.stdout, with.stderr);
    assert_eq!(with.code, without.code);
    let (with_part, without_part) = (record(folder, "with")?, record(folder, "without")?);
    assert_eq!(with_part.canonical_json(), without_part.canonical_json());
    assert_eq!(without_part.document, None);
    assert!(with_part.run.command.ends_with(" --document guide.md"));
    let document = found(folder, "with")?;
    assert_eq!(document.path, "guide.md");
    assert!(document.coverage.is_some());
    let codes: Vec<_> = document
        .findings
        .iter()
        .map(|finding| (finding.line, finding.code.as_str()))
        .collect();
    // Nothing that the scenario links is in this guide, which is told once.
    assert!(codes.contains(&(1, "block-gone")), "{codes:?}");
    assert!(codes.contains(&(9, "here-document-end")), "{codes:?}");
    for report in ["summary.md", "report.html"] {
        let text = fs::read_to_string(folder.join("with").join(report))?;
        for part in ["here-document-end", "block-gone", "guide.md"] {
            assert!(text.contains(part), "{report} has no {part}");
        }
    }
    assert!(
        with.stdout.contains("Document guide.md\n"),
        "{}",
        with.stdout
    );
    assert!(!without.stdout.contains("Document "), "{}", without.stdout);
    assert!(!with.stdout.contains("::error"), "{}", with.stdout);
    Ok(())
}

#[test]
fn two_runs_of_the_same_document_tell_the_same_of_it() -> anyhow::Result<()> {
    let folder = stage()?;
    let part = |out: &str| {
        run(folder.path(), out, &["--document", "guide.md"])?;
        anyhow::Ok(serde_json::to_string(&found(folder.path(), out)?)?)
    };
    assert_eq!(part("one")?, part("two")?);
    Ok(())
}

#[test]
fn in_a_workflow_each_finding_is_on_the_line_of_the_document() -> anyhow::Result<()> {
    let folder = stage()?;
    let output = |arguments: &[&str]| {
        let mut command = rehearse_tests::rehearse(arguments)?;
        let output = command
            .current_dir(folder.path())
            .env("REHEARSE_HOME", rehearse_tests::root())
            .env("GITHUB_ACTIONS", "true")
            .output()?;
        anyhow::Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let run = output(&[
        "run",
        "--on",
        "capture",
        "--out",
        "out",
        "--document",
        "guide.md",
    ])?;
    let lint = output(&["document", "lint", "guide.md", "--format", "github"])?;
    assert!(lint.contains("::error file=guide.md,line=9"), "{lint}");
    for line in lint.lines() {
        assert!(run.lines().any(|told| told == line), "{line}\n{run}");
    }
    Ok(())
}

#[rstest]
#[case::absent("none.md")]
#[case::a_folder(".")]
fn a_document_that_cannot_be_read_is_wrong_usage_and_makes_nothing(
    #[case] path: &str,
) -> anyhow::Result<()> {
    let folder = stage()?;
    for on in ["capture", "kind"] {
        let ended = rehearse(
            folder.path(),
            &["run", "--on", on, "--out", "out", "--document", path],
        )?;
        assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
        let told = format!("failed to read {path}: ");
        assert!(ended.stderr.contains(&told), "{}", ended.stderr);
        assert!(ended.stderr.contains("give the path of a Markdown file"));
        assert!(!folder.path().join("out").exists());
        assert!(!folder.path().join("cache").exists());
    }
    Ok(())
}

#[test]
fn every_cell_of_a_matrix_has_the_findings() -> anyhow::Result<()> {
    let folder = stage()?;
    let ended = run(
        folder.path(),
        "out",
        &["--matrix", "--document", "guide.md"],
    )?;
    let told = "document guide.md: ";
    assert_eq!(ended.stdout.matches(told).count(), 1, "{}", ended.stdout);
    let mut cells = 0;
    for entry in fs::read_dir(folder.path().join("out"))? {
        let path = entry?.path();
        if path.is_dir() {
            let text = fs::read_to_string(path.join("record.json"))?;
            let document = Record::from_json(&text)?.document;
            assert!(document.is_some_and(|document| !document.findings.is_empty()));
            cells += 1;
        }
    }
    assert!(cells > 1, "{}{}", ended.stdout, ended.stderr);
    Ok(())
}

#[test]
#[cfg_attr(
    not(has_document),
    ignore = "there is no document beside the project; REHEARSE_DOCUMENT names one"
)]
fn the_document_that_the_scenario_replays_is_linked_to_its_steps() -> anyhow::Result<()> {
    let path = document();
    let folder = stage()?;
    let ended = run(
        folder.path(),
        "out",
        &["--document", &path.display().to_string()],
    )?;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let record = record(folder.path(), "out")?;
    let document = found(folder.path(), "out")?;
    assert_eq!(document.sha256, record.canonical.document.sha256);
    let percent = document.coverage.and_then(DocumentCoverage::percent);
    assert_eq!(percent, Some(100.0));
    let at = |line: usize, code: &str| {
        let mut findings = document.findings.iter();
        let finding =
            findings.find(|finding| (finding.line, finding.code.as_str()) == (line, code));
        finding.and_then(|finding| finding.step.as_deref())
    };
    assert_eq!(at(53, "here-document-end"), Some("install-calico"));
    assert_eq!(at(207, "here-document-end"), Some("net-calico"));
    for id in document
        .findings
        .iter()
        .filter_map(|finding| finding.step.as_ref())
    {
        let mut steps = record.canonical.steps.iter();
        assert!(steps.any(|step| step.id == *id), "{id}");
    }
    Ok(())
}
