//! Secrets and hostile text in every place that the program reads, and a search of everything that it writes.
//!
//! The texts are planted in a capture's file and in a record's, as another program or an older one could have written
//! them. No engine is to be found here.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rehearse_tests::root;
use rehearse_tests::without_engine::{Ended, rehearse};
use serde_json::{Value, json};

/// What each secret holds and nothing that is written may.
const WITHHELD: &str = "W1THH3LD";

/// What steers a terminal, hides, and is a command to a workflow's runner.
const HOSTILE: &str = "\u{1b}]8;;https://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\\u{85}\u{2028}::error::L\u{2066}\u{200d}%0A::error::P ]]> ##vso[task.setvariable]x\u{1b}]0;title\u{7}\u{1b}[2J\0\u{9b}31m\u{202e}\u{200b}\r\n::error file=README.md::PWNED\n  ::add-mask::e\n##[error]PWNED\n|<script>alert(1)</script>`@here`";

const SCENARIO: &str = "scenarios/multus-on-crio-with-calico";
const CAPTURE: &str = "captures/calico-3.28.4_multus-4.2.1/capture.json.gz";

fn shapes() -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(root().join("harness/redaction/testdata/shapes.json"))?;
    Ok(serde_json::from_str(&text)?)
}

/// The repository's capture with texts in each of its outputs: in JSON as annotations, messages and values of their own,
/// elsewhere as lines, and as what was said on standard error.
fn planted() -> anyhow::Result<Value> {
    let file = fs::File::open(root().join(SCENARIO).join(CAPTURE))?;
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text)?;
    let mut capture: Value = serde_json::from_str(&text)?;
    let shapes = shapes()?;
    let mut next = shapes.iter().cycle();
    let mut shape = || next.next().cloned().unwrap_or_default();
    let mut count = 0;
    for step in capture["steps"].as_array_mut().context("no steps")? {
        for look in step["looks"].as_array_mut().context("no looks")? {
            for output in look["outputs"].as_array_mut().context("no outputs")? {
                count += 1;
                plant(output, &mut shape)?;
            }
        }
    }
    anyhow::ensure!(count > 50, "{count} outputs");
    Ok(capture)
}

fn plant(output: &mut Value, shape: &mut impl FnMut() -> String) -> anyhow::Result<()> {
    let text = output["text"].as_str().context("no text")?.to_owned();
    output["error"] = format!("{HOSTILE}\n{}", shape()).into();
    let Ok(Value::Array(mut objects)) = serde_json::from_str::<Value>(&text) else {
        output["text"] = format!("{text}{HOSTILE}\n{}\n", shape()).into();
        return Ok(());
    };
    for object in objects.iter_mut().filter(|object| object.is_object()) {
        if object["metadata"].is_object() {
            object["metadata"]["annotations"]["planted"] = format!("{HOSTILE}\n{}", shape()).into();
        }
        if object["message"].is_string() {
            object["message"] = format!("{HOSTILE}\n{}", shape()).into();
        }
        if object["content"].is_string() {
            object["content"] = shape().into();
        }
        for container in object["spec"]["containers"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            container["env"] = json!([{ "name": "PASSWORD", "value": WITHHELD }]);
            container["args"] = json!(["--token", WITHHELD]);
        }
    }
    output["text"] = Value::Array(objects).to_string().into();
    Ok(())
}

fn pack(path: &Path, capture: &Value) -> anyhow::Result<()> {
    let mut file = GzEncoder::new(fs::File::create(path)?, Compression::fast());
    file.write_all(capture.to_string().as_bytes())?;
    file.finish()?;
    Ok(())
}

