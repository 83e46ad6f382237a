//! Routes: gone, added, duplicated, in another order, and each part of one changed.

use serde_json::{Value, json};

use crate::mutant::{Edit, FactId, FactKind, Maker, Site, text};
use crate::observation::addresses;
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "routes.destination",
        "routes.device",
        "routes.duplicates",
        "routes.flags",
        "routes.gateway",
        "routes.kind",
        "routes.metric",
        "routes.metrics",
        "routes.order",
        "routes.others",
        "routes.present",
        "routes.protocol",
        "routes.scope",
        "routes.source",
    ],
    make: |site, query| match query {
        Query::PodCommand { command, .. }
            if addresses::Family::BOTH
                .iter()
                .any(|family| *command == super::command(*family)) =>
        {
            table(site);
            true
        }
        _ => false,
    },
};

/// The table that `ip -j route` prints.
fn table(site: &mut Site<'_>) {
    let routes = site.elements();
    let whom = site.whom();
    for (index, route) in routes.iter().enumerate() {
        let gateway = match text(route, "/gateway") {
            "" => String::new(),
            gateway => format!(" via {gateway}"),
        };
        let subject = format!(
            "{whom}: {}{gateway} dev {}",
            text(route, "/dst"),
            text(route, "/dev")
        );
        one(site, index, route, &subject);
        if index + 1 < routes.len() {
            let order = FactId::new(FactKind::Route, "routes.order", &subject);
            let (first, second) = (index, index + 1);
            let pointer = String::new();
            site.push(
                &order,
                "after the next one",
                Edit::Swap {
                    pointer,
                    first,
                    second,
                },
            );
        }
    }
    let others = FactId::new(FactKind::Route, "routes.others", whom);
    let device = routes.first().map_or("eth0", |route| text(route, "/dev"));
    for (mutation, destination) in [
        ("a more specific route", "10.96.0.10"),
        ("another default route", "default"),
    ] {
        let route =
            json!({"dst": destination, "gateway": "10.244.255.1", "dev": device, "flags": []});
        site.insert(&others, mutation, "", routes.len(), route);
    }
}

fn one(site: &mut Site<'_>, index: usize, route: &Value, subject: &str) {
    let at = |key: &str| format!("/{index}/{key}");
    let fact = |key: &'static str| FactId::new(FactKind::Route, key, subject);
    site.remove(&fact("routes.present"), "gone", format!("/{index}"));
    site.insert(
        &fact("routes.duplicates"),
        "twice",
        "",
        index,
        route.clone(),
    );
    site.set(
        &fact("routes.destination"),
        "other destination",
        at("dst"),
        "10.99.0.0/16",
    );
    let gateway = fact("routes.gateway");
    let other = if route.get("gateway").is_some() {
        "other gateway"
    } else {
        "a gateway"
    };
    site.set(&gateway, other, at("gateway"), "169.254.1.2");
    site.remove(&gateway, "no gateway", at("gateway"));
    if let (Some(first), Some(device)) = (route.get("gateway"), route.get("dev")) {
        let hop =
            |gateway: &Value| json!({"gateway": gateway, "dev": device, "weight": 1, "flags": []});
        let mut multipath = route.clone();
        if let Some(keys) = multipath.as_object_mut() {
            keys.remove("gateway");
            keys.remove("dev");
            keys.insert(
                "nexthops".to_owned(),
                json!([hop(first), hop(&json!("169.254.1.2"))]),
            );
        }
        site.set(&gateway, "two next hops", format!("/{index}"), multipath);
    }
    let device = if text(route, "/dev") == "eth0" {
        "net1"
    } else {
        "eth0"
    };
    site.set(&fact("routes.device"), "other device", at("dev"), device);
    let scope = if text(route, "/scope") == "link" {
        "global"
    } else {
        "link"
    };
    site.set(&fact("routes.scope"), "other scope", at("scope"), scope);
    let source = fact("routes.source");
    site.set(&source, "other source", at("prefsrc"), "10.244.255.2");
    site.remove(&source, "no source", at("prefsrc"));
    let protocol = if text(route, "/protocol") == "static" {
        "kernel"
    } else {
        "static"
    };
    site.set(
        &fact("routes.protocol"),
        "other protocol",
        at("protocol"),
        protocol,
    );
    site.set(&fact("routes.metric"), "a metric", at("metric"), 100);
    site.set(
        &fact("routes.metrics"),
        "an MTU",
        at("metrics"),
        json!([{"mtu": 1400}]),
    );
    site.set(&fact("routes.kind"), "blackhole", at("type"), "blackhole");
    site.set(
        &fact("routes.flags"),
        "on-link",
        at("flags"),
        json!(["onlink"]),
    );
}
