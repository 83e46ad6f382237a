//! host-local's leases: one file for each address, with the sandbox and the interface that have it.

pub(super) mod mutants;

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::directory::{self, Entry, Kind};
use super::{Inability, Observations};
use crate::query::Query;

/// Whose an address is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The sandbox.
    pub container_id: String,
    /// The interface; empty where an old host-local did not write it.
    pub interface: String,
}

/// The folder of a network's leases.
pub fn folder(network: &str) -> String {
    format!("/var/lib/cni/networks/{network}")
}

/// The query for a network's leases on each node.
pub fn query(network: &str) -> Query {
    directory::query(&folder(network), true)
}

/// A network's leases of both families on each node; none on a node where no address was ever given out.
///
/// # Errors
/// [`Inability`] where they were not asked for or could not be listed.
pub fn read(
    observations: &Observations,
    network: &str,
) -> Result<BTreeMap<String, BTreeMap<IpAddr, Lease>>, Inability> {
    let folders = directory::read(observations, &folder(network), true)?;
    Ok(folders
        .into_iter()
        .map(|(node, entries)| (node, leases(&entries.unwrap_or_default())))
        .collect())
}

/// The leases among a folder's files: those whose name is an address. `lock` and `last_reserved_ip.0` are none.
pub fn leases(entries: &[Entry]) -> BTreeMap<IpAddr, Lease> {
    let files = entries.iter().filter(|entry| entry.kind == Kind::File);
    files
        .filter_map(|entry| {
            let address = entry.name.parse().ok()?;
            // A file that went away while the folder was listed has no content, and gives out nothing.
            let mut lines = entry.content.as_deref()?.lines().map(str::trim);
            // One that was cut short is nobody's.
            let mut next = || lines.next().unwrap_or_default().to_owned();
            let lease = Lease {
                container_id: next(),
                interface: next(),
            };
            Some((address, lease))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn only_files_named_by_an_address_are_leases() -> serde_json::Result<()> {
        let entries: Vec<Entry> = serde_json::from_str(
            r#"[
                {"name": "10.1.128.2", "kind": "file", "mode": "0644", "size": 70, "modified": "2026-11-23T21:36:06Z",
                 "content": "ea5929991e26\r\nnet1"},
                {"name": "10.1.128.3", "kind": "file", "mode": "0644", "size": 70, "modified": "2026-11-23T21:36:06Z",
                 "content": "b22676a462c0"},
                {"name": "fd31::9", "kind": "file", "mode": "0644", "size": 70, "modified": "2026-11-23T21:36:06Z",
                 "content": "b22676a462c0\nnet1"},
                {"name": "last_reserved_ip.0", "kind": "file", "mode": "0644", "size": 10, "modified": "2026-11-23T21:36:06Z",
                 "content": "10.1.128.3"},
                {"name": "lock", "kind": "file", "mode": "0600", "size": 0, "modified": "2026-11-23T21:36:06Z"}
            ]"#,
        )?;
        let lease = |container_id: &str, interface: &str| Lease {
            container_id: container_id.to_owned(),
            interface: interface.to_owned(),
        };
        assert_eq!(
            leases(&entries),
            BTreeMap::from([
                (
                    Ipv4Addr::new(10, 1, 128, 2).into(),
                    lease("ea5929991e26", "net1")
                ),
                (
                    Ipv4Addr::new(10, 1, 128, 3).into(),
                    lease("b22676a462c0", "")
                ),
                (
                    Ipv6Addr::new(0xfd31, 0, 0, 0, 0, 0, 0, 9).into(),
                    lease("b22676a462c0", "net1")
                ),
            ])
        );
        Ok(())
    }
}
