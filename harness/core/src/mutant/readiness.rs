//! Readiness: a condition that is not true, and one pod less than all of a workload's.

use serde_json::Value;

use super::Family;
use super::site::{FactId, Site, array, text};

/// The `Ready` condition of an object in the output's array.
pub(super) fn condition(
    site: &mut Site<'_>,
    index: usize,
    object: &Value,
    fact: &'static str,
    subject: &str,
) {
    let conditions = array(object, "/status/conditions");
    let Some(place) = conditions.iter().position(|found| found["type"] == "Ready") else {
        return;
    };
    let pointer = format!("/{index}/status/conditions/{place}");
    let fact = FactId::new(Family::Readiness, fact, subject);
    for (mutation, status) in [("false", "False"), ("true", "True"), ("unknown", "Unknown")] {
        site.set(&fact, mutation, format!("{pointer}/status"), status);
    }
    site.remove(&fact, "gone", &pointer);
}

/// Deployments or DaemonSets: the numbers of each, and whether they are about the wanted state.
pub(super) fn workloads(site: &mut Site<'_>, kind: &str) {
    for (index, object) in site.elements().iter().enumerate() {
        let subject = format!(
            "{kind} {}/{}",
            text(object, "/metadata/namespace"),
            text(object, "/metadata/name")
        );
        let fact = |key: &'static str| FactId::new(Family::Readiness, key, &subject);
        site.remove(&fact("workloads.present"), "gone", format!("/{index}"));
        site.set(
            &fact("workloads.present"),
            "renamed",
            format!("/{index}/metadata/name"),
            "stranger",
        );
        let numbers: &[(&'static str, &str)] = if kind == "DaemonSet" {
            &[
                ("workloads.wanted", "status/desiredNumberScheduled"),
                ("workloads.updated", "status/updatedNumberScheduled"),
                ("workloads.ready", "status/numberReady"),
                ("workloads.available", "status/numberAvailable"),
            ]
        } else {
            &[
                ("workloads.wanted", "spec/replicas"),
                ("workloads.there", "status/replicas"),
                ("workloads.updated", "status/updatedReplicas"),
                ("workloads.ready", "status/readyReplicas"),
                ("workloads.available", "status/availableReplicas"),
            ]
        };
        for (key, place) in numbers {
            let pointer = format!("/{index}/{place}");
            let number = object.pointer(&format!("/{place}")).and_then(Value::as_u64);
            let Some(number) = number else { continue };
            let fact = fact(key);
            site.set(&fact, "one less", &pointer, number.saturating_sub(1));
            site.set(&fact, "one more", &pointer, number + 1);
            site.remove(&fact, "gone", &pointer);
        }
        let generation = fact("workloads.generation");
        site.set(
            &generation,
            "of an older generation",
            format!("/{index}/status/observedGeneration"),
            0,
        );
    }
}
