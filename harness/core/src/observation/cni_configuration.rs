//! A CNI configuration file: its name, its plugins, and the address ranges of host-local. IPv4 only.
//!
//! A file named `.conflist` holds a list of plugins, any other one plugin. A file is invalid where libcni refuses it
//! ([`cni_network`]), where its plugins are left to a folder, and where host-local could not read its ranges.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use serde_json::{Map, Value};
use thiserror::Error;

use super::cni_network;

/// A configuration as libcni understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CniConfiguration {
    /// Its name; empty where a single-plugin file gives none.
    pub name: String,
    /// Its `cniVersion`, where it gives one; libcni then takes `0.1.0`.
    pub cni_version: Option<String>,
    /// Its plugins, at least one.
    pub plugins: Vec<Plugin>,
}

/// One plugin of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its `type`: the program's name.
    pub kind: String,
    /// The IPv4 ranges of its `ipam`, in order; empty for other IPAM plugins than host-local.
    pub ranges: Vec<Range>,
}

/// One host-local range, with host-local's own defaults for what it leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The subnet.
    pub subnet: Ipv4Net,
    /// The first address that is given out.
    pub first: Ipv4Addr,
    /// The last address that is given out.
    pub last: Ipv4Addr,
}

impl Range {
    /// Whether an address is one of those that are given out.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        (self.first..=self.last).contains(&address)
    }
}

/// Why a file is no configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// Not a JSON object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A list without a name.
    #[error("no name")]
    NoName,
    /// A key has a value of another type than it must have.
    #[error("{key} is not {wanted}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// A list without plugins.
    #[error("no plugins")]
    NoPlugins,
    /// A plugin without a `type`.
    #[error("no type; a list of plugins needs a name that ends in .conflist")]
    NoType,
    /// An address or subnet that is none.
    #[error("{key} '{value}' is no {wanted}")]
    NotAnAddress {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        wanted: &'static str,
    },
}

/// Reads a configuration; the file's name decides whether it is a list.
///
/// # Errors
/// [`Invalid`] where libcni would refuse it, or where host-local could not read its ranges.
pub fn parse(file_name: &str, text: &str) -> Result<CniConfiguration, Invalid> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| Invalid::NotJson(error.to_string()))?;
    let object = value.as_object().ok_or(Invalid::NotAnObject)?;
    let network = cni_network::parse(file_name, text)?;
    if network.plugins.is_empty() {
        return Err(Invalid::NoPlugins);
    }
    let inlined = match object.get("plugins") {
        Some(Value::Array(plugins)) if file_name.ends_with(".conflist") => plugins.as_slice(),
        _ => std::slice::from_ref(&value),
    };
    let plugins = network.plugins.into_iter().zip(inlined);
    let plugins = plugins
        .map(|(kind, value)| {
            Ok(Plugin {
                kind,
                ranges: match value.get("ipam") {
                    Some(Value::Object(ipam)) if is_host_local(ipam) => ranges(ipam)?,
                    _ => Vec::new(),
                },
            })
        })
        .collect::<Result<_, Invalid>>()?;
    Ok(CniConfiguration {
        name: network.name,
        cni_version: (!network.cni_version.is_empty()).then_some(network.cni_version),
        plugins,
    })
}

fn is_host_local(ipam: &Map<String, Value>) -> bool {
    ipam.get("type").is_some_and(|kind| kind == "host-local")
}

/// The range written straight into `ipam`, as in old configurations, comes before those of `ranges`.
fn ranges(ipam: &Map<String, Value>) -> Result<Vec<Range>, Invalid> {
    let mut found = Vec::new();
    if ipam.contains_key("subnet") {
        found.extend(range(ipam)?);
    }
    let sets = match ipam.get("ranges") {
        None | Some(Value::Null) => return Ok(found),
        Some(Value::Array(sets)) => sets,
        Some(_) => return Err(not_a_list_of_lists()),
    };
    for set in sets {
        for entry in set.as_array().ok_or_else(not_a_list_of_lists)? {
            found.extend(range(entry.as_object().ok_or_else(not_a_list_of_lists)?)?);
        }
    }
    Ok(found)
}

fn not_a_list_of_lists() -> Invalid {
    Invalid::WrongType {
        key: "ranges",
        wanted: "a list of lists of ranges",
    }
}

/// None for an IPv6 range.
fn range(object: &Map<String, Value>) -> Result<Option<Range>, Invalid> {
    let text = string(object, "subnet")?.unwrap_or_default();
    let subnet: IpNet = text.parse().map_err(|_| Invalid::NotAnAddress {
        key: "subnet",
        value: text.to_owned(),
        wanted: "subnet",
    })?;
    let IpNet::V4(subnet) = subnet else {
        return Ok(None);
    };
    let subnet = subnet.trunc();
    Ok(Some(Range {
        subnet,
        // What host-local gives out where nothing is said: all but the network's and the broadcast address.
        first: address(object, "rangeStart")?
            .unwrap_or_else(|| Ipv4Addr::from(u32::from(subnet.network()).saturating_add(1))),
        last: address(object, "rangeEnd")?
            .unwrap_or_else(|| Ipv4Addr::from(u32::from(subnet.broadcast()).saturating_sub(1))),
    }))
}

fn address(object: &Map<String, Value>, key: &'static str) -> Result<Option<Ipv4Addr>, Invalid> {
    let Some(text) = string(object, key)? else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| Invalid::NotAnAddress {
        key,
        value: text.to_owned(),
        wanted: "IPv4 address",
    })
}

