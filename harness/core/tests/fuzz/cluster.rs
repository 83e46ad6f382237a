//! A capture that answers every query of the scenario's checks from recorded outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rehearse_core::capture::{Capture, CapturedLook, CapturedStep, FORMAT};
use rehearse_core::catalogue::Source;
use rehearse_core::check::{Check, Context};
use rehearse_core::judge::Judgement;
use rehearse_core::query::{Output, Query, Subject};
use rehearse_core::scenario::{self, Cluster, Document, Nodes};
use serde_json::{Value, json};

const NODES: [&str; 3] = ["doc-control-plane", "doc-worker", "doc-worker2"];

/// A folder of recorded outputs.
pub(crate) fn testdata(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(folder)
}

/// The texts of a folder's files, or of one file, in the order of their names.
pub(crate) fn seeds(path: &Path) -> io::Result<Vec<String>> {
    if path.is_file() {
        return Ok(vec![fs::read_to_string(path)?]);
    }
    let mut files: Vec<PathBuf> = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    files.retain(|file| file.is_file());
    files.sort();
    files.into_iter().map(fs::read_to_string).collect()
}

/// Every check of the scenario.
pub(crate) fn checks() -> anyhow::Result<Vec<Check>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../scenarios/multus-on-crio-with-calico/scenario.yaml");
    let text = fs::read_to_string(file)?;
    let scenario = scenario::parse("scenario.yaml", &text)?;
    let expected = scenario.steps.into_iter().flat_map(|step| step.expect);
    Ok(expected.map(|expected| expected.check).collect())
}

/// What the checks are judged in.
pub(crate) fn context() -> anyhow::Result<Context> {
    Ok(Context {
        nodes: Nodes {
            control_planes: 1,
            workers: 2,
            schedulable_control_planes: true,
        },
        pod_subnet: "10.244.0.0/16".parse()?,
        service_subnet: "10.96.0.0/12".parse()?,
        components: BTreeMap::from([("multus".to_owned(), "4.2.1".parse()?)]),
        step_started: "2026-11-23T21:33:15Z".parse()?,
    })
}

/// The recorded answers to all of the checks' queries, as one step.
pub(crate) fn capture(checks: &[Check]) -> anyhow::Result<Capture> {
    let context = context()?;
    let queries: BTreeSet<Query> = checks
        .iter()
        .flat_map(|check| check.queries(&context))
        .collect();
    let looks = queries.into_iter().map(|query| {
        let outputs = answer(&query)?;
        Ok(CapturedLook::of(query, outputs))
    });
    Ok(Capture {
        format: FORMAT,
        scenario: "multus-on-crio-with-calico".to_owned(),
        document: Document {
            sha256: "0".repeat(64),
            lines: 496,
        },
        source: Source::Module,
        nodes: context.nodes.clone(),
        cluster: Cluster {
            pod_subnet: context.pod_subnet,
            service_subnet: "10.96.0.0/12".parse()?,
        },
        components: Vec::new(),
        steps: vec![CapturedStep {
            id: "all".to_owned(),
            started: context.step_started,
            acts: Vec::new(),
            act_digests: Vec::new(),
            others: Vec::new(),
            earlier: Vec::new(),
            looks: looks.collect::<anyhow::Result<_>>()?,
        }],
    })
}

/// Judges each step of a capture by all checks; what they say is of no interest, that they say it is.
pub(crate) fn judge(capture: &Capture, checks: &[Check], context: &Context) {
    for step in &capture.steps {
        for check in checks {
            let look = step.look("", &check.queries(context));
            let judgement = rehearse_core::judge::apply(check, look.observations(), context);
            if let Judgement::Broken { why, .. } = judgement {
                assert!(!why.is_empty());
            }
        }
    }
}

fn recorded(path: &str) -> anyhow::Result<String> {
    seeds(&testdata(path))?.pop().context("no text")
}

