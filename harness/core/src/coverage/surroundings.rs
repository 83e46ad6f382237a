//! What the makers of mutants may know of a captured step besides the output that they change.

use serde_json::Value;

use crate::capture::{Capture, CapturedLook, CapturedStep};
use crate::mutant::{Pod, Surroundings, array, full_name, text};
use crate::plan;
use crate::query::Query;

/// What is known around a step's outputs.
pub(super) fn of(capture: &Capture, step: &CapturedStep, planned: &plan::Step) -> Surroundings {
    let mut surroundings = Surroundings::default();
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
