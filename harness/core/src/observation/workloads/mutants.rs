//! Deployments and DaemonSets: gone, renamed, one pod less or more, and of an older generation.

use serde_json::Value;

use crate::mutant::{FactId, FactKind, Maker, Site, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "workloads.available",
        "workloads.generation",
        "workloads.present",
        "workloads.ready",
        "workloads.there",
        "workloads.updated",
        "workloads.wanted",
    ],
    make: |site, query| match query {
        Query::Objects { kind, .. } if kind == "Deployment" || kind == "DaemonSet" => {
            workloads(site, kind);
            true
        }
        _ => false,
    },
};

/// Deployments or DaemonSets: the numbers of each, and whether they are about the wanted state.
fn workloads(site: &mut Site<'_>, kind: &str) {
    for (index, object) in site.elements().iter().enumerate() {
        let subject = format!(
            "{kind} {}/{}",
            text(object, "/metadata/namespace"),
            text(object, "/metadata/name")
        );
        let fact = |key: &'static str| FactId::new(FactKind::Readiness, key, &subject);
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
