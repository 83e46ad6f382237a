//! The CNI results that the runtime keeps, one file for each sandbox and interface.
//!
//! The plugin's configuration inside the file is not read.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use serde::Deserialize;

use super::{Inability, Observations, directory};
use crate::query::Query;

/// Where libcni keeps them.
pub const DIRECTORY: &str = "/var/lib/cni/results";

/// One result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedResult {
    /// The network's name.
    pub network: String,
    /// The sandbox.
    pub container_id: String,
    /// The interface, such as `eth0`.
    pub interface: String,
    /// The pod as `namespace/name`; empty where the caller did not say.
    pub pod: String,
    /// The IPv4 addresses that the plugin gave.
    pub addresses: Vec<Ipv4Addr>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    kind: String,
    container_id: String,
    if_name: String,
    network_name: String,
    #[serde(default)]
    cni_args: Option<Vec<(String, String)>>,
    #[serde(default)]
    result: Option<RawResult>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawResult {
    /// Since CNI 0.3.
    ips: Option<Vec<RawAddress>>,
    /// Before CNI 0.3.
    ip4: Option<RawOldAddress>,
}

#[derive(Deserialize)]
struct RawAddress {
    address: String,
}

#[derive(Deserialize)]
struct RawOldAddress {
    ip: String,
}

/// The query for them.
pub fn query() -> Query {
    directory::query(DIRECTORY, true)
}

/// Each node's results.
///
/// # Errors
/// [`Inability`] where they were not asked for or a file is not what libcni writes.
pub fn read(observations: &Observations) -> Result<BTreeMap<String, Vec<CachedResult>>, Inability> {
    let folders = directory::read(observations, DIRECTORY, true)?;
    let mut results = BTreeMap::new();
    for (node, entries) in folders {
        let of_node = entries
            .unwrap_or_default()
            .iter()
            // libcni makes the file first and then writes it, so an empty one is about to be a result.
            .filter(|entry| entry.kind == directory::Kind::File && entry.size > 0)
            .map(|entry| {
                parse(entry.content.as_deref().unwrap_or_default()).map_err(|reason| {
                    let subject = format!("{DIRECTORY}/{} on node {node}", entry.name);
                    Inability::unparsable("CNI result", subject, reason)
                })
            })
            .collect::<Result<_, _>>()?;
        results.insert(node, of_node);
    }
    Ok(results)
}

/// Reads one file.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<CachedResult, String> {
    let raw: Raw = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if raw.kind != "cniCacheV1" {
        return Err(format!("kind '{}' instead of cniCacheV1", raw.kind));
    }
    let arguments = raw.cni_args.unwrap_or_default();
    let argument = |name: &str| {
        let found = arguments.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let pod = match (argument("K8S_POD_NAMESPACE"), argument("K8S_POD_NAME")) {
        ("", _) | (_, "") => String::new(),
        (namespace, name) => format!("{namespace}/{name}"),
    };
    let result = raw.result.unwrap_or_default();
    let new = result.ips.unwrap_or_default().into_iter();
    let addresses = new
        .map(|address| address.address)
        .chain(result.ip4.map(|old| old.ip))
        .map(|text| address(&text))
        .collect::<Result<Vec<IpAddr>, String>>()?;
    let addresses = addresses.into_iter().filter_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    Ok(CachedResult {
        network: raw.network_name,
        container_id: raw.container_id,
        interface: raw.if_name,
        pod,
        addresses: addresses.collect(),
    })
}

fn address(text: &str) -> Result<IpAddr, String> {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    address
        .parse()
        .map_err(|error| format!("address '{text}': {error}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CALICO: &str = include_str!("../../testdata/cni/results/k8s-pod-network.json");
    const MULTUS: &str = include_str!("../../testdata/cni/results/multus-cni-network.json");

    #[rstest]
    #[case(
        CALICO,
        "k8s-pod-network",
        "default/priority-1",
        Ipv4Addr::new(10, 244, 19, 7)
    )]
    #[case(
        MULTUS,
        "multus-cni-network",
        "default/switched-1",
        Ipv4Addr::new(10, 244, 19, 150)
    )]
    fn a_result_is_read(
        #[case] text: &str,
        #[case] network: &str,
        #[case] pod: &str,
        #[case] address: Ipv4Addr,
    ) -> Result<(), String> {
        let result = parse(text)?;
        assert_eq!(result.network, network);
        assert_eq!(result.pod, pod);
        assert_eq!(result.interface, "eth0");
        assert_eq!(result.addresses, [address]);
        Ok(())
    }

    #[test]
    fn a_result_of_before_cni_0_3_and_an_ipv6_address_are_read() -> Result<(), String> {
        let old = r#"{"kind": "cniCacheV1", "containerId": "a", "ifName": "eth0", "networkName": "n",
            "result": {"cniVersion": "0.2.0", "ip4": {"ip": "10.244.19.150/32"}}}"#;
        let result = parse(old)?;
        assert_eq!(result.addresses, [Ipv4Addr::new(10, 244, 19, 150)]);
        assert_eq!(result.pod, "");
        let both = old.replace(
            r#""ip4": {"ip": "10.244.19.150/32"}"#,
            r#""ips": [{"address": "fd00::1/64"}]"#,
        );
        assert!(parse(&both)?.addresses.is_empty());
        Ok(())
    }

    #[rstest]
    #[case("", "EOF while parsing a value at line 1 column 0")]
    #[case(
        r#"{"kind": "other", "containerId": "", "ifName": "", "networkName": ""}"#,
        "kind 'other' instead of cniCacheV1"
    )]
    #[case(
        r#"{"kind": "cniCacheV1", "containerId": "", "ifName": "", "networkName": "", "result": {"ips": [{"address": "here"}]}}"#,
        "address 'here': invalid IP address syntax"
    )]
    fn another_file_is_an_error(#[case] text: &str, #[case] reason: &str) {
        assert_eq!(parse(text), Err(reason.to_owned()));
    }
}
