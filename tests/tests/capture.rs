//! Captures with the built program: a plan that is played, a run that becomes a capture, and files that are none.
//!
//! No engine is to be found here: a capture needs none.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use rehearse_core::capture::{Capture, FORMAT, LARGEST, LARGEST_UNPACKED};
use rehearse_core::record::{Outcome, Record, Verdict};
use rehearse_tests::root;
use rehearse_tests::without_engine::{Ended, rehearse};
use rstest::rstest;
use serde_json::{Value, json};

const SCENARIO: &str = "\
scenario: small
title: The smallest scenario that a capture answers
document: { sha256: \"0000000000000000000000000000000000000000000000000000000000000000\", lines: 10 }
nodes: { control-planes: 1, workers: 0, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { calico: 3.28.4, multus: 4.2.1 }
steps:
  - id: first
    title: The word is there
    expect:
      - that: the word comes
        until: 10s
        check:
          node-command: { command: [word], contains: [yes] }
  - id: second
    title: And it is the only one
    expect:
      - that: there is no other
        check:
          node-command: { command: [word], contains: [yes], absent: [maybe] }
";

const NAME: &str = "calico-3.28.4_multus-4.2.1";

/// A folder with a scenario `small` and a capture of it.
fn stage() -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let scenario = folder.path().join("small");
    fs::create_dir(&scenario)?;
    fs::write(scenario.join("scenario.yaml"), SCENARIO)?;
    let capture: Capture = serde_json::from_value(capture(folder.path())?)?;
    store(folder.path(), &capture.to_gzip()?)?;
    Ok(folder)
}

fn store(folder: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let place = folder.join("small/captures").join(NAME);
    fs::create_dir_all(&place)?;
    Ok(fs::write(place.join("capture.json.gz"), bytes)?)
}

/// What a run of the scenario would have seen, in the versions that the catalogue plans.
fn capture(folder: &Path) -> anyhow::Result<Value> {
    let plan = rehearse(folder, &["plan", "small", "--json"])?;
    let plan: Value = serde_json::from_str(&plan.stdout).context(plan.stderr)?;
    let components = plan["components"]
        .as_object()
        .context("the plan has no components")?;
    let components: Vec<Value> = components
        .iter()
        .map(|(name, choice)| {
            json!({"name": name, "version": choice["version"], "reason": null, "origin": "made up", "digests": {}, "notes": []})
        })
        .collect();
    let step = |id: &str| {
        json!({
            "id": id,
            "started": "2026-01-01T12:00:00Z",
            "acts": [],
            "act-digests": [],
            "looks": [{
                "query": {"node-command": {"command": ["word"]}},
                "outputs": [{"subject": {"node": "a"}, "status": 0, "text": "yes\n", "error": ""}],
            }],
        })
    };
    Ok(json!({
        "format": FORMAT,
        "scenario": "small",
        "document": plan["document"],
        "source": "module",
        "nodes": plan["nodes"],
        "cluster": {"pod-subnet": "10.244.0.0/16", "service-subnet": "10.96.0.0/12"},
        "components": components,
        "steps": [step("first"), step("second")],
    }))
}

/// A run's folder with a record and the outputs that it was made of.
fn run_folder(folder: &Path) -> anyhow::Result<()> {
    let played = rehearse(folder, &["run", "small", "--on", "capture", "--out", "run"])?;
    anyhow::ensure!(played.code == Some(0), "{}", played.stderr);
    let mut head = capture(folder)?;
    let steps = head["steps"].take();
    head["steps"] = json!([]);
    let outputs = folder.join("run/outputs");
    fs::create_dir(&outputs)?;
    fs::write(outputs.join("capture.json"), head.to_string())?;
    let steps = steps.as_array().context("no steps")?;
    for (index, step) in steps.iter().enumerate() {
        let name = format!(
            "{:02}-{}.json",
            index + 1,
            step["id"].as_str().unwrap_or_default()
        );
        fs::write(outputs.join(name), step.to_string())?;
    }
    Ok(())
}

fn record(folder: &Path, out: &str) -> anyhow::Result<Record> {
    Ok(Record::from_json(&fs::read_to_string(
        folder.join(out).join("record.json"),
    )?)?)
}

/// What differs from run to run: how long it took, and the capture's digest, which the catalogue's pins are part of.
fn stable(ended: &Ended) -> String {
    let lines = ended.stdout.lines().map(|line| {
        let words = line.split(' ').map(|word| {
            let is_digest = word.len() >= 64 && word.chars().any(|one| one.is_ascii_digit());
            if is_digest { "[sha256]" } else { word }
        });
        words.collect::<Vec<_>>().join(" ")
    });
    let kept =
        lines.filter(|line| !line.starts_with("versions") && !line.starts_with("          "));
    let text = kept.collect::<Vec<_>>().join("\n");
    let verdict = text.rfind(" · ").unwrap_or(text.len());
    text[..verdict].to_owned()
}

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

#[rstest]
#[case::empty("capture-empty", |_: &[u8]| Vec::new())]
#[case::truncated("capture-truncated", |whole: &[u8]| whole[..whole.len() / 2].to_vec())]
#[case::other("capture-other", |_: &[u8]| b"{\"format\": 1}".to_vec())]
#[case::huge("capture-huge", |_: &[u8]| vec![0; LARGEST + 1])]
fn a_file_that_is_no_capture_is_an_error(
    #[case] name: &str,
    #[case] change: fn(&[u8]) -> Vec<u8>,
) -> anyhow::Result<()> {
    let folder = stage()?;
    let capture: Capture = serde_json::from_value(capture(folder.path())?)?;
    store(folder.path(), &change(&capture.to_gzip()?))?;
    let ended = rehearse(folder.path(), &["run", "small", "--on", "capture"])?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!(name, ended.stderr);
    Ok(())
}

#[test]
fn a_capture_that_unpacks_to_too_much_is_an_error() -> anyhow::Result<()> {
    let folder = stage()?;
    let mut bomb: Capture = serde_json::from_value(capture(folder.path())?)?;
    bomb.scenario = " ".repeat(LARGEST_UNPACKED);
    let bytes = bomb.to_gzip()?;
    assert!(bytes.len() < LARGEST);
    store(folder.path(), &bytes)?;
    let ended = rehearse(folder.path(), &["run", "small", "--on", "capture"])?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!("capture-bomb", ended.stderr);
    Ok(())
}

#[rstest]
#[case::format("capture-format", "format", json!(9), 3)]
#[case::scenario("capture-scenario", "scenario", json!("another"), 3)]
fn a_capture_of_something_else_answers_nothing(
    #[case] name: &str,
    #[case] key: &str,
    #[case] value: Value,
    #[case] code: i32,
) -> anyhow::Result<()> {
    let folder = stage()?;
    let mut written = capture(folder.path())?;
    written[key] = value;
    let capture: Capture = serde_json::from_value(written)?;
    store(folder.path(), &capture.to_gzip()?)?;
    let on = format!("capture:{NAME}");
    let arguments = ["run", "small", "--on", &on, "--out", "out"];
    let ended = rehearse(folder.path(), &arguments)?;
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!(name, format!("{}{}", stable(&ended), ended.stderr));
    Ok(())
}

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
    Ok(())
}

#[test]
fn a_capture_that_says_something_else_than_the_run_is_not_written() -> anyhow::Result<()> {
    let folder = stage()?;
    run_folder(folder.path())?;
    let text = SCENARIO.replace("absent: [maybe]", "absent: [yes]");
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
    let text = SCENARIO.replace("absent: [maybe]", "absent: [yes]");
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
                .contains("blocked by the capture: it has no step");
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