fn answer(query: &Query) -> anyhow::Result<Vec<Output>> {
    let on_nodes = |text: &str| {
        NODES
            .map(|node| output(Subject::Node(node.to_owned()), text))
            .to_vec()
    };
    Ok(match query {
        Query::Objects { kind, .. } => {
            let text = match kind.as_str() {
                "Node" => recorded("objects/nodes.json")?,
                "Pod" => recorded("objects/normal-pods.json")?,
                "Event" => recorded("objects/events.json")?,
                "Deployment" => recorded("objects/deployments.json")?,
                "DaemonSet" => recorded("objects/daemon-sets.json")?,
                "BlockAffinity" => recorded("objects/block-affinities.json")?,
                "TigeraStatus" => recorded("objects/tigera-statuses.json")?,
                "Installation" => recorded("objects/installations.json")?,
                "IPPool" => recorded("objects/ip-pools.json")?,
                _ => "[]".to_owned(),
            };
            vec![output(Subject::Cluster, &text)]
        }
        Query::NodeDirectory { path, .. } => on_nodes(&folder(path)?),
        // What the checks do without.
        Query::NodeCommand { command } if command.first().is_none_or(|program| program != "ip") => {
            Vec::new()
        }
        Query::NodeCommand { command } => {
            on_nodes(&recorded(if command.iter().any(|word| word == "link") {
                "ip/node-link.json"
            } else {
                "ip/node-address.json"
            })?)
        }
        Query::NodeJournal { .. } => on_nodes(&recorded("journal/worker.jsonl")?),
        Query::PodCommand { command, .. } => {
            let text = recorded(if command.iter().any(|word| word == "route") {
                "ip/pod-route.json"
            } else {
                "ip/pod-address.json"
            })?;
            in_pods(&text)?
        }
        Query::PodLogs { .. } => in_pods("multus is ready\n")?,
        Query::Connections { .. } => {
            let one = json!([{"from": "default/normal-1", "from-node": "doc-worker", "to": "service/normal", "to-node": null,
                "address": "10.96.0.10", "port": 80, "connected": true, "error": ""}]);
            vec![output(Subject::Cluster, &one.to_string())]
        }
    })
}

fn output(subject: Subject, text: &str) -> Output {
    Output::fetched(subject, 0, text, "")
}

/// One output for each recorded pod.
fn in_pods(text: &str) -> anyhow::Result<Vec<Output>> {
    let pods: Vec<Value> = serde_json::from_str(&recorded("objects/normal-pods.json")?)?;
    let outputs = pods.iter().map(|pod| {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (namespace, name) = (
            word(&pod["metadata"]["namespace"]),
            word(&pod["metadata"]["name"]),
        );
        output(Subject::Pod { namespace, name }, text)
    });
    Ok(outputs.collect())
}

/// A folder of a node: configurations, cached results, leases or programs.
fn folder(path: &str) -> anyhow::Result<String> {
    let files: Vec<(String, String)> = match path {
        "/opt/cni/bin" => ["bridge", "calico", "host-local", "multus"]
            .map(|name| (name.to_owned(), "a program".to_owned()))
            .to_vec(),
        "/var/lib/cni/results" => seeds(&testdata("cni/results"))?
            .into_iter()
            .enumerate()
            .map(|(number, text)| (format!("result-{number}"), text))
            .collect(),
        _ if path.starts_with("/var/lib/cni/networks") => {
            vec![("10.244.19.51".to_owned(), "ea5929991e26\r\neth0".to_owned())]
        }
        _ => [
            "00-multus.conf",
            "10-calico.conflist",
            "70-multus.conf",
            "default-calico.conf",
            "net-calico.conf",
        ]
        .into_iter()
        .map(|name| Ok((name.to_owned(), recorded(&format!("cni/{name}"))?)))
        .collect::<anyhow::Result<_>>()?,
    };
    let entries = files.into_iter().map(|(name, content)| {
        json!({"name": name, "kind": "file", "mode": "0755", "size": content.len(), "modified": "2026-11-23T21:36:06Z",
            "content": content})
    });
    Ok(Value::Array(entries.collect()).to_string())
}
