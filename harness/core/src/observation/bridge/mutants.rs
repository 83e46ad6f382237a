//! A node's bridges and ports: gone, no bridge, another bridge's port, hairpin turned round.

use serde_json::json;

use crate::mutant::{FactId, FactKind, Maker, Site, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "links.hairpin",
        "links.kind",
        "links.master",
        "links.present",
        "links.state",
    ],
    make: |site, query| {
        let is_mine = matches!(query, Query::NodeCommand { command } if *command == super::COMMAND);
        if is_mine {
            links(site);
        }
        is_mine
    },
};

/// The links that `ip -j -d link` prints.
fn links(site: &mut Site<'_>) {
    let whom = site.whom();
    for (index, link) in site.elements().iter().enumerate() {
        let name = text(link, "/ifname");
        if name.is_empty() || crate::observation::addresses::is_kernels_own(name) {
            continue;
        }
        let master = text(link, "/master");
        let of = if master.is_empty() {
            String::new()
        } else {
            format!(", port of {master}")
        };
        let subject = format!("{whom}: {name}{of}");
        let fact = |key: &'static str| FactId::new(FactKind::Link, key, &subject);
        let at = |key: &str| format!("/{index}/{key}");
        let present = fact("links.present");
        site.remove(&present, "gone", format!("/{index}"));
        site.set(&present, "renamed", at("ifname"), "stranger0");
        let flags = json!(["NO-CARRIER", "BROADCAST", "MULTICAST", "UP"]);
        site.set(&fact("links.state"), "without carrier", at("flags"), flags);
        site.set(&fact("links.state"), "down", at("operstate"), "DOWN");
        if !text(link, "/linkinfo/info_kind").is_empty() {
            site.set(
                &fact("links.kind"),
                "other kind",
                at("linkinfo/info_kind"),
                "dummy",
            );
        }
        if !master.is_empty() {
            site.set(
                &fact("links.master"),
                "other bridge",
                at("master"),
                "stranger0",
            );
            site.remove(&fact("links.master"), "no bridge", at("master"));
        }
        let place = "/linkinfo/info_slave_data/hairpin";
        if let Some(hairpin) = link.pointer(place).and_then(serde_json::Value::as_bool) {
            let fact = fact("links.hairpin");
            site.set(
                &fact,
                "turned round",
                format!("/{index}{place}"),
                json!(!hairpin),
            );
            site.remove(&fact, "unknown", format!("/{index}{place}"));
        }
    }
}
