//! What a wait in vain is blamed on: troubles of twelve kinds, each planted on a real cluster, and the cause that the report
//! names first. A node that is slow is no trouble: what it makes in its own time is waited for.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use anyhow::{Context as _, ensure};
use rehearse_core::record::Record;
use rehearse_tests::rehearse;

use self::Act::{Kubectl, On};
use crate::{ensure_no_cluster, read_record};

const CLUSTER: &str = "rehearse-causes";
const CONTROL_PLANE: &str = "rehearse-causes-control-plane";
const WORKER: &str = "rehearse-causes-worker";
const OTHER_WORKER: &str = "rehearse-causes-worker2";

/// An image that every node has.
const IMAGE: &str = "docker.io/praqma/network-multitool:latest";

/// What takes the probe's Deployment away again.
const DELETE: Act = Kubectl("delete deployment probe --cascade=foreground");

/// What gives the nodes the calico-node of before back.
const UNDO_ROLLOUT: Act = Kubectl(
    "rollout undo daemonset/calico-node --namespace calico-system && \
     kubectl rollout status daemonset/calico-node --namespace calico-system --timeout=120s",
);

/// Something that is done to the cluster.
#[derive(Clone, Copy)]
enum Act {
    /// What follows `kubectl`, on the control plane.
    Kubectl(&'static str),
    /// A shell command on a node.
    On(&'static str, &'static str),
}

/// A Deployment of one pod, and what is waited for.
#[derive(Clone, Copy)]
struct Probe {
    /// What its pod has besides, as members of a YAML flow mapping, each with a comma behind it.
    pod: &'static str,
    /// What its container has besides, likewise with a comma before it.
    container: &'static str,
    image: &'static str,
    /// The labels of the pod that is waited for. Where the trouble lies elsewhere, nothing has them.
    awaited: &'static str,
    /// How long.
    until: &'static str,
}

const PROBE: Probe = Probe {
    pod: "",
    container: "",
    image: IMAGE,
    awaited: "app=probe",
    until: "15s",
};

/// The wait of whom nothing is wrong with the probe for.
const ELSEWHERE: Probe = Probe {
    awaited: "app=nobody",
    ..PROBE
};

/// One trouble.
struct Planted {
    name: &'static str,
    /// What is done before the step.
    before: &'static [Act],
    /// What the step applies.
    probe: Probe,
    /// What the cause's subject begins with.
    subject: &'static str,
    /// What is in its observation.
    observed: &'static str,
    /// What is in the last words of the container that ended; empty where none did.
    last_words: &'static str,
    /// What is done afterwards.
    after: &'static [Act],
}

const PLANTED: [Planted; 12] = [
    Planted {
        name: "image",
        before: &[],
        probe: Probe {
            image: "docker.io/library/nowhere:1",
            ..PROBE
        },
        subject: "pod default/probe",
        observed: "ErrImagePull",
        last_words: "",
        after: &[DELETE],
    },
    Planted {
        name: "crash",
        before: &[],
        probe: Probe {
            container: r#", command: [sh, -c, "echo the tide is out; exit 3"]"#,
            ..PROBE
        },
        subject: "pod default/probe",
        observed: "ended with exit code 3",
        last_words: "the tide is out",
        after: &[DELETE],
    },
    Planted {
        name: "configuration",
        before: &[],
        probe: Probe {
            container: ", envFrom: [{ configMapRef: { name: not-there } }]",
            ..PROBE
        },
        subject: "pod default/probe",
        observed: "CreateContainerConfigError",
        last_words: "",
        after: &[DELETE],
    },
    Planted {
        name: "mount",
        before: &[],
        probe: Probe {
            pod: "volumes: [{ name: data, configMap: { name: not-there } }],",
            container: ", volumeMounts: [{ name: data, mountPath: /data }]",
            ..PROBE
        },
        subject: "pod default/probe",
        observed: "FailedMount",
        last_words: "",
        after: &[DELETE],
    },
    Planted {
        name: "unschedulable",
        before: &[],
        probe: Probe {
            pod: "nodeSelector: { colour: none },",
            ..PROBE
        },
        subject: "pod default/probe",
        observed: "Unschedulable",
        last_words: "",
        after: &[DELETE],
    },
    Planted {
        name: "quota",
        before: &[Kubectl(
            "create quota none --namespace default --hard=pods=0",
        )],
        probe: PROBE,
        subject: "replicaset default/probe-",
        observed: "exceeded quota",
        last_words: "",
        after: &[DELETE, Kubectl("delete quota none")],
    },
    Planted {
        name: "pool",
        before: &[Kubectl(
            r#"patch ippools.crd.projectcalico.org default-ipv4-ippool --type=merge --patch '{"spec":{"disabled":true}}'"#,
        )],
        probe: PROBE,
        subject: "pod default/probe",
        observed: "cannot find a qualified ippool",
        last_words: "",
        after: &[
            DELETE,
            Kubectl(
                r#"patch ippools.crd.projectcalico.org default-ipv4-ippool --type=merge --patch '{"spec":{"disabled":false}}'"#,
            ),
        ],
    },
    Planted {
        name: "certificate",
        // Typha is made who is asked before a pod is made, and its certificate is of another authority and name. It is on
        // the nodes' own network: no route of a pod decides who answers.
        before: &[On(
            CONTROL_PLANE,
            r#"printf '{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"tide"},"webhooks":[{"name":"tide.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"default"}},"rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["pods"]}],"clientConfig":{"service":{"namespace":"calico-system","name":"calico-typha","port":5473},"caBundle":"%s"}}]}' "$(base64 -w0 /etc/kubernetes/pki/front-proxy-ca.crt)" | kubectl apply --filename -"#,
        )],
        probe: PROBE,
        subject: "replicaset default/probe-",
        observed: "x509: certificate ",
        last_words: "",
        after: &[
            Kubectl("delete validatingwebhookconfiguration tide"),
            DELETE,
        ],
    },
    Planted {
        name: "api",
        before: &[
            Kubectl("create service clusterip tide --namespace default --tcp=443"),
            On(
                CONTROL_PLANE,
                r#"echo '{"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1.tide.example.com"},"spec":{"group":"tide.example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":10,"insecureSkipTLSVerify":true,"service":{"namespace":"default","name":"tide"}}}' | kubectl apply --filename -"#,
            ),
            Kubectl(
                "wait apiservice/v1.tide.example.com --for=condition=Available=False --timeout=60s",
            ),
        ],
        probe: Probe {
            until: "3s",
            ..ELSEWHERE
        },
        subject: "apiservice v1.tide.example.com",
        observed: "MissingEndpoints",
        last_words: "",
        after: &[
            DELETE,
            Kubectl("delete apiservice v1.tide.example.com"),
            Kubectl("delete service tide --namespace default"),
        ],
    },
    Planted {
        name: "plugin-image",
        before: &[Kubectl(
            "set image daemonset/calico-node --namespace calico-system calico-node=docker.io/library/nowhere:2",
        )],
        probe: Probe {
            until: "40s",
            ..ELSEWHERE
        },
        subject: "pod calico-system/calico-node-",
        observed: "ErrImagePull",
        last_words: "",
        after: &[DELETE, UNDO_ROLLOUT],
    },
    Planted {
        name: "plugin-crash",
        before: &[Kubectl(
            "set env daemonset/calico-node --namespace calico-system --containers=calico-node IP=nowhere",
        )],
        probe: Probe {
            until: "40s",
            ..ELSEWHERE
        },
        subject: "pod calico-system/calico-node-",
        observed: "container calico-node ended with exit code 1",
        last_words: "Environment does not contain a valid IPv4 address",
        after: &[DELETE, UNDO_ROLLOUT],
    },
    Planted {
        name: "disk",
        // The disk is as full as before, and the kubelet is told that this is too full.
        before: &[
            On(
                OTHER_WORKER,
                "sed --in-place 's/nodefs.available: .*/nodefs.available: 99%/' /var/lib/kubelet/config.yaml && systemctl restart kubelet",
            ),
            Kubectl("wait node/rehearse-causes-worker2 --for=condition=DiskPressure --timeout=90s"),
        ],
        probe: Probe {
            until: "3s",
            ..ELSEWHERE
        },
        subject: "node rehearse-causes-worker2",
        observed: "DiskPressure",
        last_words: "",
        after: &[
            DELETE,
            On(
                OTHER_WORKER,
                "sed --in-place 's/nodefs.available: .*/nodefs.available: 0%/' /var/lib/kubelet/config.yaml && systemctl restart kubelet",
            ),
        ],
    },
];

fn perform(act: Act) -> anyhow::Result<()> {
    let (node, command) = match act {
        Kubectl(rest) => (CONTROL_PLANE, format!("kubectl {rest}")),
        On(node, command) => (node, command.to_owned()),
    };
    let output = Command::new("docker")
        .args(["exec", "--env", "KUBECONFIG=/etc/kubernetes/admin.conf"])
        .args([node, "sh", "-c", &command])
        .output()?;
    ensure!(
        output.status.success(),
        "`{command}` on {node} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Writes a scenario of one step that waits for the probe.
fn write_scenario(folder: &Path, name: &str, probe: Probe) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("manifests"))?;
    let Probe {
        pod,
        container,
        image,
        awaited,
        until,
    } = probe;
    let manifest = format!(
        r#"
apiVersion: apps/v1
kind: Deployment
metadata: {{ name: probe, namespace: default }}
spec:
  replicas: 1
  selector: {{ matchLabels: {{ app: probe }} }}
  template:
    metadata: {{ labels: {{ app: probe }} }}
    spec: {{ terminationGracePeriodSeconds: 0, {pod} containers: [{{ name: tool, image: "{image}" {container} }}] }}
"#
    );
    fs::write(folder.join("manifests/probe.yaml"), manifest)?;
    let scenario = format!(
        "scenario: cause-{name}
title: A pod that is waited for
document: {{ sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, lines: 1 }}
nodes: {{ control-planes: 1, workers: 2, schedulable-control-planes: true }}
cluster: {{ pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }}
components: {{ calico: 3.25.0, multus: 3.9.3 }}
steps:
  - id: probe
    title: The pod is ready
    deadline: 5m
    act: [{{ apply: {{ file: manifests/probe.yaml }} }}]
    expect:
      - that: one pod is ready
        until: {until}
        check: {{ pods: {{ namespace: default, selector: {awaited}, ready: 1, nodes: 1 }} }}
"
    );
    fs::write(folder.join("scenario.yaml"), scenario)?;
    Ok(())
}

/// Rehearses a scenario of one step on the cluster.
fn run(folder: &Path, name: &str, probe: Probe) -> anyhow::Result<(Output, Record)> {
    let scenario = folder.join(name);
    write_scenario(&scenario, name, probe)?;
    let out = folder.join(format!("{name}-out"));
    let output = rehearse(&["run"])?
        .arg(&scenario)
        .args(["--reuse", CLUSTER, "--out"])
        .arg(&out)
        .output()?;
    let record = read_record(&out).with_context(|| told(&output))?;
    Ok((output, record))
}

fn told(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Plants one trouble, sees what is named first, and takes it away again.
fn one(folder: &Path, planted: &Planted) -> anyhow::Result<()> {
    let before = planted.before.iter().copied().try_for_each(perform);
    let named = before.and_then(|()| run(folder, planted.name, planted.probe));
    let undone: Vec<_> = planted.after.iter().copied().map(perform).collect();
    // What was named is told first: without a pod there is nothing to undo either.
    let (output, record) = named?;
    undone.into_iter().collect::<anyhow::Result<()>>()?;
    ensure!(output.status.code() == Some(1), "{}", told(&output));
    let failures = record.run.failures.get("probe");
    let first = failures
        .and_then(|of| of.get("one pod is ready"))
        .and_then(|all| all.first())
        .with_context(|| format!("no failure is recorded: {}", told(&output)))?;
    ensure!(
        first.subject.starts_with(planted.subject)
            && first.observed.contains(planted.observed)
            && first.why.contains(planted.last_words),
        "{}: {} ({}) was named first, not {} with {} and {:?}",
        first.subject,
        first.observed,
        first.why,
        planted.subject,
        planted.observed,
        planted.last_words
    );
    Ok(())
}

/// A node's container with a tenth of the machine, until it is dropped.
struct Slowed(&'static str);

impl Slowed {
    fn now(node: &'static str) -> anyhow::Result<Self> {
        let slowed = Self(node);
        slowed.give(0.1)?;
        Ok(slowed)
    }

    /// An engine does not take a limit away again, so that all of the machine is the limit then.
    fn give(&self, share: f64) -> anyhow::Result<()> {
        let processors = u32::try_from(thread::available_parallelism()?.get())?;
        let limit = format!("{:.2}", f64::from(processors) * share);
        let output = Command::new("docker")
            .args(["update", "--cpus", &limit, self.0])
            .output()?;
        ensure!(output.status.success(), "{}", told(&output));
        Ok(())
    }
}

impl Drop for Slowed {
    #[expect(
        clippy::print_stderr,
        reason = "a drop has nowhere else to say it, and the runner shows it"
    )]
    fn drop(&mut self) {
        if let Err(error) = self.give(1.0) {
            eprintln!("{} stays slow: {error:#}", self.0);
        }
    }
}

/// A pod on a node with a tenth of the machine, whose network plugin begins anew at the same time.
fn a_slow_node_is_waited_for(folder: &Path) -> anyhow::Result<()> {
    let _slowed = Slowed::now(WORKER)?;
    perform(Kubectl(
        "delete pod --namespace calico-system --selector k8s-app=calico-node \
         --field-selector spec.nodeName=rehearse-causes-worker --wait=false",
    ))?;
    let probe = Probe {
        pod: "nodeSelector: { kubernetes.io/hostname: rehearse-causes-worker },",
        until: "240s",
        ..PROBE
    };
    let (output, _) = run(folder, "slow", probe)?;
    ensure!(output.status.success(), "{}", told(&output));
    Ok(())
}

/// What goes wrong on the cluster as Calico leaves it.
fn wrong(folder: &Path) -> anyhow::Result<Vec<String>> {
    let output = rehearse(&[
        "run",
        "--until",
        "install-calico",
        "--reuse",
        CLUSTER,
        "--out",
    ])?
    .arg(folder.join("base"))
    .output()?;
    ensure!(output.status.success(), "no Calico: {}", told(&output));
    // It would mend what is planted.
    perform(Kubectl(
        "scale deployment tigera-operator --namespace tigera-operator --replicas=0",
    ))?;
    let mut wrong = Vec::new();
    for planted in &PLANTED {
        if let Err(error) = one(folder, planted) {
            wrong.push(format!("{}: {error:#}", planted.name));
        }
    }
    if let Err(error) = a_slow_node_is_waited_for(folder) {
        wrong.push(format!("slow: {error:#}"));
    }
    Ok(wrong)
}

/// All on one cluster, since making it is what takes time; what one plants is undone before the next.
#[test]
fn the_planted_cause_is_named_first() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let up = rehearse(&["cluster", "up", "--name", CLUSTER])?.output()?;
    let wrong = if up.status.success() {
        wrong(folder.path())
    } else {
        Ok(vec![told(&up)])
    };
    let down = rehearse(&["cluster", "down", CLUSTER])?.output()?;
    let wrong = wrong?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(
        down.status.success(),
        "the cluster was not removed: {}",
        told(&down)
    );
    ensure_no_cluster()
}
