//! Nodes: gone, one more, role, taint, cordon, readiness and why not; versions and annotations have makers of their own.

mod version;

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, array, text};
use crate::observation::objects::mutants as objects;
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "nodes.annotation",
        "nodes.cordon",
        "nodes.kubelet-version",
        "nodes.others",
        "nodes.present",
        "nodes.ready",
        "nodes.ready-message",
        "nodes.role",
        "nodes.runtime",
        "nodes.runtime-version",
        "nodes.taint",
    ],
    make: |site, query| {
        let is_mine = matches!(query, Query::Objects { kind, .. } if kind == "Node");
        if is_mine {
            nodes(site);
        }
        is_mine
    },
};

const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// The output's nodes.
fn nodes(site: &mut Site<'_>) {
    let nodes = site.elements();
    for (index, node) in nodes.iter().enumerate() {
        let subject = format!("node {}", text(node, "/metadata/name"));
        one(site, index, node, &subject);
        objects::condition(site, index, node, "nodes.ready", &subject);
        version::node(site, index, node, &subject);
        objects::annotations(site, index, node, "nodes.annotation", &subject, |_| false);
    }
    if let Some(node) = nodes.last() {
        let mut another = node.clone();
        another["metadata"]["name"] = json!("stranger");
        let fact = FactId::new(FactKind::Status, "nodes.others", "the cluster");
        site.insert(&fact, "another node", "", nodes.len(), another);
        site.insert(&fact, "listed twice", "", nodes.len(), node.clone());
    }
}

fn one(site: &mut Site<'_>, index: usize, node: &Value, subject: &str) {
    let fact = |key: &'static str| FactId::new(FactKind::Status, key, subject);
    let present = fact("nodes.present");
    site.remove(&present, "gone", format!("/{index}"));
    site.set(
        &present,
        "renamed",
        format!("/{index}/metadata/name"),
        "stranger",
    );
    let role = format!(
        "/{index}/metadata/labels/{}",
        CONTROL_PLANE.replace('/', "~1")
    );
    if node["metadata"]["labels"].get(CONTROL_PLANE).is_some() {
        site.remove(&fact("nodes.role"), "no control plane", role);
    } else {
        site.set(&fact("nodes.role"), "a control plane", role, "");
    }
    let mut taints = array(node, "/spec/taints").to_vec();
    taints.push(json!({"key": CONTROL_PLANE, "effect": "NoSchedule"}));
    if !text(
        node,
        "/metadata/labels/node-role.kubernetes.io~1control-plane",
    )
    .is_empty()
        || node["metadata"]["labels"].get(CONTROL_PLANE).is_some()
    {
        site.set(
            &fact("nodes.taint"),
            "kept free",
            format!("/{index}/spec/taints"),
            json!(taints),
        );
    }
    let mut others = array(node, "/spec/taints").to_vec();
    others.push(json!({"key": "example.org/kept-free", "effect": "NoSchedule"}));
    site.set(
        &fact("nodes.taint"),
        "tainted",
        format!("/{index}/spec/taints"),
        json!(others),
    );
    site.set(
        &fact("nodes.cordon"),
        "cordoned",
        format!("/{index}/spec/unschedulable"),
        true,
    );
    let conditions = array(node, "/status/conditions");
    if let Some(place) = conditions.iter().position(|found| found["type"] == "Ready") {
        let at = format!("/{index}/status/conditions/{place}/message");
        site.set(
            &fact("nodes.ready-message"),
            "other message",
            at,
            "another reason",
        );
    }
}
