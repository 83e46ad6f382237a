//! How time and memory grow with a cluster: so many nodes with ten pods each, made of recorded outputs.
//!
//! `growth check NODES` reads a capture and judges it by every check of the scenario but the one that tries every pair of
//! pods, which is a square by what it asks; `growth render NODES` reads a record and renders all its reports. Prints the
//! least of several processor times in seconds, the peak memory in KiB, and how many bytes were read. Processor time, since
//! a busy machine stretches any other.

#[path = "../tests/fuzz/cluster.rs"]
mod cluster;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rehearse_core::capture::Capture;
use rehearse_core::check::{Check, Detail, Failure};
use rehearse_core::medium::Safe;
use rehearse_core::query::{Output, Query, Subject};
use rehearse_core::record::{Outcome, Record, Verdict};
use rehearse_core::redaction::RawText;
use rehearse_core::report::{annotations, ctrf, html, junit, markdown, terminal};
use serde_json::Value;

const PODS_OF_A_NODE: usize = 10;

/// The recorded node and pod that all others are like, and what in their texts is their own.
const NODE: &str = "doc-worker";
const POD: &str = "normal-859c7fbdf5-4jghl";
const PREFIX: &str = "10.244.19.";

#[expect(clippy::disallowed_methods, reason = "it shows figures of its own")]
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, nodes] = arguments.as_slice() else {
        bail!("usage: growth check|render NODES");
    };
    let nodes: usize = nodes.parse().context("NODES is not a number")?;
    let (took, bytes) = match what.as_str() {
        "check" => check(nodes)?,
        "render" => render(nodes)?,
        other => bail!("unknown '{other}' (known: check, render)"),
    };
    let seconds = took.as_secs_f64();
    writeln!(io::stdout(), "{seconds:.6} {} {bytes}", peak_memory()?)?;
    Ok(())
}

/// The least processor time of at least five times, and of as many as fit into half a second.
fn least(mut run: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    let (mut least, mut all, mut times) = (Duration::MAX, Duration::ZERO, 0);
    while times < 5 || all < Duration::from_millis(500) {
        let before = processor_time()?;
        run()?;
        let took = processor_time()?.saturating_sub(before);
        (least, all, times) = (least.min(took), all + took, times + 1);
    }
    Ok(least)
}

/// How long this thread has run on a processor.
fn processor_time() -> anyhow::Result<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text
        .split_whitespace()
        .next()
        .context("the kernel counts no processor time")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

fn peak_memory() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number
        .context("the kernel does not say how much memory was used")?
        .parse()?)
}

fn node_name(node: usize) -> String {
    format!("node-{node:04}")
}

/// The recorded worker's text as that of another node.
fn of_node(text: &str, node: usize) -> String {
    let prefix = format!("10.{}.{}.", 100 + node / 250, node % 250);
    text.replace(PREFIX, &prefix)
        .replace(NODE, &node_name(node))
}

/// The recorded pod's text as that of a pod of another node.
fn of_pod(text: &str, node: usize, pod: usize) -> String {
    let address = format!("{PREFIX}{}", 100 + pod);
    let text = text
        .replace("10.244.19.51", &address)
        .replace("10.244.19.52", &address);
    of_node(&text, node).replace(POD, &pod_name(node, pod))
}

fn pod_name(node: usize, pod: usize) -> String {
    format!("normal-{node:04}-{pod}")
}

fn check(nodes: usize) -> anyhow::Result<(Duration, usize)> {
    let mut checks = cluster::checks()?;
    checks.retain(|check| !matches!(check, Check::Connectivity(_)));
    let mut capture = cluster::capture(&checks)?;
    for look in capture.steps.iter_mut().flat_map(|step| &mut step.looks) {
        look.outputs = grown(&look.query, &look.outputs, nodes)?;
    }
    let mut context = cluster::context()?;
    context.nodes.workers = u16::try_from(nodes.saturating_sub(1)).unwrap_or(u16::MAX);
    let text = serde_json::to_string(&capture)?;
    drop(capture);
    let took = least(|| {
        let capture: Capture = serde_json::from_str(&text)?;
        cluster::judge(&capture, &checks, &context);
        Ok(())
    })?;
    Ok((took, text.len()))
}

