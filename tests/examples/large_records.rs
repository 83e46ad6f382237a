//! Makes two large records for `tests/bench.d/compare`: a real one with so many nodes and pods more, each with facts,
//! details and a place on the timeline of its own, and a second one in which one pod in ten lost the gateway of a route.
//! Usage: large_records FOLDER [NODES, default 100] [PODS, default 1000]

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use rehearse_core::check::{Detail, Fact};
use rehearse_core::record::{Moment, Record};
use rehearse_tests::root;

/// The step that the pods are added to.
const STEP: &str = "default-calico";

const LINES: [&str; 3] = [
    "10.0.0.0/8 via 169.254.1.1 dev eth0",
    "10.96.0.0/12 via 169.254.1.1 dev eth0",
    "169.254.1.1 dev eth0 scope link",
];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("give a folder")?);
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |text| text.parse());
    let (nodes, pods) = (number(100)?, number(1000)?);
    let path = root().join("harness/core/testdata/record/real/multus-4.2.1.json");
    let text =
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    for (name, changes) in [("base", false), ("candidate", true)] {
        let mut record = Record::from_json(&text)?;
        grow(&mut record, nodes, pods, changes);
        fs::write(folder.join(format!("{name}.json")), record.to_json())?;
    }
    Ok(())
}

fn grow(record: &mut Record, nodes: usize, pods: usize, changes: bool) {
    for node in 0..nodes {
        let facts = record.run.node_facts.values().next().cloned();
        let name = format!("node-{node:03}");
        record
            .run
            .node_facts
            .insert(name, facts.unwrap_or_default());
    }
    let steps = record.canonical.steps.iter_mut();
    for step in steps.filter(|step| step.id == STEP) {
        for check in &mut step.checks {
            let own: Vec<Fact> = check.facts.iter().cloned().collect();
            let mut details = Vec::new();
            for pod in 0..pods {
                let (name, node) = (
                    format!("pod-{pod:04}"),
                    format!("node-{:03}", pod % nodes.max(1)),
                );
                let lost = changes && pod % 10 == 0;
                check.facts.extend(own.iter().map(|fact| Fact {
                    subject: format!("pod default/{name}"),
                    name: fact.name.clone(),
                    value: if lost {
                        fact.value.replace(LINES[0], "10.0.0.0/8 dev eth0")
                    } else {
                        fact.value.clone()
                    },
                }));
                details.push(Detail::Routes {
                    pod: format!("default/{name}"),
                    node: node.clone(),
                    lines: LINES.map(str::to_owned).to_vec(),
                });
                record.run.timeline.push(Moment {
                    at: format!("2026-11-25T01:24:{:02}.{pod:06}Z", pod % 60),
                    source: "event".to_owned(),
                    subject: format!("pod default/{name}"),
                    text: "AddedInterface: Add eth0 from kube-system/default-calico".to_owned(),
                });
            }
            let of_step = record.run.details.entry(step.id.clone()).or_default();
            of_step.insert(check.that.clone(), details);
        }
    }
}
