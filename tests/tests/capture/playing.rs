//! A plan that is played: what is found, what it says, and what is blocked.

use std::fs;

use anyhow::Context as _;
use rehearse_core::record::{Outcome, Verdict};
use rehearse_tests::root;
use rehearse_tests::without_engine::rehearse;
use rstest::rstest;

use crate::small::{NAME, SCENARIO, record, stable, stage};

#[test]
fn a_capture_is_played_and_every_report_says_so() -> anyhow::Result<()> {
    let folder = stage()?;
    let ended = rehearse(
        folder.path(),
        &["run", "small", "--on", "capture", "--out", "out"],
    )?;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!("played", stable(&ended));
    let record = record(folder.path(), "out")?;
    assert_eq!(record.canonical.stage, "capture");
    let played = record
        .canonical
        .capture
        .context("no capture in the record")?;
    assert_eq!(played.name, NAME);
    assert_eq!(played.sha256.len(), 64);
    for report in ["summary.md", "junit.xml", "ctrf.json", "report.html"] {
        let text = fs::read_to_string(folder.path().join("out").join(report))?;
        assert!(
            text.contains("nothing was started"),
            "{report} does not say it"
        );
        assert!(text.contains(&played.sha256), "{report} does not say which");
    }
    Ok(())
}

#[test]
fn a_scenario_that_says_nothing_of_its_document_has_the_findings_all_the_same() -> anyhow::Result<()>
{
    let folder = stage()?;
    fs::write(
        folder.path().join("guide.md"),
        "```\ncat <<EOF\na\nEOF \n```\n",
    )?;
    let ended = rehearse(
        folder.path(),
        &[
            "run",
            "small",
            "--on",
            "capture",
            "--out",
            "out",
            "--document",
            "guide.md",
        ],
    )?;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let summary = fs::read_to_string(folder.path().join("out/summary.md"))?;
    assert!(summary.contains("does not say which step replays which block of it"));
    let document = record(folder.path(), "out")?
        .document
        .context("no document in the record")?;
    assert_eq!(document.coverage, None);
    assert!(
        document
            .findings
            .iter()
            .all(|finding| finding.step.is_none())
    );
    assert!(document.findings.iter().any(|finding| finding.line == 4));
    Ok(())
}

#[test]
fn two_plays_have_the_same_canonical_record() -> anyhow::Result<()> {
    let folder = stage()?;
    for out in ["one", "two"] {
        rehearse(
            folder.path(),
            &["run", "small", "--on", "capture", "--out", out],
        )?;
    }
    let canonical = |out| anyhow::Ok(record(folder.path(), out)?.canonical_json());
    assert_eq!(canonical("one")?, canonical("two")?);
    Ok(())
}

#[rstest]
#[case::by_name(NAME.to_owned())]
#[case::by_folder(format!("small/captures/{NAME}"))]
#[case::by_file(format!("./small/captures/{NAME}/capture.json.gz"))]
fn a_capture_is_found_by_name_and_path(#[case] name: String) -> anyhow::Result<()> {
    let folder = stage()?;
    let on = format!("capture:{name}");
    let ended = rehearse(folder.path(), &["run", "small", "--on", &on])?;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    Ok(())
}

#[test]
fn a_version_that_the_capture_has_not_is_blocked_with_the_reason() -> anyhow::Result<()> {
    let folder = stage()?;
    for on in ["capture", "capture:calico-3.28.4_multus-4.2.1"] {
        let out = on.replace(':', "-");
        let ended = rehearse(
            folder.path(),
            &[
                "run",
                "small",
                "--on",
                on,
                "--with",
                "multus=3.9.3",
                "--out",
                &out,
            ],
        )?;
        assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
        let record = record(folder.path(), &out)?;
        for step in record.canonical.steps {
            let Outcome::Blocked { by, why } = step.outcome else {
                anyhow::bail!("{}: {:?}", step.id, step.outcome);
            };
            assert_eq!(by, "the capture");
            let why = why.unwrap_or_default();
            assert!(
                why.contains("it has multus 4.2.1, and the plan 3.9.3"),
                "{why}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_scenario_without_captures_is_blocked_with_the_reason() -> anyhow::Result<()> {
    let folder = stage()?;
    fs::remove_dir_all(folder.path().join("small/captures"))?;
    let ended = rehearse(folder.path(), &["run", "small", "--on", "capture"])?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("has no captures"), "{}", ended.stdout);
    Ok(())
}

#[test]
fn a_check_that_asks_for_something_else_is_blocked() -> anyhow::Result<()> {
    let folder = stage()?;
    let text = SCENARIO.replace(
        "{ command: [word], contains: [yes], absent",
        "{ command: [words], contains: [yes], absent",
    );
    fs::write(folder.path().join("small/scenario.yaml"), text)?;
    let ended = rehearse(
        folder.path(),
        &["run", "small", "--on", "capture", "--out", "out"],
    )?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!("blocked", stable(&ended));
    let step = &record(folder.path(), "out")?.canonical.steps[1];
    assert!(matches!(
        &step.checks[0].verdict,
        Verdict::Blocked { why: Some(_) }
    ));
    Ok(())
}

#[rstest]
#[case::unknown("unknown-capture", &["--on", "capture:none"])]
#[case::stage("unknown-stage", &["--on", "emulator"])]
#[case::keep("capture-keep", &["--on", "capture", "--keep"])]
#[case::setup("capture-setup", &["--on", "capture", "--setup"])]
fn wrong_usage_says_what_would_be_right(
    #[case] name: &str,
    #[case] arguments: &[&str],
) -> anyhow::Result<()> {
    let folder = stage()?;
    let arguments = [&["run", "small"], arguments].concat();
    let ended = rehearse(folder.path(), &arguments)?;
    assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
    assert!(!folder.path().join("rehearse-runs").exists());
    insta::assert_snapshot!(name, ended.stderr);
    Ok(())
}

#[test]
fn a_run_without_an_engine_offers_the_capture_and_takes_none() -> anyhow::Result<()> {
    let folder = stage()?;
    let ended = rehearse(folder.path(), &["run", "small", "--out", "out"])?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    let offer = format!("rehearse run small --on capture:{NAME}");
    assert!(ended.stderr.contains("--setup"), "{}", ended.stderr);
    assert!(ended.stderr.contains(&offer), "{}", ended.stderr);
    assert!(!folder.path().join("out").exists());
    Ok(())
}

#[test]
fn every_committed_capture_answers_every_check_of_its_scenario() -> anyhow::Result<()> {
    let captures = root().join("scenarios/multus-on-crio-with-calico/captures");
    let mut played = 0;
    for entry in fs::read_dir(&captures)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let folder = tempfile::tempdir()?;
        let on = format!("capture:{name}");
        let ended = rehearse(folder.path(), &["run", "--on", &on, "--out", "out"])?;
        // A version with a known defect stops the run that is captured: what that run did not reach, nobody can answer.
        let stopped = ended.code == Some(3)
            && ended
                .stdout
                .contains("blocked by the end of the captured run: it has no step");
        assert!(
            matches!(ended.code, Some(0 | 1)) || stopped,
            "{name} does not answer (hint: capture a new run of these versions)\n{}{}",
            ended.stdout,
            ended.stderr
        );
        played += 1;
    }
    assert_ne!(played, 0);
    Ok(())
}
