//! Other addresses in place of one: the next one, one outside the range, one of another node's range.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Surroundings;

/// Other addresses in place of one, with what each is. One that is outside every block gets no other node's.
pub(crate) fn others(
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
pub(crate) fn other_node(
    address: Ipv4Addr,
    own: Ipv4Net,
    surroundings: &Surroundings,
) -> Option<Ipv4Addr> {
    let mut blocks = surroundings.blocks.values().flatten();
    let other = blocks.find(|block| **block != own)?;
    let distance = u32::from(address) - u32::from(own.network());
    Some(Ipv4Addr::from(u32::from(other.network()) + distance))
}
