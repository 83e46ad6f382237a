//! What a mutant's maker may know besides its own output: the blocks of the nodes, whose sandbox is whose, and which texts
//! the step's checks want absent.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::Value;

use super::site::{array, text};
use crate::capture::{Capture, CapturedLook, CapturedStep};
use crate::plan;
use crate::query::Query;

/// What is known around one output.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    /// Every node's blocks, by node.
    pub(super) blocks: BTreeMap<String, Vec<Ipv4Net>>,
    /// The pods that the step looks at and that are not being deleted, as `namespace/name`, with their ids and sandboxes.
    pub(super) pods: BTreeMap<String, Pod>,
    /// Texts that must be absent, by the query that would show them.
    pub(super) unwanted: Vec<(Query, String)>,
}

/// A pod of the step.
#[derive(Clone, Debug, Default)]
pub(super) struct Pod {
    pub(super) uid: String,
    pub(super) sandbox: String,
    pub(super) node: String,
}

impl Surroundings {
    pub(super) fn of(capture: &Capture, step: &CapturedStep, planned: &plan::Step) -> Self {
        let mut surroundings = Self::default();
        for look in capture.steps.iter().flat_map(|step| &step.looks) {
            for affinity in objects(look, "BlockAffinity") {
                if let Ok(block) = text(&affinity, "/spec/cidr").parse() {
                    let node = text(&affinity, "/spec/node").to_owned();
                    let of_node = surroundings.blocks.entry(node).or_default();
                    if !of_node.contains(&block) {
                        of_node.push(block);
                    }
                }
            }
        }
        for look in &step.looks {
            for pod in objects(look, "Pod") {
                if pod.pointer("/metadata/deletionTimestamp").is_some() {
                    continue;
                }
                let name = full_name(&pod);
                let annotation = "/metadata/annotations/cni.projectcalico.org~1containerID";
                surroundings.pods.insert(
                    name,
                    Pod {
                        uid: text(&pod, "/metadata/uid").to_owned(),
                        sandbox: text(&pod, annotation).to_owned(),
                        node: text(&pod, "/spec/nodeName").to_owned(),
                    },
                );
            }
        }
        for check in planned
            .checks
            .iter()
            .filter(|check| check.skipped.is_none())
        {
            let unwanted = check.check.unwanted().into_iter();
            surroundings
                .unwanted
                .extend(unwanted.flat_map(|(query, texts)| {
                    texts.iter().map(move |text| (query.clone(), text.clone()))
                }));
        }
        surroundings
    }

    /// Whose sandbox an id is, as words of a subject.
    pub(super) fn whose(&self, sandbox: &str) -> String {
        let mut pods = self.pods.iter();
        pods.find(|(_, pod)| !sandbox.is_empty() && pod.sandbox == sandbox)
            .map_or_else(
                || "another sandbox".to_owned(),
                |(name, _)| format!("pod {name}"),
            )
    }
}

/// `namespace/name` of an object.
pub(super) fn full_name(object: &Value) -> String {
    format!(
        "{}/{}",
        text(object, "/metadata/namespace"),
        text(object, "/metadata/name")
    )
}

fn objects(look: &CapturedLook, wanted: &str) -> Vec<Value> {
    let Query::Objects { kind, .. } = &look.query else {
        return Vec::new();
    };
    if kind != wanted {
        return Vec::new();
    }
    let outputs = look.outputs.iter();
    outputs
        .filter_map(|output| serde_json::from_str::<Value>(&output.text).ok())
        .flat_map(|objects| array(&objects, "").to_vec())
        .collect()
}
