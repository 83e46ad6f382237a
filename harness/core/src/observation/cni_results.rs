//! The CNI results that the runtime keeps, one file for each sandbox and interface.
//!
//! The plugin's configuration inside the file is not read. What is of the loopback is no result of a network.

pub(super) mod mutants;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::{Inability, Observations, Odd, Reading, directory};
use crate::query::Query;

/// Where libcni keeps them.
pub const DIRECTORY: &str = "/var/lib/cni/results";

/// The interface that a runtime asks the loopback plugin for.
const LOOPBACK: &str = "lo";

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
    /// The addresses that the plugin gave, of both families.
    pub addresses: Vec<IpAddr>,
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
    /// Before CNI 0.3.
    ip6: Option<RawOldAddress>,
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

/// Each node's results, but for those of the loopback. A file that is not what libcni writes is told by its name: a node
/// that lost its power leaves one that is cut short, and the runtime passes over it too.
///
/// # Errors
/// [`Inability`] where they were not asked for or could not be listed.
pub fn read(
    observations: &Observations,
) -> Result<BTreeMap<String, Reading<CachedResult>>, Inability> {
    let folders = directory::read(observations, DIRECTORY, true)?;
    let of_node = |entries: Vec<directory::Entry>| {
        entries
            .iter()
            // libcni makes the file first and then writes it, so an empty one is about to be a result.
            .filter(|entry| entry.kind == directory::Kind::File && entry.size > 0)
            .map(|entry| {
                let odd =
                    |reason, content| Odd::new(format!("file {}: {reason}", entry.name), content);
                let content = entry.text().map_err(|reason| odd(reason, ""))?;
                parse(content).map_err(|reason| odd(reason, content))
            })
            .filter(|result| {
                !result
                    .as_ref()
                    .is_ok_and(|result| result.interface == LOOPBACK)
            })
            .collect()
    };
    Ok(folders
        .into_iter()
        .map(|(node, entries)| (node, of_node(entries.unwrap_or_default())))
        .collect())
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
        .chain(result.ip6.map(|old| old.ip))
        .map(|text| address(&text))
        .collect::<Result<Vec<IpAddr>, String>>()?;
    Ok(CachedResult {
        network: raw.network_name,
        container_id: raw.container_id,
        interface: raw.if_name,
        pod,
        addresses,
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
    use std::net::{Ipv4Addr, Ipv6Addr};

    use rstest::rstest;

    use super::*;
    use crate::query::{Output, Subject};

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
        assert_eq!(result.addresses, [IpAddr::V4(address)]);
        Ok(())
    }

    #[test]
    fn a_result_of_before_cni_0_3_and_an_ipv6_address_are_read() -> Result<(), String> {
        let old = r#"{"kind": "cniCacheV1", "containerId": "a", "ifName": "eth0", "networkName": "n",
            "result": {"cniVersion": "0.2.0", "ip4": {"ip": "10.244.19.150/32"}}}"#;
        let result = parse(old)?;
        let ipv4 = IpAddr::V4(Ipv4Addr::new(10, 244, 19, 150));
        assert_eq!(result.addresses, [ipv4]);
        assert_eq!(result.pod, "");
        let ipv6 = IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1));
        let both = old.replace(r#""ip4": {"#, r#""ip6": {"ip": "fd00::1/64"}, "ip4": {"#);
        assert_eq!(parse(&both)?.addresses, [ipv4, ipv6]);
        let new = old.replace(
            r#""ip4": {"ip": "10.244.19.150/32"}"#,
            r#""ips": [{"address": "fd00::1/64"}]"#,
        );
        assert_eq!(parse(&new)?.addresses, [ipv6]);
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

    #[test]
    fn a_file_that_is_cut_or_old_is_told_and_the_others_stand() -> Result<(), Inability> {
        let file = |name: &str, content: &str| {
            serde_json::json!({"name": name, "kind": "file", "mode": "0600", "size": content.len(),
                "modified": "2026-11-23T21:36:06Z", "content": content})
        };
        let cut: String = CALICO.chars().take(90).collect();
        let loopback = CALICO.replace(r#""ifName": "eth0""#, r#""ifName": "lo""#);
        assert_ne!(loopback, CALICO);
        let old = r#"{"cniVersion": "0.3.1", "ips": [{"version": "4", "address": "10.3.0.8/24"}]}"#;
        let files = serde_json::json!([
            file("cni-loopback-9c1e-lo", &loopback),
            file("k8s-pod-network-9c1e-eth0", CALICO),
            file("k8s-pod-network-b77a-eth0", &cut),
            file("lanes-0c4d-eth0", old),
        ]);
        let mut observations = Observations::default();
        let node = Subject::Node("worker".to_owned());
        let output = Output::fetched(node, 0, files.to_string().as_str(), "");
        observations.insert(query(), vec![output]);
        let results = read(&observations)?;
        let of_node = &results["worker"];
        let pods: Vec<&str> = of_node
            .entries
            .iter()
            .map(|result| result.pod.as_str())
            .collect();
        assert_eq!(pods, ["default/priority-1"]);
        let reasons: Vec<&str> = of_node.odd.iter().map(|odd| odd.reason.as_str()).collect();
        insta::assert_debug_snapshot!(reasons, @r#"
        [
            "file k8s-pod-network-b77a-eth0: EOF while parsing a string at line 3 column 64",
            "file lanes-0c4d-eth0: missing field `kind` at line 1 column 76",
        ]
        "#);
        Ok(())
    }
}
