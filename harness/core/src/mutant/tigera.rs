//! Tigera's status objects: gone, and each condition turned round or gone.

use super::Family;
use super::site::{FactId, Site, array, text};

/// The output's `TigeraStatus` objects.
pub(super) fn statuses(site: &mut Site<'_>) {
    for (index, object) in site.elements().iter().enumerate() {
        let subject = format!("tigerastatus {}", text(object, "/metadata/name"));
        let present = FactId::new(Family::Status, "tigera-status.present", &subject);
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
                Family::Status,
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
