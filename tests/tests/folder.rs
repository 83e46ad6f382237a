//! What the program takes from a scenario's folder, and what it never writes over.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context as _, ensure};
use rehearse_tests::{rehearse, root};
use rstest::rstest;
use tempfile::TempDir;

const NAME: &str = "multus-on-crio-with-calico";
const CAPTURE: &str = "capture:calico-3.28.4_multus-4.2.1";

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// A copy of the shipped scenario in a folder of this name.
fn scenario(name: &str) -> anyhow::Result<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let scenario = folder.path().join(name);
    copy(&root().join("scenarios").join(NAME), &scenario)?;
    Ok((folder, scenario))
}

fn run(arguments: &[&str], paths: &[&Path]) -> anyhow::Result<Output> {
    Ok(rehearse(arguments)?.args(paths).output()?)
}

fn said(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams
        .map(|stream| String::from_utf8_lossy(stream).into_owned())
        .join("")
}

#[rstest]
#[case("versions.yaml")]
#[case("faults.yaml")]
#[case("document.yaml")]
fn check_reads_every_file_of_the_folder(#[case] file: &str) -> anyhow::Result<()> {
    let (_kept, folder) = scenario(NAME)?;
    fs::write(folder.join(file), "strange: [1\n")?;
    let output = run(&["check"], &[&folder])?;
    let said = said(&output);
    ensure!(output.status.code() == Some(2), "{said}");
    ensure!(said.contains(&format!("{file}:")), "{said}");
    Ok(())
}

#[test]
fn check_tells_what_is_wrong_with_several_files_at_once() -> anyhow::Result<()> {
    let (_kept, folder) = scenario(NAME)?;
    for file in ["versions.yaml", "faults.yaml"] {
        let text = fs::read_to_string(folder.join(file))?;
        fs::write(folder.join(file), text + "\nstrange: true\n")?;
    }
    let said = said(&run(&["check"], &[&folder])?);
    ensure!(
        said.contains("versions.yaml:") && said.contains("faults.yaml:"),
        "{said}"
    );
    Ok(())
}

/// A mistake of each kind in each file: none of them hides another one.
#[test]
fn check_tells_every_kind_of_mistake_in_one_round() -> anyhow::Result<()> {
    let (_kept, folder) = scenario(NAME)?;
    let changed = |file: &str, changes: &[(&str, &str)]| -> anyhow::Result<()> {
        let mut text = fs::read_to_string(folder.join(file))?;
        for (before, after) in changes {
            ensure!(text.contains(before), "{file}: {before}");
            text = text.replacen(before, after, 1);
        }
        Ok(fs::write(folder.join(file), text)?)
    };
    changed(
        "scenario.yaml",
        &[
            ("until: 60s", "until: soon"),
            ("    deadline: 5m\n", "    deadline: 5m\n    deadline: 6m\n"),
            (
                "file: manifests/normal.yaml",
                "file: manifests/ordinary.yaml",
            ),
            ("multus: 3.9.3", "mulus: 3.9.3"),
            ("manifest: tigera-operator", "manifest: operator"),
        ],
    )?;
    changed("manifests/net-calico.yaml", &[("metadata:", "metadata: [")])?;
    changed("files/net-calico.conf", &[("node.block", "node.blok")])?;
    fs::write(folder.join("patches/networks.yaml"), b"spec: \xff\n")?;
    changed("faults.yaml", &[("title:", "titel:")])?;
    changed("document.yaml", &[("step: install-calico", "step: setup")])?;
    changed("versions.yaml", &[("4.3.0]", "4.3.9]")])?;
    let output = run(&["check"], &[&folder])?;
    let said = said(&output);
    ensure!(output.status.code() == Some(2), "{said}");
    for wanted in [
        "failed to read `soon`",
        "the key `deadline` is there twice",
        "the scenario has no file `manifests/ordinary.yaml`",
        "unknown component `mulus`",
        "has no manifest `operator`",
        "manifests/net-calico.yaml:",
        "unknown variable `node.blok`",
        "the byte 0xff is no UTF-8",
        "unknown key `titel`",
        "the scenario has no step `setup`",
        "no source has multus 4.3.9",
    ] {
        ensure!(said.contains(wanted), "{wanted} is not told:\n{said}");
    }
    Ok(())
}

#[test]
fn an_ignored_fact_that_no_capture_has_is_stale() -> anyhow::Result<()> {
    let (_kept, folder) = scenario(NAME)?;
    let path = folder.join("scenario.yaml");
    let text = fs::read_to_string(&path)?
        + "  - { fact: \"routes.*\", subject: \"nobody: at all\", reason: \"it was there once\" }\n";
    let line = text.lines().count();
    fs::write(&path, text)?;
    let output = run(&["check"], &[&folder])?;
    let said = said(&output);
    ensure!(output.status.code() == Some(2), "{said}");
    ensure!(said.contains("no capture has such a fact"), "{said}");
    ensure!(said.contains(&format!("scenario.yaml:{line}:")), "{said}");
    ensure!(said.matches("error:").count() == 1, "{said}");
    Ok(())
}