fn string<'a>(
    object: &'a Map<String, Value>,
    key: &'static str,
) -> Result<Option<&'a str>, Invalid> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Invalid::WrongType {
            key,
            wanted: "a text",
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const CALICO: &str = include_str!("../../testdata/cni/10-calico.conflist");
    const NET_CALICO: &str = include_str!("../../testdata/cni/net-calico.conf");

    #[test]
    fn a_list_of_plugins_is_read() -> Result<(), Invalid> {
        let configuration = parse("10-calico.conflist", CALICO)?;
        let kinds: Vec<&str> = configuration
            .plugins
            .iter()
            .map(|plugin| plugin.kind.as_str())
            .collect();
        assert_eq!(configuration.name, "k8s-pod-network");
        assert_eq!(configuration.cni_version.as_deref(), Some("0.3.1"));
        assert_eq!(kinds, ["calico", "bandwidth", "portmap"]);
        assert!(configuration.plugins.iter().all(|p| p.ranges.is_empty()));
        Ok(())
    }

    #[test]
    fn a_single_plugin_with_a_range_is_read() -> Result<(), Invalid> {
        let configuration = parse("net-calico.conf", NET_CALICO)?;
        assert_eq!(configuration.name, "net-calico");
        assert_eq!(
            configuration.plugins[0].ranges,
            [Range {
                subnet: Ipv4Net::new_assert(Ipv4Addr::new(10, 244, 19, 0), 24),
                first: Ipv4Addr::new(10, 244, 19, 150),
                last: Ipv4Addr::new(10, 244, 19, 250),
            }]
        );
        Ok(())
    }

    #[test]
    fn the_old_form_of_a_range_comes_first_and_defaults_are_host_locals() -> Result<(), Invalid> {
        let text = r#"{"name": "n", "type": "bridge", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24",
            "ranges": [[{"subnet": "10.2.0.0/24", "rangeStart": "10.2.0.9"}], [{"subnet": "fd00::/64"}]]}}"#;
        let ranges: Vec<(String, String)> = parse("n.conf", text)?.plugins[0]
            .ranges
            .iter()
            .map(|range| (range.first.to_string(), range.last.to_string()))
            .collect();
        let text = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(
            ranges,
            [
                text("10.1.0.1", "10.1.0.254"),
                text("10.2.0.9", "10.2.0.254")
            ]
        );
        Ok(())
    }

    /// What another plugin takes as its addresses has its own form, and in a file of one plugin `plugins` means nothing.
    #[rstest]
    #[case(r#""ipam": {"type": "calico-ipam", "subnet": "usePodCidr"}"#, &[])]
    #[case(
        r#""plugins": [], "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}"#,
        &["10.1.0.1"]
    )]
    fn only_the_plugins_own_ranges_for_host_local_are_read(
        #[case] keys: &str,
        #[case] firsts: &[&str],
    ) -> Result<(), Invalid> {
        let text = format!(r#"{{"name": "n", "type": "calico", {keys}}}"#);
        let plugins = parse("n.conf", &text)?.plugins;
        let read = plugins.iter().flat_map(|plugin| &plugin.ranges);
        let read: Vec<String> = read.map(|range| range.first.to_string()).collect();
        assert_eq!(read, firsts);
        Ok(())
    }

    #[rstest]
    #[case("a.conf", "", "not JSON: EOF while parsing a value at line 1 column 0")]
    #[case("a.conf", "[]", "not a JSON object")]
    #[case(
        "a.conf",
        r#"{"name": "n", "plugins": [{"type": "calico"}]}"#,
        "no type; a list of plugins needs a name that ends in .conflist"
    )]
    #[case("a.conf", r#"{"name": 1, "type": "calico"}"#, "name is not a text")]
    #[case("a.conflist", r#"{"plugins": [{"type": "calico"}]}"#, "no name")]
    #[case("a.conflist", r#"{"name": "n", "type": "calico"}"#, "no plugins")]
    #[case("a.conflist", r#"{"name": "n", "plugins": []}"#, "no plugins")]
    #[case(
        "a.conflist",
        r#"{"name": "n", "plugins": {}}"#,
        "plugins is not a list"
    )]
    #[case(
        "a.conf",
        r#"{"name": "n", "type": "calico", "ipam": {"type": "host-local", "ranges": [{"subnet": "10.0.0.0/8"}]}}"#,
        "ranges is not a list of lists of ranges"
    )]
    #[case(
        "a.conf",
        r#"{"name": "n", "type": "calico", "ipam": {"type": "host-local", "subnet": "10.0.0.0"}}"#,
        "subnet '10.0.0.0' is no subnet"
    )]
    fn what_libcni_refuses_is_invalid(
        #[case] file_name: &str,
        #[case] text: &str,
        #[case] reason: &str,
    ) {
        let invalid = parse(file_name, text).map_err(|invalid| invalid.to_string());
        assert_eq!(invalid, Err(reason.to_owned()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(name in "a\\.conf(list)?", text in "\\PC{0,200}") {
            prop_assert!(parse(&name, &text).is_ok() || parse(&name, &text).is_err());
        }

        /// Against a model that counts addresses one by one.
        #[test]
        fn a_range_holds_just_its_addresses(octet in 0..=255_u8, first in 1..=254_u8, length in 0..=60_u8, probe in 0..=255_u8) {
            let last = first.saturating_add(length).min(254);
            let text = format!(
                r#"{{"type": "calico", "ipam": {{"type": "host-local", "ranges": [[{{"subnet": "10.9.{octet}.0/24", "rangeStart": "10.9.{octet}.{first}", "rangeEnd": "10.9.{octet}.{last}"}}]]}}}}"#
            );
            let configuration = parse("a.conf", &text);
            let contains = configuration.is_ok_and(|configuration| {
                configuration.plugins[0].ranges[0].contains(Ipv4Addr::new(10, 9, octet, probe))
            });
            let model = (first..=last).any(|address| address == probe);
            prop_assert_eq!(contains, model);
        }
    }
}
