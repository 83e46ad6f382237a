//! The CNI results that the runtime keeps: gone, empty, of another network, interface, pod or address.

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, array, first_half, text};
use crate::observation::directory::mutants as directory;
use crate::observation::objects::mutants as objects;
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "results.address",
        "results.interface",
        "results.network",
        "results.others",
        "results.pod",
        "results.present",
        "results.sandbox",
    ],
    make: |site, query| {
        let is_mine =
            matches!(query, Query::NodeDirectory { path, .. } if path == super::DIRECTORY);
        if is_mine {
            directory::gone(site, super::DIRECTORY);
            results(site, &site.elements());
        }
        is_mine
    },
};

/// One node's results.
fn results(site: &mut Site<'_>, entries: &[Value]) {
    for (index, entry) in entries.iter().enumerate() {
        let content: Option<Value> = serde_json::from_str(text(entry, "/content")).ok();
        if let Some(content) = content.filter(Value::is_object) {
            one(site, index, entry, &content);
        }
    }
}

/// A CNI argument, such as the pod's name.
fn argument<'a>(content: &'a Value, name: &str) -> &'a str {
    let mut arguments = array(content, "/cniArgs").iter();
    let found = arguments.find(|pair| pair[0] == name);
    found.and_then(|pair| pair[1].as_str()).unwrap_or_default()
}

fn one(site: &mut Site<'_>, index: usize, entry: &Value, content: &Value) {
    let pod = format!(
        "{}/{}",
        argument(content, "K8S_POD_NAMESPACE"),
        argument(content, "K8S_POD_NAME")
    );
    let whose = if site.surroundings.pods.contains_key(&pod) {
        format!("pod {pod}")
    } else {
        format!("another pod {pod}")
    };
    let network = text(content, "/networkName");
    let interface = text(content, "/ifName");
    let subject = format!("{}: {network} {interface} of {whose}", site.whom());
    let fact = |key: &'static str| FactId::new(FactKind::Result, key, &subject);
    site.remove(&fact("results.present"), "gone", format!("/{index}"));
    let at = format!("/{index}/content");
    let written = text(entry, "/content");
    site.set(
        &fact("results.present"),
        "truncated",
        &at,
        first_half(written),
    );
    let mut set = |key: &'static str, mutation: &'static str, change: &dyn Fn(&mut Value)| {
        let mut changed = content.clone();
        change(&mut changed);
        if changed != *content {
            site.set(&fact(key), mutation, &at, changed.to_string());
        }
    };
    set("results.network", "other network", &|content| {
        content["networkName"] = json!("stale-network");
    });
    set("results.interface", "other interface", &|content| {
        content["ifName"] = json!("eth9");
    });
    set("results.sandbox", "other sandbox", &|content| {
        content["containerId"] = json!("0123456789ab");
    });
    set("results.pod", "other pod", &|content| {
        for pair in content["cniArgs"].as_array_mut().into_iter().flatten() {
            if pair[0] == "K8S_POD_NAME" {
                pair[1] = json!("stranger");
            }
        }
    });
    addresses(
        site,
        content,
        &at,
        &FactId::new(FactKind::Result, "results.address", &subject),
    );
    let mut another = entry.clone();
    let mut other = content.clone();
    other["networkName"] = json!("stale-network");
    another["name"] = json!(format!("stale-network-{}", text(entry, "/name")));
    another["content"] = json!(other.to_string());
    let others = FactId::new(FactKind::Result, "results.others", &subject);
    site.insert(
        &others,
        "a result of another network beside it",
        "",
        index,
        another,
    );
}

fn addresses(site: &mut Site<'_>, content: &Value, at: &str, fact: &FactId) {
    for (place, ip) in array(content, "/result/ips").iter().enumerate() {
        for (mutation, other) in objects::others(text(ip, "/address"), site.surroundings) {
            // The prefix length is no part of the typed fact.
            if mutation != "other prefix length" {
                let mut changed = content.clone();
                changed["result"]["ips"][place]["address"] = json!(other);
                site.set(fact, mutation, at, changed.to_string());
            }
        }
    }
    if !array(content, "/result/ips").is_empty() {
        let mut changed = content.clone();
        changed["result"]["ips"] = json!([]);
        site.set(fact, "no address", at, changed.to_string());
    }
}
