//! Pods: gone, one more, going away, node, revision, addresses, phase and containers; annotations have makers of their own.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, address, array, full_name, text};
use crate::observation::network_status::mutants as network_status;
use crate::observation::objects::mutants as objects;
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "annotations.value",
        "pods.address",
        "pods.addresses",
        "pods.containers",
        "pods.node",
        "pods.others",
        "pods.phase",
        "pods.present",
        "pods.ready",
        "pods.revision",
        "pods.uid",
    ],
    make: |site, query| {
        let is_mine = matches!(query, Query::Objects { kind, .. } if kind == "Pod");
        if is_mine {
            pods(site, query);
        }
        is_mine
    },
};

/// The output's pods, but those that are being deleted: they are no facts.
fn pods(site: &mut Site<'_>, query: &Query) {
    let pods = site.elements();
    let unwanted = site.surroundings.unwanted.iter();
    let unwanted: Vec<String> = unwanted
        .filter(|(of, _)| of == query)
        .map(|(_, name)| name.clone())
        .collect();
    let mut last = None;
    for (index, pod) in pods.iter().enumerate() {
        if pod.pointer("/metadata/deletionTimestamp").is_some() {
            continue;
        }
        let subject = format!("pod {}", full_name(pod));
        one(site, index, pod, &subject);
        addresses(site, index, pod, &subject);
        containers(site, index, pod, &subject);
        objects::condition(site, index, pod, "pods.ready", &subject);
        let is_another_makers = network_status::is_it;
        objects::annotations(
            site,
            index,
            pod,
            "annotations.value",
            &subject,
            is_another_makers,
        );
        network_status::mutants(site, index, pod, &subject);
        objects::unwanted(site, index, &subject, &unwanted);
        last = Some(pod);
    }
    if let Some(pod) = last {
        let mut another = pod.clone();
        another["metadata"]["name"] = json!("stranger");
        another["metadata"]["uid"] = json!("stranger");
        let fact = FactId::new(FactKind::Status, "pods.others", selected(query));
        site.insert(&fact, "another pod", "", pods.len(), another);
    }
}

fn one(site: &mut Site<'_>, index: usize, pod: &Value, subject: &str) {
    let fact = |key: &'static str| FactId::new(FactKind::Status, key, subject);
    let at = |key: &str| format!("/{index}/{key}");
    let present = fact("pods.present");
    site.remove(&present, "gone", format!("/{index}"));
    site.set(&present, "renamed", at("metadata/name"), "stranger");
    site.set(
        &present,
        "going away",
        at("metadata/deletionTimestamp"),
        "2026-01-01T00:00:00Z",
    );
    site.set(
        &fact("pods.uid"),
        "other id",
        at("metadata/uid"),
        "stranger",
    );
    if pod["metadata"]["labels"].get("pod-template-hash").is_some() {
        site.set(
            &fact("pods.revision"),
            "of an older revision",
            at("metadata/labels/pod-template-hash"),
            "0000000000",
        );
    }
    let node = fact("pods.node");
    let nodes = site.surroundings.blocks.keys();
    let other = nodes
        .clone()
        .find(|name| *name != text(pod, "/spec/nodeName"))
        .cloned();
    if let Some(other) = other {
        site.set(&node, "other node", at("spec/nodeName"), other);
    }
    site.set(&node, "unknown node", at("spec/nodeName"), "nobody");
    site.set(
        &fact("pods.phase"),
        "other phase",
        at("status/phase"),
        "Unknown",
    );
}

fn addresses(site: &mut Site<'_>, index: usize, pod: &Value, subject: &str) {
    let fact = |key: &'static str| FactId::new(FactKind::Address, key, subject);
    let Ok(address) = text(pod, "/status/podIP").parse::<Ipv4Addr>() else {
        return;
    };
    let (first, all) = (fact("pods.address"), fact("pods.addresses"));
    let at = |key: &str| format!("/{index}/status/{key}");
    for (mutation, other) in address::others(address, site.surroundings) {
        site.set(&first, mutation, at("podIP"), other.to_string());
        site.set(
            &all,
            mutation,
            at("podIPs"),
            json!([{"ip": other.to_string()}]),
        );
    }
    let twins = json!([{"ip": address.to_string()}, {"ip": "fd00:9::9"}]);
    site.set(&all, "an IPv6 twin", at("podIPs"), twins);
    site.remove(&first, "gone", at("podIP"));
    site.remove(&all, "gone", at("podIPs"));
}

fn containers(site: &mut Site<'_>, index: usize, pod: &Value, subject: &str) {
    for (place, container) in array(pod, "/status/containerStatuses").iter().enumerate() {
        let at = |key: &str| format!("/{index}/status/containerStatuses/{place}/{key}");
        let fact = FactId::new(
            FactKind::Status,
            "pods.containers",
            format!("{subject}: container {}", text(container, "/name")),
        );
        let ready = container["ready"] != true;
        site.set(&fact, "other readiness", at("ready"), ready);
        site.set(&fact, "started again", at("restartCount"), 7);
        let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": ""}});
        site.set(&fact, "crashing", at("state"), waiting);
    }
}

/// Which pods a query is about, such as `pods app=normal`.
fn selected(query: &Query) -> String {
    match query {
        Query::Objects {
            selector: Some(selector),
            ..
        } => format!("pods {selector}"),
        _ => "all pods".to_owned(),
    }
}
