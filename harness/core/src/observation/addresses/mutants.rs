//! A pod's or a node's interfaces and their addresses: gone, one more, another name, MTU, address or prefix length.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, address, array, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "addresses.address",
        "addresses.ipv6",
        "addresses.others",
        "addresses.prefix-length",
        "interfaces.mtu",
        "interfaces.others",
        "interfaces.present",
        "interfaces.state",
    ],
    make: |site, query| {
        let is_mine = matches!(
            query,
            Query::NodeCommand { command } | Query::PodCommand { command, .. } if *command == super::COMMAND
        );
        if is_mine {
            interfaces(site);
        }
        is_mine
    },
};

/// What `ip -j address` prints: every interface but the loopback and the kernel's own.
fn interfaces(site: &mut Site<'_>) {
    let elements = site.elements();
    let whom = site.whom();
    for (index, interface) in elements.iter().enumerate() {
        let name = text(interface, "/ifname");
        if name.is_empty() || super::is_kernels_own(name) {
            continue;
        }
        let subject = format!("{whom}: {name}");
        let present = FactId::new(FactKind::Address, "interfaces.present", &subject);
        site.remove(&present, "gone", format!("/{index}"));
        site.set(&present, "other name", format!("/{index}/ifname"), "eth9");
        let mtu = FactId::new(FactKind::Address, "interfaces.mtu", &subject);
        site.set(&mtu, "other MTU", format!("/{index}/mtu"), 1280);
        let state = FactId::new(FactKind::Address, "interfaces.state", &subject);
        let flags = json!(["NO-CARRIER", "BROADCAST", "MULTICAST", "UP"]);
        site.set(&state, "without carrier", format!("/{index}/flags"), flags);
        site.set(&state, "down", format!("/{index}/operstate"), "DOWN");
        addresses(site, index, interface, &subject);
    }
    if let Some(interface) = elements.last() {
        let mut another = interface.clone();
        if let Some(object) = another.as_object_mut() {
            object.insert("ifname".to_owned(), json!("net9"));
        }
        let others = FactId::new(FactKind::Address, "interfaces.others", whom);
        site.insert(&others, "another interface", "", elements.len(), another);
    }
}

fn addresses(site: &mut Site<'_>, index: usize, interface: &Value, subject: &str) {
    let all = format!("/{index}/addr_info");
    let mut last = None;
    for (place, info) in array(interface, "/addr_info").iter().enumerate() {
        let local = text(info, "/local");
        let pointer = format!("{all}/{place}");
        let Ok(address) = local.parse::<Ipv4Addr>() else {
            let ipv6 = FactId::new(FactKind::Address, "addresses.ipv6", subject);
            site.remove(&ipv6, "gone", &pointer);
            let failed = format!("{pointer}/dadfailed");
            site.set(&ipv6, "another has it too", failed, true);
            continue;
        };
        let fact = FactId::new(FactKind::Address, "addresses.address", subject);
        for (mutation, other) in address::others(address, site.surroundings) {
            site.set(
                &fact,
                mutation,
                format!("{pointer}/local"),
                other.to_string(),
            );
        }
        site.remove(&fact, "gone", &pointer);
        let length = FactId::new(FactKind::Address, "addresses.prefix-length", subject);
        let other = if info["prefixlen"] == 24 { 32 } else { 24 };
        site.set(
            &length,
            "other prefix length",
            format!("{pointer}/prefixlen"),
            other,
        );
        last = Some((address, info));
    }
    let others = FactId::new(FactKind::Address, "addresses.others", subject);
    if let Some((address, info)) = last {
        let mut another = info.clone();
        another["local"] = json!(Ipv4Addr::from(u32::from(address) + 1).to_string());
        let end = array(interface, "/addr_info").len();
        site.insert(&others, "another address", &all, end, another);
        let twin =
            json!({"family": "inet6", "local": "fd00:9::9", "prefixlen": 64, "scope": "global"});
        site.insert(&others, "an IPv6 twin", all, end, twin);
    }
}
