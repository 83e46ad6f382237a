//! Connections that were tried: refused, not tried, to another address or port.

use serde_json::json;

use crate::mutant::{FactId, FactKind, Maker, Site, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "connections.connected",
        "connections.present",
        "connections.target",
    ],
    make: |site, query| {
        let is_mine = matches!(query, Query::Connections { .. });
        if is_mine {
            connections(site);
        }
        is_mine
    },
};

/// The output's connections.
fn connections(site: &mut Site<'_>) {
    for (index, connection) in site.elements().iter().enumerate() {
        let subject = format!(
            "{} to {}",
            text(connection, "/from"),
            text(connection, "/to")
        );
        let fact = |key: &'static str| FactId::new(FactKind::Connection, key, &subject);
        let at = |key: &str| format!("/{index}/{key}");
        site.set(
            &fact("connections.connected"),
            "refused",
            at("connected"),
            json!(false),
        );
        site.remove(
            &fact("connections.present"),
            "not tried",
            format!("/{index}"),
        );
        site.set(
            &fact("connections.target"),
            "other address",
            at("address"),
            "10.9.9.9",
        );
        site.set(&fact("connections.target"), "other port", at("port"), 81);
    }
}