/// One recorded output as those of all nodes or pods.
fn grown(query: &Query, recorded: &[Output], nodes: usize) -> anyhow::Result<Vec<Output>> {
    let first = recorded.first().context("nothing was recorded")?;
    let with = |subject: Subject, text: String| Output {
        subject,
        text: RawText::from(text).redacted(),
        ..first.clone()
    };
    let all_pods = || (0..nodes).flat_map(|node| (0..PODS_OF_A_NODE).map(move |pod| (node, pod)));
    Ok(match query {
        Query::NodeDirectory { .. } | Query::NodeCommand { .. } | Query::NodeJournal { .. } => (0
            ..nodes)
            .map(|node| with(Subject::Node(node_name(node)), of_node(&first.text, node)))
            .collect(),
        Query::PodCommand { namespace, .. } | Query::PodLogs { namespace, .. } => all_pods()
            .map(|(node, pod)| {
                let (namespace, name) = (namespace.clone(), pod_name(node, pod));
                with(
                    Subject::Pod { namespace, name },
                    of_pod(&first.text, node, pod),
                )
            })
            .collect(),
        Query::Objects { kind, .. } => {
            let objects: Vec<Value> = serde_json::from_str(&first.text)?;
            let like = |name: &str| {
                objects
                    .iter()
                    .map(Value::to_string)
                    .find(|text| text.contains(&format!("\"{name}")))
            };
            let texts: Vec<String> = match kind.as_str() {
                "Node" | "BlockAffinity" => {
                    let object = like(&format!("{NODE}\"")).or(like(&format!("{NODE}-")));
                    let object = object.context("no such node was recorded")?;
                    (0..nodes).map(|node| of_node(&object, node)).collect()
                }
                "Pod" => {
                    let object = like(POD).context("no such pod was recorded")?;
                    all_pods()
                        .map(|(node, pod)| of_pod(&object, node, pod))
                        .collect()
                }
                "Event" => {
                    let event = objects
                        .first()
                        .context("no event was recorded")?
                        .to_string();
                    let event = event.replace("normal-57fbdf8d94-7h7k4", POD);
                    all_pods()
                        .map(|(node, pod)| of_pod(&event, node, pod))
                        .collect()
                }
                _ => return Ok(recorded.to_vec()),
            };
            vec![with(Subject::Cluster, format!("[{}]", texts.join(",")))]
        }
        Query::Connections { .. } => recorded.to_vec(),
    })
}

fn render(nodes: usize) -> anyhow::Result<(Duration, usize)> {
    let recorded = fs::read_to_string(cluster::testdata("record/failed.json"))?;
    let text = grown_record(Record::from_json(&recorded)?, nodes).to_json();
    let took = least(|| {
        let record = Record::from_json(&text)?;
        let look = terminal::Look {
            width: 110,
            colour: true,
        };
        let reports = [
            junit::render(&record)?,
            html::render(&record)?,
            ctrf::render(&record),
            markdown::render(&record),
            annotations::render(&record),
            terminal::render(&record, "record.json", look),
            Safe::json(&record.to_json()),
        ];
        anyhow::ensure!(
            reports.iter().all(|report| !report.is_empty()),
            "an empty report"
        );
        Ok(())
    })?;
    Ok((took, text.len()))
}

/// The record of a failed run with details, failures, moments and evidence of so many nodes and pods.
fn grown_record(mut record: Record, nodes: usize) -> Record {
    let pods = nodes * PODS_OF_A_NODE;
    let run = &mut record.run;
    let facts: BTreeMap<String, String> =
        run.node_facts.values().next().cloned().unwrap_or_default();
    run.node_facts = (0..nodes)
        .map(|node| (node_name(node), facts.clone()))
        .collect();
    for details in run.details.values_mut().flat_map(BTreeMap::values_mut) {
        let each = if details
            .iter()
            .any(|detail| matches!(detail, Detail::Block { .. }))
        {
            nodes
        } else {
            pods
        };
        *details = details
            .iter()
            .cycle()
            .take(each)
            .cloned()
            .enumerate()
            .map(|(number, detail)| renamed(detail, number))
            .collect();
    }
    // A failure of each pod, told apart by what was observed.
    for failures in run.failures.values_mut().flat_map(BTreeMap::values_mut) {
        let grown = failures
            .iter()
            .cycle()
            .take(pods)
            .enumerate()
            .map(|(number, failure)| Failure {
                subject: format!(
                    "pod default/{}",
                    pod_name(number / PODS_OF_A_NODE, number % PODS_OF_A_NODE)
                ),
                observed: format!("{} {number}", failure.observed),
                ..failure.clone()
            });
        *failures = grown.collect();
    }
    run.timeline = run
        .timeline
        .iter()
        .cycle()
        .take(pods * 5)
        .cloned()
        .collect();
    for files in run.evidence.values_mut() {
        *files = (0..nodes)
            .map(|node| format!("evidence/step/crio-{}.log", node_name(node)))
            .collect();
    }
    let steps = &mut record.canonical.steps;
    let failed = steps.iter().any(|step| {
        step.outcome == Outcome::Failed
            && step
                .checks
                .iter()
                .any(|check| check.verdict == Verdict::Failed)
    });
    assert!(failed, "the recorded run has no failed check");
    record
}

fn renamed(detail: Detail, number: usize) -> Detail {
    let (node, pod) = (number / PODS_OF_A_NODE, number % PODS_OF_A_NODE);
    let name = format!("default/{}", pod_name(node, pod));
    match detail {
        Detail::Witnesses { about, rows } => Detail::Witnesses {
            about: format!("{about} {number}"),
            rows,
        },
        Detail::Interfaces { interfaces, .. } => Detail::Interfaces {
            pod: name,
            node: node_name(node),
            interfaces,
        },
        Detail::Routes { lines, .. } => Detail::Routes {
            pod: name,
            node: node_name(node),
            lines,
        },
        Detail::Block { .. } => Detail::Block {
            node: node_name(number),
            block: format!("10.{}.{}.0/24", 100 + number / 250, number % 250),
        },
    }
}
