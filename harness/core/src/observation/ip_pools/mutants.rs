//! Calico's `IPPool` objects: gone, disabled, and each field that the operator sets.

use crate::mutant::{FactId, FactKind, Maker, Site, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &["pools.disabled", "pools.field", "pools.present"],
    make: |site, query| {
        let is_mine = matches!(query, Query::Objects { kind, .. } if kind == "IPPool");
        if is_mine {
            pools(site);
        }
        is_mine
    },
};

/// The output's `IPPool` objects.
fn pools(site: &mut Site<'_>) {
    for (index, pool) in site.elements().iter().enumerate() {
        let subject = format!("IP pool {}", text(pool, "/metadata/name"));
        let fact = |key: &'static str| FactId::new(FactKind::Status, key, &subject);
        let at = |key: &str| format!("/{index}/spec/{key}");
        site.remove(&fact("pools.present"), "gone", format!("/{index}"));
        site.set(&fact("pools.disabled"), "disabled", at("disabled"), true);
        let field = |name: &str| {
            FactId::new(
                FactKind::Status,
                "pools.field",
                format!("{subject}: {name}"),
            )
        };
        site.set(&field("cidr"), "other pool", at("cidr"), "10.9.0.0/16");
        site.set(&field("blockSize"), "other size", at("blockSize"), 28);
        let mode = if pool["spec"]["vxlanMode"] == "Never" {
            "Always"
        } else {
            "Never"
        };
        site.set(&field("vxlanMode"), "other mode", at("vxlanMode"), mode);
        let nat = pool["spec"]["natOutgoing"] == true;
        site.set(
            &field("natOutgoing"),
            "turned round",
            at("natOutgoing"),
            !nat,
        );
    }
}
