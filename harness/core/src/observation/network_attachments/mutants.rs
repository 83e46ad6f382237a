//! `NetworkAttachmentDefinition` objects: gone, renamed, in another namespace, with another configuration or with none.

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, full_name, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &["attachments.configuration", "attachments.present"],
    make: |site, query| {
        let is_mine =
            matches!(query, Query::Objects { kind, .. } if kind == "NetworkAttachmentDefinition");
        if is_mine {
            definitions(site);
        }
        is_mine
    },
};

/// The output's objects.
fn definitions(site: &mut Site<'_>) {
    for (index, object) in site.elements().iter().enumerate() {
        let subject = format!("network attachment definition {}", full_name(object));
        let at = |key: &str| format!("/{index}/{key}");
        let present = FactId::new(FactKind::Status, "attachments.present", &subject);
        site.remove(&present, "gone", format!("/{index}"));
        site.set(&present, "renamed", at("metadata/name"), "stranger");
        site.set(
            &present,
            "in another namespace",
            at("metadata/namespace"),
            "stranger",
        );
        let held = FactId::new(
            FactKind::Configuration,
            "attachments.configuration",
            &subject,
        );
        let other = |name: &str, kind: &str| {
            json!({"cniVersion": "0.3.1", "name": name, "type": kind}).to_string()
        };
        let config = text(object, "/spec/config");
        let Ok(Value::Object(mut parsed)) = serde_json::from_str(config) else {
            let spec = json!({"config": other("stale-network", "calico")});
            site.set(&held, "with a configuration", at("spec"), spec);
            continue;
        };
        site.set(&held, "without a configuration", at("spec"), json!({}));
        site.set(
            &held,
            "malformed JSON",
            at("spec/config"),
            config.replace(':', " "),
        );
        site.set(
            &held,
            "other plugin",
            at("spec/config"),
            other(text(object, "/metadata/name"), "missing"),
        );
        parsed.insert("name".to_owned(), json!("stale-network"));
        site.set(
            &held,
            "other name",
            at("spec/config"),
            Value::Object(parsed).to_string(),
        );
    }
}
