//! Whose a cluster is: what becomes of it when its owner is told to stop, dies, loses the engine, or keeps it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rehearse_core::record::{Class, Outcome};
use rehearse_tests::engine::EngineThatCanDie;
use rehearse_tests::{rehearse, root};

use crate::{ensure_no_cluster, node_containers, read_record};

/// Runs the program in another folder than the repository's, where its run folders may be.
fn elsewhere(folder: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    Ok(rehearse(arguments)?
        .current_dir(folder)
        .env("REHEARSE_HOME", root())
        .output()?)
}

/// Both streams of a program, one after the other.
fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|stream| String::from_utf8_lossy(stream))
        .concat()
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
        let output = elsewhere(folder.path(), arguments)?;
        let said = said(&output);
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
fn a_kept_cluster_is_reused_where_it_is_what_the_plan_wants() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let cluster = format!("reused-{}", std::process::id());
    let in_folder = |arguments: &[&str]| elsewhere(folder.path(), arguments);
    let up = in_folder(&["cluster", "up", "--name", &cluster])?;
    ensure!(
        up.status.success(),
        "{}",
        String::from_utf8_lossy(&up.stderr)
    );
    let made = node_containers()?;

    let smaller = folder.path().join("smaller");
    let scenario = root().join("scenarios/multus-on-crio-with-calico");
    let copied = Command::new("cp")
        .arg("--recursive")
        .arg(&scenario)
        .arg(&smaller)
        .status()?;
    ensure!(copied.success(), "cp ended with {copied}");
    let text = std::fs::read_to_string(smaller.join("scenario.yaml"))?;
    std::fs::write(
        smaller.join("scenario.yaml"),
        text.replace("workers: 2", "workers: 1"),
    )?;
    let unfit = in_folder(&[
        "run", "smaller", "--reuse", &cluster, "--until", "cluster", "--out", "unfit",
    ])?;
    let said = said(&unfit);
    ensure!(
        unfit.status.code() == Some(3),
        "ended with {}: {said}",
        unfit.status
    );
    ensure!(
        said.contains("it has 2 workers, not 1"),
        "it does not say what differs: {said}"
    );

    let fit = in_folder(&[
        "run", "--reuse", &cluster, "--until", "cluster", "--out", "fit",
    ])?;
    ensure!(
        fit.status.success(),
        "{}",
        String::from_utf8_lossy(&fit.stderr)
    );
    ensure!(
        node_containers()? == made,
        "a kept cluster was touched: {:?}",
        node_containers()?
    );
    let down = in_folder(&["cluster", "down", &cluster])?;
    ensure!(
        down.status.success(),
        "{}",
        String::from_utf8_lossy(&down.stderr)
    );
    ensure_no_cluster()
}
