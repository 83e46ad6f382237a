//! `rehearse faults` as a user sees it: on captures of one small step, and on those of the repository's scenario.

use std::fs;
use std::path::Path;

use rehearse_core::capture::{Capture, CapturedLook, CapturedStep, FORMAT};
use rehearse_core::query::{Output, Query, Subject};
use rstest::rstest;
use serde_json::json;

const SCENARIO: &str = "\
scenario: small
title: One program on three nodes
document: { sha256: \"0000000000000000000000000000000000000000000000000000000000000000\", lines: 10 }
nodes: { control-planes: 1, workers: 2, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { calico: 3.28.4 }
steps:
  - id: name
    title: The nodes run Linux
    document: { lines: [1, 2] }
    expect:
      - that: each node says so
        check: { node-command: { command: [uname], contains: [Linux] } }
";

/// What each node printed, in a capture's folder of a scenario.
fn scenario(folder: &Path, text: &str, printed: &str) -> anyhow::Result<()> {
    fs::write(folder.join("scenario.yaml"), text)?;
    let outputs =
        ["a", "b", "c"].map(|node| Output::fetched(Subject::Node(node.to_owned()), 0, printed, ""));
    let capture = Capture {
        format: FORMAT,
        scenario: "small".to_owned(),
        document: serde_json::from_value(json!({"sha256": "0".repeat(64), "lines": 10}))?,
        source: rehearse_core::catalogue::Source::Module,
        nodes: serde_json::from_value(
            json!({"control-planes": 1, "workers": 2, "schedulable-control-planes": true}),
        )?,
        cluster: serde_json::from_value(
            json!({"pod-subnet": "10.244.0.0/16", "service-subnet": "10.96.0.0/12"}),
        )?,
        components: serde_json::from_value(json!([
            {"name": "calico", "version": "3.28.4", "reason": "", "origin": "", "digests": {}, "notes": []},
            {"name": "tigera-operator", "version": "1.29.0", "reason": "", "origin": "", "digests": {}, "notes": []}
        ]))?,
        steps: vec![CapturedStep {
            id: "name".to_owned(),
            started: "2026-01-01T00:00:00Z".parse()?,
            acts: Vec::new(),
            act_digests: Vec::new(),
            looks: vec![CapturedLook::of(
                Query::NodeCommand {
                    command: vec!["uname".to_owned()],
                },
                outputs.to_vec(),
            )],
            others: Vec::new(),
            earlier: Vec::new(),
        }],
    };
    let captures = folder.join("captures/calico-3.28.4");
    fs::create_dir_all(&captures)?;
    fs::write(captures.join("capture.json.gz"), capture.to_gzip()?)?;
    Ok(())
}

/// Exit code and both streams.
fn faults(arguments: &[&str]) -> anyhow::Result<(Option<i32>, String)> {
    let mut all = vec!["faults"];
    all.extend(arguments);
    let output = rehearse_tests::rehearse(&all)?.output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((
        output.status.code(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

const IGNORED: &str =
    "ignore:\n  - { fact: printed.line, subject: \"*: Debian\", reason: not the document's }\n";

#[rstest]
#[case::all_is_watched(
    "",
    "Linux\n",
    0,
    "facts: 9 seen; 9 watched (100.0 %), 0 of them not against every mutant; 0 ignored with a reason; 0 unwatched; watched or ignored: 100.0 %"
)]
#[case::a_fact_is_not_watched(
    "",
    "Linux\nDebian\n",
    1,
    "  name / printed.line: 3 such as `node a: Debian`"
)]
#[case::it_is_ignored(
    IGNORED,
    "Linux\nDebian\n",
    0,
    "3 ignored with a reason; 0 unwatched; watched or ignored: 100.0 %"
)]
#[case::it_need_not_be_ignored(
    IGNORED,
    "Linux\n",
    2,
    "`printed.line` is ignored, but a check watches each such fact, or there is none"
)]
#[case::it_is_not_green(
    "",
    "Windows\n",
    1,
    "calico-3.28.4 / name / each node says so: uname on node a: expected 'Linux' in a line, observed Windows: no line contains it"
)]
#[case::no_mutant_turns_it_red(
    "",
    "Windows\n",
    1,
    "checks that no mutant turned red:\n  name / each node says so (node-command)"
)]
fn what_is_missing_decides_the_exit_code(
    #[case] ignored: &str,
    #[case] printed: &str,
    #[case] expected: i32,
    #[case] line: &str,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    scenario(folder.path(), &format!("{SCENARIO}{ignored}"), printed)?;
    let (code, text) = faults(&[&folder.path().display().to_string()])?;
    assert_eq!(code, Some(expected), "{text}");
    assert!(text.contains(line), "{text}");
    Ok(())
}

#[test]
fn without_a_capture_there_is_nothing_to_try() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("scenario.yaml"), SCENARIO)?;
    let (code, text) = faults(&[&folder.path().display().to_string()])?;
    assert_eq!(code, Some(2));
    assert!(
        text.contains("has no captures (hint: make one of a run with `rehearse capture RUN`)"),
        "{text}"
    );
    Ok(())
}

/// Every check of the scenario was seen failing, and every fact is watched or ignored with a reason.
#[test]
fn the_scenarios_own_captures_are_covered() -> anyhow::Result<()> {
    let (code, text) = faults(&[])?;
    assert_eq!(code, Some(0), "{text}");
    Ok(())
}
