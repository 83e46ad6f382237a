//! Tigera's status objects: gone, and each condition turned round or gone.

use crate::mutant::{FactId, FactKind, Maker, Site, array, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &["tigera-status.condition", "tigera-status.present"],
    make: |site, query| {
        let is_mine = matches!(query, Query::Objects { kind, .. } if kind == "TigeraStatus");
        if is_mine {
            statuses(site);
        }
        is_mine
    },
};

/// The output's `TigeraStatus` objects.
fn statuses(site: &mut Site<'_>) {
    for (index, object) in site.elements().iter().enumerate() {
        let subject = format!("tigerastatus {}", text(object, "/metadata/name"));
        let present = FactId::new(FactKind::Status, "tigera-status.present", &subject);
        site.remove(&present, "gone", format!("/{index}"));
        site.set(
            &present,
            "renamed",
            format!("/{index}/metadata/name"),
            "stranger",
        );
        for (place, condition) in array(object, "/status/conditions").iter().enumerate() {
            let kind = text(condition, "/type");
            if !["Available", "Degraded", "Progressing"].contains(&kind) {
                continue;
            }
            let fact = FactId::new(
                FactKind::Status,
                "tigera-status.condition",
                format!("{subject}: {kind}"),
            );
            let pointer = format!("/{index}/status/conditions/{place}");
            let other = if condition["status"] == "True" {
                "False"
            } else {
                "True"
            };
            site.set(&fact, "turned round", format!("{pointer}/status"), other);
            site.set(&fact, "unknown", format!("{pointer}/status"), "Unknown");
            site.remove(&fact, "gone", pointer);
        }
    }
}
