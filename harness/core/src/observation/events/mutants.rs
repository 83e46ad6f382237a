//! Events about the pods that the step looks at: gone, about another network, about an older pod, older than the step.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "events.count",
        "events.message",
        "events.others",
        "events.pod",
        "events.present",
        "events.reason",
        "events.time",
    ],
    make: |site, query| {
        let is_mine = matches!(query, Query::Objects { kind, .. } if kind == "Event");
        if is_mine {
            events(site);
        }
        is_mine
    },
};

/// The output's events. One about an object that the step does not look at is no fact of the step.
fn events(site: &mut Site<'_>) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, event) in site.elements().iter().enumerate() {
        let name = format!(
            "{}/{}",
            text(event, "/involvedObject/namespace"),
            text(event, "/involvedObject/name")
        );
        let Some(pod) = site.surroundings.pods.get(&name) else {
            continue;
        };
        if text(event, "/involvedObject/kind") != "Pod"
            || text(event, "/involvedObject/uid") != pod.uid
        {
            continue;
        }
        let subject = format!("event {} of pod {name}", text(event, "/reason"));
        let times = seen.entry(subject.clone()).or_default();
        *times += 1;
        one(site, index, event, &format!("{subject} #{times}"));
    }
}

fn one(site: &mut Site<'_>, index: usize, event: &Value, subject: &str) {
    let fact = |key: &'static str| FactId::new(FactKind::Event, key, subject);
    let at = |key: &str| format!("/{index}/{key}");
    site.remove(&fact("events.present"), "gone", format!("/{index}"));
    let message = text(event, "/message");
    let words = fact("events.message");
    site.set(
        &words,
        "other network",
        at("message"),
        message.replace("calico", "stale"),
    );
    let combined = format!(
        "(combined from similar events): {}",
        message.replace("calico", "stale")
    );
    if message.contains("calico") {
        let mutation = "other network, combined from similar events";
        site.set(&words, mutation, at("message"), combined);
    }
    if text(event, "/reason") == "AddedInterface" {
        let mut second = event.clone();
        second["metadata"]["uid"] = json!("stranger");
        second["message"] = json!("Add net9 [10.9.9.9/24] from default/stranger");
        let others = fact("events.others");
        site.insert(&others, "a second interface", "", index + 1, second);
    }
    site.set(
        &words,
        "other message",
        at("message"),
        "something else happened",
    );
    site.set(
        &fact("events.reason"),
        "other reason",
        at("reason"),
        "Other",
    );
    let pod = fact("events.pod");
    site.set(
        &pod,
        "an older pod of the same name",
        at("involvedObject/uid"),
        "older",
    );
    site.set(&pod, "another pod", at("involvedObject/name"), "stranger");
    let time = fact("events.time");
    for (mutation, key) in [
        ("first seen before the step", "firstTimestamp"),
        ("last seen before the step", "lastTimestamp"),
        ("sent before the step", "eventTime"),
    ] {
        if event.get(key).is_some_and(Value::is_string) {
            site.set(&time, mutation, at(key), "2001-01-01T00:00:00Z");
        }
    }
    site.set(&fact("events.count"), "seen more often", at("count"), 9);
}
