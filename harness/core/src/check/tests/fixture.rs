//! A cluster that answers queries from recorded output, and that a test can spoil.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::check::{Check, Context, Evaluation};
use crate::observation::{Inability, Observations};
use crate::scenario::Nodes;

pub(super) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The nodes with the first three octets of their blocks.
pub(super) const NODES: [(&str, &str); 3] = [
    ("doc-control-plane", "10.244.185"),
    ("doc-worker", "10.244.19"),
    ("doc-worker2", "10.244.182"),
];

/// The Deployment's pods with their nodes and addresses.
pub(super) const NORMAL_PODS: [(&str, &str, &str); 3] = [
    ("normal-859c7fbdf5-4jghl", "doc-worker", "10.244.19.52"),
    ("normal-859c7fbdf5-gjllb", "doc-worker", "10.244.19.51"),
    ("normal-859c7fbdf5-sszf2", "doc-worker2", "10.244.182.52"),
];

macro_rules! recorded {
    ($path:literal) => {
        include_str!(concat!("../../../testdata/", $path))
    };
}

/// A cluster at the document's last step: the default network was switched, three pods have two interfaces each, and the
/// probe pods `priority` and `switched` are from before and after the switch.
pub(super) struct Cluster {
    /// Objects by kind.
    pub(super) objects: BTreeMap<&'static str, Vec<Value>>,
    /// Entries by node and folder; a folder without an entry is not there.
    pub(super) folders: BTreeMap<(String, String), Vec<Value>>,
    /// Journal of CRI-O by node.
    pub(super) journals: BTreeMap<String, String>,
    /// Outputs by node or `namespace/pod`, and command.
    pub(super) commands: BTreeMap<(String, String), String>,
    /// Logs by `namespace/pod`.
    pub(super) logs: BTreeMap<String, String>,
    /// TCP connections that were tried.
    pub(super) connections: Vec<Value>,
    pub(super) context: Context,
}

impl Cluster {
    pub(super) fn at_the_last_step() -> Result<Self> {
        let array = |text: &str| serde_json::from_str::<Vec<Value>>(text);
        let mut cluster = Self {
            objects: BTreeMap::from([
                ("Node", array(recorded!("objects/nodes.json"))?),
                ("Pod", array(recorded!("objects/normal-pods.json"))?),
                ("Event", array(recorded!("objects/events.json"))?),
                ("Deployment", array(recorded!("objects/deployments.json"))?),
                ("DaemonSet", array(recorded!("objects/daemon-sets.json"))?),
                (
                    "BlockAffinity",
                    array(recorded!("objects/block-affinities.json"))?,
                ),
                (
                    "TigeraStatus",
                    array(recorded!("objects/tigera-statuses.json"))?,
                ),
                (
                    "Installation",
                    array(recorded!("objects/installations.json"))?,
                ),
                ("IPPool", array(recorded!("objects/ip-pools.json"))?),
            ]),
            folders: BTreeMap::new(),
            journals: BTreeMap::new(),
            commands: BTreeMap::new(),
            logs: BTreeMap::new(),
            connections: Vec::new(),
            context: Context {
                nodes: Nodes {
                    control_planes: 1,
                    workers: 2,
                    schedulable_control_planes: true,
                },
                pod_subnet: "10.244.0.0/16".parse()?,
                service_subnet: "10.96.0.0/12".parse()?,
                components: BTreeMap::from([
                    ("kubernetes".to_owned(), "1.34.4".parse()?),
                    ("cri-o".to_owned(), "1.34.0".parse()?),
                ]),
                step_started: "2026-11-23T21:33:15Z".parse()?,
            },
        };
        for (index, (node, prefix)) in NODES.into_iter().enumerate() {
            cluster.add_node(index, node, prefix);
        }
        let pods = cluster.objects.get("Pod").cloned().unwrap_or_default();
        for pod in pods
            .iter()
            .filter(|pod| pod["metadata"]["labels"]["app"] == "normal")
        {
            cluster.add_interfaces(pod)?;
        }
        Ok(cluster)
    }

