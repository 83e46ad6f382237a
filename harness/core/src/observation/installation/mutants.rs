//! The operator's `Installation`: gone, one more, and each field that sets the network.

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, array, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "installation.field",
        "installation.others",
        "installation.pools",
        "installation.present",
    ],
    make: |site, query| {
        let is_mine = matches!(query, Query::Objects { kind, .. } if kind == "Installation");
        if is_mine {
            installations(site);
        }
        is_mine
    },
};

/// The output's `Installation` objects.
fn installations(site: &mut Site<'_>) {
    let installations = site.elements();
    for (index, object) in installations.iter().enumerate() {
        let subject = format!("installation {}", text(object, "/metadata/name"));
        let fact = |key: &'static str| FactId::new(FactKind::Status, key, &subject);
        let present = fact("installation.present");
        site.remove(&present, "gone", format!("/{index}"));
        site.set(
            &present,
            "renamed",
            format!("/{index}/metadata/name"),
            "stranger",
        );
        let network = format!("/{index}/spec/calicoNetwork");
        site.remove(&present, "without a network", &network);
        let field = |name: &str| {
            FactId::new(
                FactKind::Status,
                "installation.field",
                format!("{subject}: {name}"),
            )
        };
        for name in ["bgp", "containerIPForwarding"] {
            turn(
                site,
                &field(name),
                &format!("{network}/{name}"),
                object.pointer(&format!("/spec/calicoNetwork/{name}")),
            );
        }
        for (place, pool) in array(object, "/spec/calicoNetwork/ipPools")
            .iter()
            .enumerate()
        {
            let at = |key: &str| format!("{network}/ipPools/{place}/{key}");
            site.set(&field("cidr"), "other pool", at("cidr"), "10.9.0.0/16");
            site.set(&field("blockSize"), "other size", at("blockSize"), 26);
            site.set(
                &field("encapsulation"),
                "other encapsulation",
                at("encapsulation"),
                "IPIP",
            );
            turn(
                site,
                &field("natOutgoing"),
                &at("natOutgoing"),
                pool.get("natOutgoing"),
            );
            let pools = FactId::new(FactKind::Status, "installation.pools", &subject);
            site.remove(&pools, "pool gone", format!("{network}/ipPools/{place}"));
            site.insert(
                &pools,
                "another pool",
                format!("{network}/ipPools"),
                place,
                json!({"cidr": "10.9.0.0/16"}),
            );
        }
    }
    if let Some(object) = installations.last() {
        let mut another = object.clone();
        another["metadata"]["name"] = json!("stranger");
        let fact = FactId::new(FactKind::Status, "installation.others", "the cluster");
        site.insert(&fact, "another one", "", installations.len(), another);
    }
}

fn turn(site: &mut Site<'_>, fact: &FactId, pointer: &str, value: Option<&Value>) {
    let other = if value.is_some_and(|value| value == "Enabled") {
        "Disabled"
    } else {
        "Enabled"
    };
    site.set(fact, "turned round", pointer, other);
    site.remove(fact, "gone", pointer);
}
