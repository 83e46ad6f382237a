//! The real thing: the built program on real clusters. Run by `cargo nextest run -p rehearse-tests --profile kind`.
//!
//! Each test has the machine for itself and leaves no cluster behind. None of them retries.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rehearse_core::record::{Class, Outcome, Record, Verdict};
use rehearse_tests::disk::TinyDisk;
use rehearse_tests::engine::EngineThatCanDie;
use rehearse_tests::{rehearse, root};

fn read_record(folder: &Path) -> anyhow::Result<Record> {
    let path = folder.join("record.json");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("failed to read {}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// The names of the kind clusters' node containers that the engine has.
fn node_containers() -> anyhow::Result<Vec<String>> {
    let output = Command::new("docker")
        .args([
            "ps",
            "--all",
            "--filter",
            "label=io.x-k8s.kind.cluster",
            "--format",
            "{{.Names}}",
        ])
        .output()?;
    ensure!(
        output.status.success(),
        "docker ps failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(str::to_owned)
        .collect())
}

fn ensure_no_cluster() -> anyhow::Result<()> {
    let left = node_containers()?;
    ensure!(left.is_empty(), "left behind: {left:?}");
    Ok(())
}

/// Sweeps as a user does.
fn sweep() -> anyhow::Result<()> {
    let sweep = rehearse(&["cluster", "sweep"])?.output()?;
    ensure!(
        sweep.status.success(),
        "{}",
        String::from_utf8_lossy(&sweep.stderr)
    );
    Ok(())
}

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

/// A program that goes on; it ends with the test, whatever becomes of that.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Most have ended by now, and then there is nothing to kill.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts a replay and gives it back once a line of its output contains `text`.
fn start_and_wait_for(arguments: &[&str], text: &str) -> anyhow::Result<Running> {
    let child = rehearse(arguments)?
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut child = Running(child);
    // Both streams are one story to a reader; the line may be on either.
    let stderr = child.0.stderr.take().context("no standard error")?;
    let stdout = child.0.stdout.take().context("no standard output")?;
    let (sender, receiver) = std::sync::mpsc::channel();
    for stream in [Box::new(stderr) as Box<dyn Read + Send>, Box::new(stdout)] {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                // Where nobody waits for the line any more, the stream is still emptied so that the program never blocks.
                sender.send(line).ok();
            }
        });
    }
    drop(sender);
    let mut seen = String::new();
    for line in receiver {
        let found = line.contains(text);
        seen.push_str(&line);
        seen.push('\n');
        if found {
            return Ok(child);
        }
    }
    let status = child.0.wait()?;
    anyhow::bail!("the program ended with {status} before it said '{text}':\n{seen}")
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
    let output = rehearse(&[
        "run",
        "--until",
        "cluster",
        "--out",
        &out.display().to_string(),
    ])?
    .output()?;
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
fn a_terminated_run_takes_its_cluster_down_and_writes_its_record() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("run");
    let mut child = start_and_wait_for(
        &["run", "--out", &out.display().to_string()],
        "install-calico",
    )?;
    kill(Pid::from_raw(i32::try_from(child.0.id())?), Signal::SIGTERM)?;
    let status = child.0.wait()?;
    ensure!(status.code() == Some(3), "ended with {status}");
    let record = read_record(&out)?;
    let interrupted = record
        .canonical
        .steps
        .iter()
        .find(|step| step.id == "install-calico")
        .context("no such step")?;
    ensure!(
        matches!(&interrupted.outcome, Outcome::Broken { class: Class::Machine, why } if why.contains("SIGTERM")),
        "the step ended as {:?}",
        interrupted.outcome
    );
    ensure_no_cluster()?;
    Ok(())
}

#[test]
fn a_killed_owners_cluster_is_swept_and_a_living_owners_is_not() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("run");
    let mut child = start_and_wait_for(
        &["run", "--out", &out.display().to_string()],
        "install-calico",
    )?;

    sweep()?;
    ensure!(
        node_containers()?.len() == 3,
        "a living run's cluster was swept: {:?}",
        node_containers()?
    );

    let containers = node_containers()?;
    let cluster = containers
        .iter()
        .find_map(|name| name.strip_suffix("-control-plane"))
        .context("no control plane")?;
    for arguments in [
        &["cluster", "down", cluster][..],
        &["cluster", "up", "--name", cluster][..],
        &["run", "--reuse", cluster][..],
    ] {
        let output = rehearse(arguments)?
            .current_dir(folder.path())
            .env("REHEARSE_HOME", root())
            .output()?;
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        ensure!(
            output.status.code() == Some(3),
            "{arguments:?} ended with {}: {said}",
            output.status
        );
        ensure!(
            said.contains(&child.0.id().to_string()),
            "{arguments:?} does not name the owner: {said}"
        );
    }
    ensure!(
        node_containers()? == containers,
        "somebody else's cluster was touched"
    );

    child.0.kill()?;
    child.0.wait()?;
    ensure!(
        node_containers()?.len() == 3,
        "a killed run cannot clean up, and yet: {:?}",
        node_containers()?
    );
    sweep()?;
    ensure_no_cluster()?;
    Ok(())
}

#[test]
fn an_engine_that_dies_in_mid_run_is_the_machines_fault_and_the_record_is_written()
-> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let socket = folder.path().join("engine.sock");
    let engine = EngineThatCanDie::behind(&socket)?;
    let host = format!("unix://{}", socket.display());
    let out = folder.path().join("run");

    let mut command = rehearse(&["run", "--out", &out.display().to_string()])?;
    let mut child = command
        .env("DOCKER_HOST", &host)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(child.stderr.take().context("no standard error")?).lines();
    let reached = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("install-calico"));
    ensure!(reached, "the run ended before install-calico");
    engine.die()?;
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let status = child.wait()?;

    let record = read_record(&out)?;
    let broken = record.canonical.steps.iter().any(|step| {
        matches!(
            step.outcome,
            Outcome::Broken {
                class: Class::Machine,
                ..
            }
        )
    });
    ensure!(
        broken,
        "no step is the machine's fault:\n{}",
        rest.join("\n")
    );
    ensure!(
        status.code() == Some(3),
        "ended with {status}:\n{}",
        rest.join("\n")
    );
    sweep()?;
    ensure_no_cluster()?;
    Ok(())
}

#[test]
fn a_disk_that_is_full_is_said_to_be_and_leaves_no_cluster() -> anyhow::Result<()> {
    let disk = TinyDisk::mounted()?;
    let out = disk.path().join("run");
    let output = rehearse(&[
        "run",
        "--until",
        "cluster",
        "--out",
        &out.display().to_string(),
    ])?
    .output()?;
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