    fn add_node(&mut self, index: usize, node: &str, prefix: &str) {
        let own = |text: &str| text.replace("10.244.19.", &format!("{prefix}."));
        self.write(
            node,
            "/etc/cni/net.d/00-multus.conf",
            recorded!("cni/00-multus.conf"),
        );
        self.write(
            node,
            "/etc/cni/net.d/10-calico.conflist",
            recorded!("cni/10-calico.conflist"),
        );
        self.write(
            node,
            "/etc/cni/net.d/70-multus.conf",
            recorded!("cni/70-multus.conf"),
        );
        for plugin in [
            "bandwidth",
            "bridge",
            "calico",
            "host-local",
            "multus",
            "portmap",
        ] {
            self.write(node, &format!("/opt/cni/bin/{plugin}"), "");
        }
        self.write(node, "/etc/crio/crio.conf", "[crio.network]\n");
        for (name, text) in [
            ("net-calico.conf", recorded!("cni/net-calico.conf")),
            ("default-calico.conf", recorded!("cni/default-calico.conf")),
        ] {
            self.write(node, &format!("/etc/cni/multus/net.d/{name}"), &own(text));
        }
        let journal = recorded!("journal/worker.jsonl").replace("-1 to", &format!("-{index} to"));
        self.journals.insert(node.to_owned(), journal);
        for (probe, octet, text) in [
            ("priority", 7, recorded!("cni/results/k8s-pod-network.json")),
            (
                "switched",
                150,
                recorded!("cni/results/multus-cni-network.json"),
            ),
        ] {
            let pod = format!("{probe}-{index}");
            let text = own(text).replace(&format!("{probe}-1"), &pod);
            self.write(node, &format!("/var/lib/cni/results/{pod}-eth0"), &text);
            let address = format!("{prefix}.{octet}");
            let addresses = json!([{"ifname": "eth0", "addr_info": [{"family": "inet", "local": address, "prefixlen": 32}]}]);
            self.command(
                &format!("default/{pod}"),
                "ip -j address show",
                &addresses.to_string(),
            );
            self.objects.entry("Pod").or_default().push(json!({
                "metadata": {"namespace": "default", "name": pod, "labels": {"rehearse.probe": probe}},
                "spec": {"nodeName": node},
                "status": {"phase": "Running", "podIP": address, "conditions": [{"type": "Ready", "status": "True"}]},
            }));
        }
        self.command(node, "ip -j -d link show", recorded!("ip/node-link.json"));
        self.command(
            node,
            "ip -j address show",
            recorded!("ip/node-address.json"),
        );
    }

