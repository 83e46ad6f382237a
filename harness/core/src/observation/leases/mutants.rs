//! host-local's leases: gone, of another address, sandbox or interface.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, address, text};
use crate::observation::directory::mutants as directory;
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "leases.address",
        "leases.interface",
        "leases.present",
        "leases.sandbox",
    ],
    make: |site, query| match query {
        Query::NodeDirectory { path, .. } if path.starts_with(&super::folder("")) => {
            directory::gone(site, path);
            leases(site, &site.elements());
            true
        }
        _ => false,
    },
};

/// One node's leases of one network. A file that is not named by an address is none.
fn leases(site: &mut Site<'_>, entries: &[Value]) {
    for (index, entry) in entries.iter().enumerate() {
        let Ok(address) = text(entry, "/name").parse::<Ipv4Addr>() else {
            continue;
        };
        let content = text(entry, "/content");
        let mut lines = content.lines().map(str::trim);
        let sandbox = lines.next().unwrap_or_default();
        let interface = lines.next().unwrap_or_default();
        let whose = site.surroundings.whose(sandbox);
        let subject = format!("{}: lease of {interface} of {whose}", site.whom());
        let fact = |key: &'static str| FactId::new(FactKind::Lease, key, &subject);
        let at = |key: &str| format!("/{index}/{key}");
        let present = fact("leases.present");
        site.remove(&present, "gone", format!("/{index}"));
        site.set(&present, "no file", at("kind"), "directory");
        for (mutation, other) in address::others(address, site.surroundings) {
            site.set(
                &fact("leases.address"),
                mutation,
                at("name"),
                other.to_string(),
            );
        }
        let owner = fact("leases.sandbox");
        site.set(
            &owner,
            "other sandbox",
            at("content"),
            format!("0123456789abcdef\r\n{interface}"),
        );
        site.set(&owner, "empty", at("content"), json!(""));
        let device = fact("leases.interface");
        site.set(
            &device,
            "other interface",
            at("content"),
            format!("{sandbox}\r\neth9"),
        );
        site.set(&device, "no interface", at("content"), sandbox);
    }
}