/// All that a folder holds, unpacked.
fn files(folder: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
            continue;
        }
        let mut bytes = fs::read(&path)?;
        if path.extension().is_some_and(|extension| extension == "gz") {
            let packed = std::mem::take(&mut bytes);
            GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes)?;
        }
        all.push((path, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(all)
}

#[track_caller]
fn has_no_secret(what: &str, text: &str) {
    let at = text
        .find(WITHHELD)
        .map(|at| text.floor_char_boundary(at.saturating_sub(200)));
    let near = at.map(|at| text[at..].chars().take(300).collect::<String>());
    assert_eq!(near, None, "{what}");
}

/// Nothing steers, and no line is a command but our own annotations.
#[track_caller]
fn is_text(what: &str, text: &str) {
    let annotation = [
        "::error file=",
        "::error title=",
        "::warning file=",
        "::warning title=",
    ];
    for line in text.lines() {
        let ours = annotation.iter().any(|start| line.starts_with(start));
        assert!(!line.trim().starts_with("::") || ours, "{what}: {line:?}");
        assert!(!line.contains("##["), "{what}: {line:?}");
        assert!(!line.contains("##vso["), "{what}: {line:?}");
        let steers = |character: char| {
            (character.is_control() && character != '\t')
                || "\u{200b}\u{200d}\u{2028}\u{202e}\u{2066}".contains(character)
        };
        assert!(!line.contains(steers), "{what}: {line:?}");
    }
    // What it would be in a page or in JUnit's XML; JSON and a terminal's text are neither.
    if text.contains("<!doctype html>") || text.starts_with("<?xml") {
        assert!(!text.contains("<script>alert"), "{what}");
        assert!(!text.contains("]]>"), "{what}");
    }
}

#[track_caller]
fn said_is_text(what: &str, ended: &Ended) {
    for text in [&ended.stdout, &ended.stderr] {
        has_no_secret(what, text);
        is_text(what, text);
    }
}

#[test]
fn nothing_that_is_written_of_a_capture_has_a_secret_or_steers() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let scenario = root().join(SCENARIO).display().to_string();
    let capture = planted()?;
    let path = folder.path().join("capture.json.gz");
    pack(&path, &capture)?;
    let on = format!("capture:{}", folder.path().display());
    let run = |out: &str, arguments: &[&str]| -> anyhow::Result<Ended> {
        let mut all = vec!["run", scenario.as_str(), "--on", on.as_str(), "--out", out];
        all.extend(arguments);
        rehearse(folder.path(), &all)
    };
    let ended = run("out", &[])?;
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    said_is_text("run", &ended);
    let out = folder.path().join("out");
    for (path, text) in files(&out)? {
        has_no_secret(&path.display().to_string(), &text);
        is_text(&path.display().to_string(), &text);
    }
    for format in [
        "terminal",
        "junit",
        "markdown",
        "html",
        "ctrf",
        "annotations",
        "sarif",
        "json",
    ] {
        let ended = rehearse(folder.path(), &["report", "out", "--format", format])?;
        said_is_text(format, &ended);
    }
    // A run's own outputs, as an older program left them.
    let outputs = out.join("outputs");
    fs::create_dir(&outputs)?;
    let mut head = capture.clone();
    head["steps"] = json!([]);
    fs::write(outputs.join("capture.json"), head.to_string())?;
    for (number, step) in capture["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let id = step["id"].as_str().unwrap_or_default();
        fs::write(
            outputs.join(format!("{:02}-{id}.json", number + 1)),
            step.to_string(),
        )?;
    }
    said_is_text(
        "recheck",
        &rehearse(folder.path(), &["recheck", "out", &scenario])?,
    );
    let ended = rehearse(
        folder.path(),
        &["capture", "out", &scenario, "--out", "new.json.gz"],
    )?;
    said_is_text("capture", &ended);
    let ended = rehearse(folder.path(), &["compare", "out", "out"])?;
    said_is_text("compare", &ended);
    Ok(())
}

#[test]
fn a_record_of_somebody_else_is_shown_without_its_secrets() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let text = fs::read_to_string(root().join("harness/core/testdata/record/failed.json"))?;
    let mut record: Value = serde_json::from_str(&text)?;
    let mut number = 0;
    let shapes = shapes()?;
    texts(&mut record["run"]["failures"], &mut |text| {
        number += 1;
        *text = format!("{HOSTILE}\n{}", shapes[number % shapes.len()]);
    });
    assert!(number > 10, "{number} texts");
    fs::write(folder.path().join("record.json"), record.to_string())?;
    for format in [
        "terminal",
        "junit",
        "markdown",
        "html",
        "ctrf",
        "annotations",
        "sarif",
        "json",
    ] {
        let ended = rehearse(
            folder.path(),
            &["report", "record.json", "--format", format],
        )?;
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        said_is_text(format, &ended);
    }
    Ok(())
}

/// Changes every text in a value.
fn texts(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| texts(value, change)),
        Value::Object(fields) => fields.values_mut().for_each(|value| texts(value, change)),
        _ => {}
    }
}

#[test]
fn a_scenario_that_is_quoted_in_a_problem_is_shown_without_its_secrets() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let text = format!(
        "scenario: small\ntitle: \"\\e[2J\\u202E\\n::error::x\"\nnodes: {{ control-planes: 1, workers: 0 }}\npassword: {WITHHELD}\nsteps: []\n"
    );
    fs::write(folder.path().join("scenario.yaml"), text)?;
    for command in ["check", "plan"] {
        let ended = rehearse(folder.path(), &[command, "."])?;
        assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
        said_is_text(command, &ended);
    }
    Ok(())
}
