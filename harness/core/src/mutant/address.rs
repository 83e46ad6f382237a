//! Addresses: the next one, one outside the range, one of another node's range, another prefix length; and interfaces.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use super::Family;
use super::site::{FactId, Site, array, text};
use super::surroundings::Surroundings;

/// Other addresses in place of one, with what each is. One that is outside every block gets no other node's.
pub(super) fn others(
    address: Ipv4Addr,
    surroundings: &Surroundings,
) -> Vec<(&'static str, Ipv4Addr)> {
    let mut others = vec![("next address", Ipv4Addr::from(u32::from(address) + 1))];
    let mut blocks = surroundings.blocks.values().flatten();
    let own = blocks.find(|block| block.contains(&address)).copied();
    let outside = match own {
        // The last address of a block is in nobody's range.
        Some(block) => block.broadcast(),
        None => Ipv4Addr::from(u32::from(address) ^ 0x0001_0000),
    };
    others.push(("address outside the range", outside));
    if let Some(address) = own.and_then(|own| other_node(address, own, surroundings)) {
        others.push(("address of another node's range", address));
    }
    others
}

/// The address at the same place of another node's block.
pub(super) fn other_node(
    address: Ipv4Addr,
    own: Ipv4Net,
    surroundings: &Surroundings,
) -> Option<Ipv4Addr> {
    let mut blocks = surroundings.blocks.values().flatten();
    let other = blocks.find(|block| **block != own)?;
    let distance = u32::from(address) - u32::from(own.network());
    Some(Ipv4Addr::from(u32::from(other.network()) + distance))
}

/// What `ip -j address` prints: every interface but the loopback and the kernel's own.
pub(super) fn interfaces(site: &mut Site<'_>) {
    let elements = site.elements();
    let whom = site.whom();
    for (index, interface) in elements.iter().enumerate() {
        let name = text(interface, "/ifname");
        if name.is_empty() || crate::observation::addresses::is_kernels_own(name) {
            continue;
        }
        let subject = format!("{whom}: {name}");
        let present = FactId::new(Family::Address, "interfaces.present", &subject);
        site.remove(&present, "gone", format!("/{index}"));
        site.set(&present, "other name", format!("/{index}/ifname"), "eth9");
        let mtu = FactId::new(Family::Address, "interfaces.mtu", &subject);
        site.set(&mtu, "other MTU", format!("/{index}/mtu"), 1280);
        addresses(site, index, interface, &subject);
    }
    if let Some(interface) = elements.last() {
        let mut another = interface.clone();
        if let Some(object) = another.as_object_mut() {
            object.insert("ifname".to_owned(), json!("net9"));
        }
        let others = FactId::new(Family::Address, "interfaces.others", whom);
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
            let ipv6 = FactId::new(Family::Address, "addresses.ipv6", subject);
            site.remove(&ipv6, "gone", &pointer);
            continue;
        };
        let fact = FactId::new(Family::Address, "addresses.address", subject);
        for (mutation, other) in others(address, site.surroundings) {
            site.set(
                &fact,
                mutation,
                format!("{pointer}/local"),
                other.to_string(),
            );
        }
        site.remove(&fact, "gone", &pointer);
        let length = FactId::new(Family::Address, "addresses.prefix-length", subject);
        let other = if info["prefixlen"] == 24 { 32 } else { 24 };
        site.set(
            &length,
            "other prefix length",
            format!("{pointer}/prefixlen"),
            other,
        );
        last = Some((address, info));
    }
    let others = FactId::new(Family::Address, "addresses.others", subject);
    if let Some((address, info)) = last {
        let mut another = info.clone();
        another["local"] = json!(Ipv4Addr::from(u32::from(address) + 1).to_string());
        let end = array(interface, "/addr_info").len();
        site.insert(&others, "another address", all, end, another);
    }
}