    /// What is seen in a pod, and its leases on its node.
    fn add_interfaces(&mut self, pod: &Value) -> Result<()> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = format!("default/{}", text(&pod["metadata"]["name"]));
        let node = text(&pod["spec"]["nodeName"]);
        let annotations = &pod["metadata"]["annotations"];
        let status = &annotations["k8s.v1.cni.cncf.io/network-status"];
        let status: Value = serde_json::from_str(&text(status))?;
        let eth0 = text(&status[0]["ips"][0]);
        let net1 = text(&status[1]["ips"][0]);
        let own = |recorded: &str| {
            recorded
                .replace("10.244.19.51", &eth0)
                .replace("\"10.1.128.2\"", &format!("\"{net1}\""))
        };
        self.command(
            &name,
            "ip -j address show",
            &own(recorded!("ip/pod-address.json")),
        );
        // The gateway is the same in each pod; only the source is its own address.
        let routes = recorded!("ip/pod-route.json").replace(
            "\"prefsrc\": \"10.1.128.2\"",
            &format!("\"prefsrc\": \"{net1}\""),
        );
        self.command(&name, "ip -4 -j route show", &routes);
        let sandbox = text(&annotations["cni.projectcalico.org/containerID"]);
        for (network, address, interface) in [
            ("default-calico", eth0, "eth0"),
            ("cfosdefaultcni5", net1, "net1"),
        ] {
            let path = format!("/var/lib/cni/networks/{network}/{address}");
            self.write(&node, &path, &format!("{sandbox}\r\n{interface}"));
        }
        Ok(())
    }

    /// Writes a file on a node, in place of an older one.
    pub(super) fn write(&mut self, node: &str, path: &str, text: &str) {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        let entries = self
            .folders
            .entry((node.to_owned(), folder.to_owned()))
            .or_default();
        entries.retain(|entry| entry["name"] != name);
        let mode = if folder == "/opt/cni/bin" {
            "0755"
        } else {
            "0644"
        };
        entries.push(json!({
            "name": name, "kind": "file", "mode": mode, "size": text.len().max(1),
            "modified": "2026-11-23T21:33:15Z", "content": text,
        }));
    }

    /// Removes a file on a node.
    pub(super) fn remove(&mut self, node: &str, path: &str) {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        let entries = self
            .folders
            .entry((node.to_owned(), folder.to_owned()))
            .or_default();
        entries.retain(|entry| entry["name"] != name);
    }

    /// Sets what a program prints on a node or in a pod.
    pub(super) fn command(&mut self, subject: &str, command: &str, text: &str) {
        self.commands
            .insert((subject.to_owned(), command.to_owned()), text.to_owned());
    }

    /// One object by kind and name.
    pub(super) fn object(&mut self, kind: &'static str, name: &str) -> Result<&mut Value> {
        let objects = self.objects.entry(kind).or_default().iter_mut();
        let mut found = objects.filter(|object| object["metadata"]["name"] == name);
        found
            .next()
            .ok_or_else(|| format!("no {kind} {name}").into())
    }

    /// Connections from each pod of the Deployment to each other one and to the Service, all of which were accepted.
    pub(super) fn connect_all(&mut self) {
        let of_service = ("service/normal", Value::Null, "10.96.7.7");
        let pods = NORMAL_PODS.iter();
        let of_pods = pods.map(|(pod, node, address)| (*pod, json!(node), *address));
        let targets: Vec<_> = of_pods.chain([of_service]).collect();
        let connection = |from: &(&str, &str, &str), to: &(&str, Value, &str)| {
            json!({"from": from.0, "from-node": from.1, "to": to.0, "to-node": to.1, "address": to.2, "port": 80,
                "connected": true, "error": ""})
        };
        for from in &NORMAL_PODS {
            let others = targets.iter().filter(|to| to.0 != from.0);
            self.connections
                .extend(others.map(|to| connection(from, to)));
        }
    }

    /// Replaces a text in what a program prints.
    pub(super) fn replace(
        &mut self,
        subject: &str,
        command: &str,
        from: &str,
        to: &str,
    ) -> Result<()> {
        let key = (subject.to_owned(), command.to_owned());
        let text = self
            .commands
            .get_mut(&key)
            .ok_or_else(|| format!("no output of {command} of {subject}"))?;
        let replaced = text.replace(from, to);
        if replaced == *text {
            return Err(format!("'{from}' is not in the output of {command}").into());
        }
        *text = replaced;
        Ok(())
    }

    /// Judges a check given as the scenario writes it, in JSON.
    pub(super) fn evaluate(
        &self,
        check: Value,
    ) -> Result<std::result::Result<Evaluation, Inability>> {
        let kind = check
            .as_object()
            .and_then(|check| check.keys().next().cloned());
        let check: Check = serde_json::from_value(check)?;
        assert_eq!(Some(check.kind()), kind.as_deref());
        let mut observations = Observations::default();
        for query in check.queries(&self.context) {
            let outputs = self.answer(&query);
            observations.insert(query, outputs);
        }
        Ok(check.evaluate(&observations, &self.context))
    }

    /// The same as one text: failures, facts, remarks.
    pub(super) fn report(&self, check: Value) -> Result<String> {
        Ok(match self.evaluate(check)? {
            Ok(evaluation) => report(&evaluation),
            Err(inability) => format!("inability: {inability}"),
        })
    }

    /// What failed, a line each; empty where the check passes.
    pub(super) fn failed(&self, check: Value) -> Result<String> {
        let failures = self.evaluate(check)??.failures;
        let failures = failures.iter().map(|failure| {
            format!(
                "{}: {}, not {}",
                failure.subject, failure.expected, failure.observed
            )
        });
        Ok(failures.collect::<Vec<_>>().join("\n"))
    }
}

/// Failures, facts and remarks as text.
pub(super) fn report(evaluation: &Evaluation) -> String {
    let mut lines = Vec::new();
    for failure in &evaluation.failures {
        lines.push(format!("failed: {}", failure.subject));
        lines.push(format!("  expected: {}", failure.expected));
        lines.push(format!("  observed: {}", failure.observed));
        lines.push(format!("  why: {}", failure.why));
    }
    for fact in &evaluation.facts {
        lines.push(format!(
            "fact: {} / {} / {}",
            fact.subject, fact.name, fact.value
        ));
    }
    let remarks = evaluation.remarks.iter();
    lines.extend(remarks.map(|remark| format!("remark: {remark}")));
    lines.join("\n")
}
