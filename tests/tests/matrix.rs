//! The built program on matrices, merged records, bisection and locks, without a cluster: the records are made from the
//! core's sample of a real run.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use rehearse_core::record::Record;
use rehearse_tests::{browser, root};
use rstest::rstest;
use serde_json::Value;

/// What the program left.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs the program in a folder, with no engine to be found.
fn rehearse(folder: &Path, arguments: &[&str]) -> anyhow::Result<Ended> {
    let output = rehearse_tests::rehearse(arguments)?
        .current_dir(folder)
        .env("REHEARSE_HOME", root())
        .env("REHEARSE_CACHE", folder.join("cache"))
        .env(
            "DOCKER_HOST",
            format!("unix://{}", folder.join("no-engine.sock").display()),
        )
        .env_remove("REHEARSE_LOG")
        .output()
        .context("failed to run the program")?;
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .replace(&folder.display().to_string(), "[folder]")
            .replace(&root().display().to_string(), "[repository]")
    };
    Ok(Ended {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    })
}

/// The sample record as one of this version of Multus, with every pin of the catalogue, after a change of its text.
fn record(multus: &str, change: impl FnOnce(&str) -> String) -> anyhow::Result<String> {
    let sample = root().join("harness/core/testdata/record/passed.json");
    let text = change(&fs::read_to_string(sample)?);
    let mut record = Record::from_json(&text)?;
    let plan = rehearse(
        &root(),
        &["plan", "--json", "--with", &format!("multus={multus}")],
    )?;
    let plan: Value = serde_json::from_str(&plan.stdout)?;
    let components = plan["components"].as_object().context("no components")?;
    let any = record.canonical.components.first().cloned();
    let any = any.context("no component in the sample")?;
    record.canonical.components = components
        .iter()
        .map(|(name, choice)| rehearse_core::record::Component {
            name: name.clone(),
            version: choice["version"].as_str().unwrap_or_default().to_owned(),
            ..any.clone()
        })
        .collect();
    record.canonical.document = serde_json::from_value(plan["document"].clone())?;
    Ok(record.to_json())
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let folder = folder.join(name);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("record.json"), text)?;
    Ok(())
}

#[test]
fn a_matrix_is_what_a_ci_takes() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = rehearse(folder.path(), &["plan", "--matrix", "--json"])?;
    assert_eq!((ended.code, ended.stdout.lines().count()), (Some(0), 1));
    let matrix: Value = serde_json::from_str(&ended.stdout)?;
    let cells = matrix["include"].as_array().context("no include")?;
    assert_eq!(cells.len(), 5);
    for cell in cells {
        let texts = cell.as_object().context("a cell is no object")?;
        assert!(texts.values().all(Value::is_string), "{cell}");
        // A run of the cell alone takes its own options.
        let with = cell["with"].as_str().unwrap_or_default();
        let mut arguments = vec!["plan"];
        arguments.extend(with.split(' '));
        assert_eq!(rehearse(folder.path(), &arguments)?.code, Some(0), "{with}");
    }
    let table = rehearse(folder.path(), &["plan", "--matrix"])?;
    insta::assert_snapshot!("plan-matrix", table.stdout);
    let schema = rehearse(folder.path(), &["schema", "versions"])?;
    let committed = fs::read_to_string(root().join("scenarios/versions.schema.json"))?;
    assert!(
        schema.stdout == committed,
        "the committed schema is not the program's"
    );
    Ok(())
}

/// A version with a known defect stopped the run that was captured: that is as expected, and what follows from it.
#[test]
fn the_shipped_matrix_is_as_expected_on_its_captures() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let matrix = ["run", "--matrix", "--on", "capture", "--out", "out"];
    let ended = rehearse(folder.path(), &matrix)?;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended
            .stdout
            .contains("the captured run ended before new-sandboxes, as is known"),
        "{}",
        ended.stdout
    );
    Ok(())
}

#[rstest]
#[case::shard("no-shard", &["plan", "--matrix", "--shard", "4/3"])]
#[case::empty_shard("empty-shard", &["run", "--matrix", "--shard", "7/7"])]
#[case::cell("no-cell", &["run", "--matrix", "--cell", "calico-1.0.0_multus-1.0.0"])]
#[case::versions("no-version", &["plan", "--matrix", "--with", "multus=9.9.9"])]
#[case::backwards("backwards", &["bisect", "--component", "multus", "--from", "4.3.0", "--to", "3.9.3"])]
#[case::component("no-component", &["bisect", "--component", "multsu", "--from", "3.9.3", "--to", "4.3.0"])]
#[case::no_lock("no-lock", &["run", "--locked", "rehearse.lock"])]
fn wrong_usage_ends_with_two_and_says_what_would_be_right(
    #[case] name: &str,
    #[case] arguments: &[&str],
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = rehearse(folder.path(), arguments)?;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    insta::assert_snapshot!(name, ended.stderr);
    Ok(())
}

