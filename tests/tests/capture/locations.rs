//! Where the scenario writes what went wrong, in all that a run and `report` show of it.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use rehearse_tests::without_engine::rehearse;
use serde_json::Value;

use crate::small::{SCENARIO, record, stage};

const FAILS: &str = "there is no other";

/// The folder with a scenario whose second step fails, and the line of the check that does.
fn stage_that_fails() -> anyhow::Result<(tempfile::TempDir, usize)> {
    let folder = stage()?;
    let text = SCENARIO
        .replace("absent: [maybe]", "contains: [other]")
        .replacen("contains: [yes], ", "", 1);
    let text = format!("# A guide of ours.\n\n{text}");
    fs::write(folder.path().join("small/scenario.yaml"), &text)?;
    let mut lines = text.lines();
    let line = lines.position(|line| line.contains(FAILS));
    Ok((folder, line.context("no such check")? + 1))
}

/// Every report of the run in `out`, by its name.
fn reports(folder: &Path) -> anyhow::Result<Vec<(&'static str, String)>> {
    let formats = [
        "terminal",
        "markdown",
        "html",
        "junit",
        "ctrf",
        "sarif",
        "annotations",
    ];
    let mut all = Vec::new();
    for format in formats {
        let ended = rehearse(folder, &["report", "out", "--format", format])?;
        all.push((format, ended.stdout.replace("&#x2f;", "/")));
    }
    Ok(all)
}

#[test]
fn the_line_of_a_check_that_fails_is_in_everything_that_tells_of_it() -> anyhow::Result<()> {
    let (folder, line) = stage_that_fails()?;
    fs::create_dir(folder.path().join(".git"))?;
    let run = ["run", "../small", "--on", "capture", "--out", "../out"];
    fs::create_dir(folder.path().join("below"))?;
    let ended = rehearse(&folder.path().join("below"), &run)?;
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    let place = format!("small/scenario.yaml:{line}");
    assert!(ended.stdout.contains(&place), "{}", ended.stdout);
    let out = folder.path().join("out");
    for file in ["summary.md", "report.html", "junit.xml", "ctrf.json"] {
        let text = fs::read_to_string(out.join(file))?.replace("&#x2f;", "/");
        assert!(text.contains(&place), "{file}: {text}");
    }
    for (report, text) in reports(folder.path())? {
        let place = match report {
            "annotations" => format!("::error file=small/scenario.yaml,line={line},title="),
            "sarif" => {
                let log: Value = serde_json::from_str(&text)?;
                let result = &log["runs"][0]["results"][0];
                let location = &result["locations"][0]["physicalLocation"];
                assert_eq!(location["region"]["startLine"], line);
                "\"uri\": \"small/scenario.yaml\"".to_owned()
            }
            _ => place.clone(),
        };
        assert!(text.contains(&place), "{report}: {text}");
    }
    let recheck = record(folder.path(), "out")?;
    assert!(!recheck.canonical_json().contains("scenario.yaml"));
    Ok(())
}

#[test]
fn a_scenario_in_no_repository_is_told_by_its_whole_path() -> anyhow::Result<()> {
    let (folder, line) = stage_that_fails()?;
    let elsewhere = tempfile::tempdir()?;
    let small = folder.path().join("small");
    let small = small.to_str().context("the path is no text")?;
    let run = ["run", small, "--on", "capture", "--out", "out"];
    let ended = rehearse(elsewhere.path(), &run)?;
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    let place = format!(
        "{}/scenario.yaml:{line}",
        fs::canonicalize(small)?.display()
    );
    for (report, text) in reports(elsewhere.path())? {
        let wanted = match report {
            "sarif" => "\"uri\": \"file:///".to_owned(),
            _ => place.clone(),
        };
        assert!(text.contains(&wanted), "{report}: {text}");
        assert!(!text.contains("::error file="), "{report}: {text}");
    }
    Ok(())
}

#[test]
fn a_record_of_an_older_program_is_shown_without_lines() -> anyhow::Result<()> {
    let (folder, _) = stage_that_fails()?;
    rehearse(
        folder.path(),
        &["run", "small", "--on", "capture", "--out", "out"],
    )?;
    let path = folder.path().join("out/record.json");
    let mut record: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let run = record["run"].as_object_mut().context("no run")?;
    run.remove("locations").context("no locations")?;
    fs::write(&path, record.to_string())?;
    for (report, text) in reports(folder.path())? {
        assert!(text.contains(FAILS), "{report}: {text}");
        assert!(!text.contains("scenario.yaml"), "{report}: {text}");
    }
    Ok(())
}
