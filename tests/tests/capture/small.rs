//! The smallest scenario that a capture answers, a capture of it, and what a run of it leaves.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use rehearse_core::capture::{Capture, FORMAT};
use rehearse_core::record::Record;
use rehearse_tests::without_engine::{Ended, rehearse};
use serde_json::{Value, json};

pub(crate) const SCENARIO: &str = "\
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

pub(crate) const NAME: &str = "calico-3.28.4_multus-4.2.1";

/// A folder with a scenario `small` and a capture of it.
pub(crate) fn stage() -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let scenario = folder.path().join("small");
    fs::create_dir(&scenario)?;
    fs::write(scenario.join("scenario.yaml"), SCENARIO)?;
    let capture: Capture = serde_json::from_value(capture(folder.path())?)?;
    store(folder.path(), &capture.to_gzip()?)?;
    Ok(folder)
}

pub(crate) fn store(folder: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let place = folder.join("small/captures").join(NAME);
    fs::create_dir_all(&place)?;
    Ok(fs::write(place.join("capture.json.gz"), bytes)?)
}

/// What a run of the scenario would have seen, in the versions that the catalogue plans.
pub(crate) fn capture(folder: &Path) -> anyhow::Result<Value> {
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
pub(crate) fn run_folder(folder: &Path) -> anyhow::Result<()> {
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

pub(crate) fn record(folder: &Path, out: &str) -> anyhow::Result<Record> {
    Ok(Record::from_json(&fs::read_to_string(
        folder.join(out).join("record.json"),
    )?)?)
}

/// What differs from run to run: how long it took, and the capture's digest, which the catalogue's pins are part of.
pub(crate) fn stable(ended: &Ended) -> String {
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
