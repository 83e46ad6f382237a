//! Connections that were tried: refused, not tried, to another address or port.

use serde_json::json;

use super::Family;
use super::site::{FactId, Site, text};

/// The output's connections.
pub(super) fn connections(site: &mut Site<'_>) {
    for (index, connection) in site.elements().iter().enumerate() {
        let subject = format!(
            "{} to {}",
            text(connection, "/from"),
            text(connection, "/to")
        );
        let fact = |key: &'static str| FactId::new(Family::Connection, key, &subject);
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
