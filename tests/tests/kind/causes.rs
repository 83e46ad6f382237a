//! What a wait in vain is blamed on: troubles of seven kinds, each planted on a real cluster, and the cause that the report
//! names first. A state that is on its way to be well is not given up.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use rehearse_tests::rehearse;

use crate::{ensure_no_cluster, read_record};

const CLUSTER: &str = "rehearse-causes";

/// An image that every node has.
const IMAGE: &str = "docker.io/praqma/network-multitool:latest";

/// One trouble.
struct Planted {
    name: &'static str,
    /// What is done on the control plane before the step, a shell command each.
    before: &'static [&'static str],
    /// What the step applies: `IMAGE` stands for an image that every node has.
    manifest: &'static str,
    /// What the cause's subject begins with.
    subject: &'static str,
    /// What is in its observation or reason.
    observed: &'static str,
    /// What is done afterwards.
    after: &'static [&'static str],
}

const PLANTED: [Planted; 7] = [
    Planted {
        name: "image",
        before: &[],
        manifest: r#"
apiVersion: v1
kind: Pod
metadata: { name: probe, namespace: default, labels: { app: probe } }
spec: { terminationGracePeriodSeconds: 0, containers: [{ name: tool, image: "docker.io/library/nowhere:1" }] }
"#,
        subject: "pod default/probe",
        observed: "ErrImagePull",
        after: &["kubectl delete pod probe --wait=true"],
    },
    Planted {
        name: "crash",
        before: &[],
        manifest: r#"
apiVersion: v1
kind: Pod
metadata: { name: probe, namespace: default, labels: { app: probe } }
spec:
  terminationGracePeriodSeconds: 0
  containers: [{ name: tool, image: "IMAGE", command: [sh, -c, "echo the tide is out; exit 3"] }]
"#,
        subject: "pod default/probe",
        observed: "ended with exit code 3",
        after: &["kubectl delete pod probe --wait=true"],
    },
    Planted {
        name: "configuration",
        before: &[],
        manifest: r#"
apiVersion: v1
kind: Pod
metadata: { name: probe, namespace: default, labels: { app: probe } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: tool
      image: "IMAGE"
      envFrom: [{ configMapRef: { name: not-there } }]
"#,
        subject: "pod default/probe",
        observed: "CreateContainerConfigError",
        after: &["kubectl delete pod probe --wait=true"],
    },
    Planted {
        name: "mount",
        before: &[],
        manifest: r#"
apiVersion: v1
kind: Pod
metadata: { name: probe, namespace: default, labels: { app: probe } }
spec:
  terminationGracePeriodSeconds: 0
  containers: [{ name: tool, image: "IMAGE", volumeMounts: [{ name: data, mountPath: /data }] }]
  volumes: [{ name: data, configMap: { name: not-there } }]
"#,
        subject: "pod default/probe",
        observed: "FailedMount",
        after: &["kubectl delete pod probe --wait=true"],
    },
    Planted {
        name: "unschedulable",
        before: &[],
        manifest: r#"
apiVersion: v1
kind: Pod
metadata: { name: probe, namespace: default, labels: { app: probe } }
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: { colour: none }
  containers: [{ name: tool, image: "IMAGE" }]
"#,
        subject: "pod default/probe",
        observed: "Unschedulable",
        after: &["kubectl delete pod probe --wait=true"],
    },
    Planted {
        name: "quota",
        before: &["kubectl create quota none --namespace default --hard=pods=0"],
        manifest: r#"
apiVersion: apps/v1
kind: Deployment
metadata: { name: probe, namespace: default }
spec:
  replicas: 1
  selector: { matchLabels: { app: probe } }
  template:
    metadata: { labels: { app: probe } }
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: tool, image: "IMAGE" }] }
"#,
        subject: "replicaset default/probe-",
        observed: "exceeded quota",
        after: &[
            "kubectl delete deployment probe --wait=true",
            "kubectl delete quota none",
        ],
    },
    Planted {
        name: "pool",
        before: &[
            "kubectl scale deployment tigera-operator --namespace tigera-operator --replicas=0",
            "kubectl patch ippools.crd.projectcalico.org default-ipv4-ippool --type=merge --patch '{\"spec\":{\"disabled\":true}}'",
        ],
        manifest: r#"
apiVersion: v1
kind: Pod
metadata: { name: probe, namespace: default, labels: { app: probe } }
spec: { terminationGracePeriodSeconds: 0, containers: [{ name: tool, image: "IMAGE" }] }
"#,
        subject: "pod default/probe",
        observed: "cannot find a qualified ippool",
        after: &[
            "kubectl delete pod probe --wait=true",
            "kubectl patch ippools.crd.projectcalico.org default-ipv4-ippool --type=merge --patch '{\"spec\":{\"disabled\":false}}'",
        ],
    },
];