#[test]
fn without_an_engine_a_matrix_says_what_is_missing_and_makes_nothing() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = rehearse(folder.path(), &["run", "--matrix", "--out", "out"])?;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("--setup"), "{}", ended.stderr);
    assert!(!folder.path().join("out").exists());
    Ok(())
}

#[test]
fn shards_are_merged_into_one_page() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let same = str::to_owned;
    for (place, multus) in [("one/a", "4.2.1"), ("one/b", "3.9.3"), ("two/c", "4.2.4")] {
        write(folder.path(), place, &record(multus, same)?)?;
    }
    let ended = rehearse(folder.path(), &["merge", "one", "two", "--out", "merged"])?;
    assert_eq!(
        ended.code,
        Some(3),
        "two cells have no record: {}",
        ended.stderr
    );
    insta::assert_snapshot!("merge", ended.stdout);
    for name in ["matrix.json", "matrix.html", "matrix.md"] {
        assert!(folder.path().join("merged").join(name).is_file(), "{name}");
    }
    let again = rehearse(folder.path(), &["merge", "one", "--out", "merged"])?;
    assert_eq!(again.code, Some(2));
    let twice = rehearse(folder.path(), &["merge", "one", "one/a", "--out", "twice"])?;
    assert_eq!(twice.code, Some(2), "{}", twice.stderr);
    assert!(twice.stderr.contains("is there twice"), "{}", twice.stderr);
    Ok(())
}

#[test]
fn bisect_finds_the_first_version_in_records_and_runs_nothing() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let change = |text: &str| text.replace("default via 169.254.1.1", "default via 169.254.9.9");
    for (multus, is_changed) in [
        ("3.9.3", false),
        ("4.0.2", false),
        ("4.1.4", false),
        ("4.2.1", false),
        ("4.2.2", false),
        ("4.2.3", false),
        ("4.2.4", true),
        ("4.3.0", true),
    ] {
        let text = record(multus, |text| {
            if is_changed {
                change(text)
            } else {
                text.to_owned()
            }
        })?;
        write(folder.path(), &format!("records/{multus}"), &text)?;
    }
    let bisect = [
        "bisect",
        "--component",
        "multus",
        "--from",
        "3.9.3",
        "--to",
        "4.3.0",
        "--records",
        "records",
    ];
    let ended = rehearse(folder.path(), &bisect)?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    insta::assert_snapshot!("bisect", ended.stdout);
    let none = [&bisect[..], &["--change", "no such thing"]].concat();
    assert_eq!(rehearse(folder.path(), &none)?.code, Some(1));
    Ok(())
}

/// A record in which nothing was looked at is no evidence that nothing changed, and a version without any is not run.
#[test]
fn bisect_finds_nothing_out_where_nothing_can_be_compared() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let without = ["run", "--on", "capture", "--with", "calico=3.27.0", "--out"];
    let blocked = [&without[..], &["records/blocked"]].concat();
    assert_eq!(rehearse(folder.path(), &blocked)?.code, Some(3));
    let bisect = [
        "bisect",
        "--component",
        "calico",
        "--from",
        "3.27.0",
        "--to",
        "3.28.4",
        "--no-run",
    ];
    let given = [&bisect[..], &["--records", "records"]].concat();
    let ended = rehearse(folder.path(), &given)?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended
            .stdout
            .starts_with("3.27.0 and 3.28.4 could not be compared: no step was looked at"),
        "{}",
        ended.stdout
    );
    let ended = rehearse(folder.path(), &bisect)?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stderr.contains("no capture of calico 3.27.0"),
        "{}",
        ended.stderr
    );
    Ok(())
}

#[test]
fn a_reader_opens_a_cell_of_the_page_and_sees_before_and_after() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let change = |text: &str| text.replace("default via 169.254.1.1", "default via 169.254.9.9");
    write(folder.path(), "runs/a", &record("4.2.1", str::to_owned)?)?;
    write(folder.path(), "runs/b", &record("4.3.0", change)?)?;
    let merged = rehearse(folder.path(), &["merge", "runs", "--out", "merged"])?;
    assert_eq!(merged.code, Some(3), "{}", merged.stderr);
    let page = folder.path().join("merged/matrix.html");
    let Some(read) = browser::read(&page, include_str!("pages/matrix.js"))? else {
        return Ok(());
    };
    assert_eq!(read.complaints, Vec::<String>::new());
    insta::assert_snapshot!("page-as-read", format!("{:#}", read.seen));
    Ok(())
}