#[rstest]
#[case("scenario.yaml")]
#[case("manifests/normal.yaml")]
#[case("versions.yaml")]
fn what_is_no_utf_8_is_shown_at_its_byte(#[case] file: &str) -> anyhow::Result<()> {
    let (_kept, folder) = scenario(NAME)?;
    let mut bytes = fs::read(folder.join(file))?;
    bytes.extend_from_slice(b"# na\xefve\n");
    let line = String::from_utf8_lossy(&bytes).lines().count();
    fs::write(folder.join(file), bytes)?;
    let output = run(&["check"], &[&folder])?;
    let said = said(&output);
    ensure!(output.status.code() == Some(2), "{said}");
    ensure!(said.contains("the byte 0xef is no UTF-8"), "{said}");
    ensure!(said.contains(&format!("{file}:{line}:5")), "{said}");
    Ok(())
}

#[rstest]
#[case("manifests/normal.yaml")]
#[case("versions.yaml")]
#[case("faults.yaml")]
fn a_link_out_of_the_folder_is_not_followed(#[case] file: &str) -> anyhow::Result<()> {
    let (kept, folder) = scenario(NAME)?;
    let outside = kept.path().join("theirs.yaml");
    fs::write(&outside, "their-own: words\n")?;
    fs::remove_file(folder.join(file))?;
    symlink(&outside, folder.join(file))?;
    let output = run(&["check"], &[&folder])?;
    let said = said(&output);
    ensure!(output.status.code() == Some(2), "{said}");
    ensure!(said.contains("leaves the scenario's folder"), "{said}");
    ensure!(!said.contains("their-own"), "{said}");
    Ok(())
}

#[test]
fn a_folder_with_anything_in_it_is_left_alone() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let notes = folder.path().join("summary.md");
    fs::write(&notes, "my notes")?;
    let output = run(&["run", "--on", CAPTURE, "--out"], &[folder.path()])?;
    let said = said(&output);
    ensure!(
        output.status.code() == Some(2) && said.contains("is not empty"),
        "{said}"
    );
    ensure!(fs::read_to_string(&notes)? == "my notes");
    ensure!(fs::read_dir(folder.path())?.count() == 1);
    Ok(())
}

fn played(out: &Path) -> anyhow::Result<String> {
    let output = run(&["run", "--on", CAPTURE, "--out"], &[out])?;
    ensure!(output.status.success(), "{}", said(&output));
    Ok(said(&output))
}

#[test]
fn a_comparison_is_not_written_over_what_it_compares() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out");
    played(&out)?;
    let record = out.join("record.json");
    let before = fs::read(&record)?;
    let output = run(&["compare"], &[&out, &out, Path::new("--out"), &record])?;
    ensure!(output.status.code() == Some(2), "{}", said(&output));
    ensure!(fs::read(&record)? == before);
    Ok(())
}

#[test]
fn what_is_typed_again_is_one_word_a_path_and_does_the_same() -> anyhow::Result<()> {
    let (kept, folder) = scenario("a guide's own")?;
    let first = kept.path().join("first");
    let output = rehearse(&["run"])?
        .arg(&folder)
        .args(["--on", CAPTURE, "--out"])
        .arg(&first)
        .output()?;
    let said = said(&output);
    ensure!(output.status.success(), "{said}");
    let again = said
        .lines()
        .find_map(|line| line.strip_prefix("again"))
        .context("no line says how to do the same again")?;
    let second = kept.path().join("second");
    let program = rehearse_tests::program()?;
    let shell = format!(
        "rehearse() {{ {} \"$@\"; }}; {} --out {}",
        program.display(),
        again.trim(),
        second.display()
    );
    let status = std::process::Command::new("bash")
        .args(["-c", &shell])
        .current_dir(root())
        .output()?;
    ensure!(status.status.success(), "{shell}\n{}", self::said(&status));
    let canonical = |out: &Path| -> anyhow::Result<serde_json::Value> {
        let text = fs::read_to_string(out.join("record.json"))?;
        Ok(serde_json::from_str::<serde_json::Value>(&text)?["canonical"].clone())
    };
    ensure!(canonical(&first)? == canonical(&second)?);
    Ok(())
}

#[test]
fn a_record_that_contradicts_itself_is_not_believed() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out");
    played(&out)?;
    let path = out.join("record.json");
    let mut record: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    record["canonical"]["steps"][1]["checks"][0]["verdict"] = "failed".into();
    fs::write(&path, record.to_string())?;
    let output = run(&["report"], &[&out])?;
    let said = said(&output);
    ensure!(output.status.code() == Some(3), "{said}");
    ensure!(said.contains("install-calico is passed"), "{said}");
    Ok(())
}

#[test]
fn a_reader_that_has_enough_is_no_error() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out");
    played(&out)?;
    let shell = format!(
        "{} report {} --format json | head -c 1 > /dev/null; exit ${{PIPESTATUS[0]}}",
        rehearse_tests::program()?.display(),
        out.display()
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &shell])
        .output()?;
    ensure!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        said(&output)
    );
    Ok(())
}

/// README's own example, as somebody copies it.
#[test]
fn the_smallest_scenario_of_the_readme_is_one() -> anyhow::Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let block = readme
        .split_once("```yaml\nscenario:")
        .and_then(|(_, rest)| rest.split_once("```"));
    let (text, _) = block.context("README has no scenario")?;
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("scenario.yaml"),
        format!("scenario:{text}"),
    )?;
    let path = folder.path().display().to_string();
    let output = rehearse(&["check", &path])?.output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    Ok(())
}