/// Runs a shell command on the cluster's control plane.
fn on_control_plane(command: &str) -> anyhow::Result<()> {
    let output = Command::new("docker")
        .args(["exec", "--env", "KUBECONFIG=/etc/kubernetes/admin.conf"])
        .arg(format!("{CLUSTER}-control-plane"))
        .args(["sh", "-c", command])
        .output()?;
    ensure!(
        output.status.success(),
        "`{command}` ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Writes a scenario of one step that waits for a pod of the manifest.
fn write_scenario(folder: &Path, planted: &Planted) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("manifests"))?;
    let manifest = planted.manifest.replace("IMAGE", IMAGE);
    fs::write(folder.join("manifests/probe.yaml"), manifest)?;
    let scenario = format!(
        "scenario: cause-{}
title: A pod that does not get ready
document: {{ sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, lines: 1 }}
nodes: {{ control-planes: 1, workers: 2, schedulable-control-planes: true }}
cluster: {{ pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }}
components: {{ calico: 3.25.0, multus: 3.9.3 }}
steps:
  - id: probe
    title: The pod is ready
    deadline: 2m
    act: [{{ apply: {{ file: manifests/probe.yaml }} }}]
    expect:
      - that: one pod is ready
        until: 45s
        check: {{ pods: {{ namespace: default, selector: app=probe, ready: 1, nodes: 1 }} }}
",
        planted.name
    );
    fs::write(folder.join("scenario.yaml"), scenario)?;
    Ok(())
}

/// What the report of a wait in vain names first: subject, observation and why.
fn named_first(folder: &Path, planted: &Planted) -> anyhow::Result<(String, String, String)> {
    let scenario = folder.join(planted.name);
    write_scenario(&scenario, planted)?;
    let out = folder.join(format!("{}-out", planted.name));
    let output = rehearse(&["run"])?
        .arg(&scenario)
        .args(["--reuse", CLUSTER, "--out"])
        .arg(&out)
        .output()?;
    ensure!(
        output.status.code() == Some(1),
        "{} ended with {}\n{}\n{}",
        planted.name,
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let record = read_record(&out)?;
    let failures = record
        .run
        .failures
        .get("probe")
        .and_then(|of| of.get("one pod is ready"));
    let first = failures
        .and_then(|all| all.first())
        .context("no failure is recorded")?;
    Ok((
        first.subject.clone(),
        first.observed.clone(),
        first.why.clone(),
    ))
}

/// All on one cluster, since making it is what takes time; what one plants is undone before the next.
#[test]
fn the_planted_cause_is_named_first() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let up = rehearse(&["cluster", "up", "--name", CLUSTER])?.output()?;
    let base = rehearse(&[
        "run",
        "--until",
        "install-calico",
        "--reuse",
        CLUSTER,
        "--out",
    ])?
    .arg(folder.path().join("base"))
    .output()?;
    let told = format!(
        "{}\n{}\n{}",
        String::from_utf8_lossy(&up.stderr),
        String::from_utf8_lossy(&base.stdout),
        String::from_utf8_lossy(&base.stderr)
    );
    let mut wrong = Vec::new();
    if base.status.success() {
        for planted in &PLANTED {
            if let Err(error) = one(folder.path(), planted) {
                wrong.push(format!("{}: {error:#}", planted.name));
            }
        }
    } else {
        wrong.push(format!("the cluster was not made: {told}"));
    }
    let down = rehearse(&["cluster", "down", CLUSTER])?.output()?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(
        down.status.success(),
        "the cluster was not removed: {}",
        String::from_utf8_lossy(&down.stderr)
    );
    ensure_no_cluster()
}

fn one(folder: &Path, planted: &Planted) -> anyhow::Result<()> {
    for command in planted.before {
        on_control_plane(command)?;
    }
    let named = named_first(folder, planted);
    let undone = planted
        .after
        .iter()
        .map(|command| on_control_plane(command));
    let undone: anyhow::Result<Vec<()>> = undone.collect();
    // What was named is told first: without a pod there is nothing to undo either.
    let (subject, observed, why) = named?;
    undone?;
    ensure!(
        subject.starts_with(planted.subject) && observed.contains(planted.observed),
        "{subject}: {observed} ({why}) was named first, not {} with {}",
        planted.subject,
        planted.observed
    );
    if planted.name == "crash" {
        ensure!(why.contains("the tide is out"), "no last words: {why}");
    }
    Ok(())
}
