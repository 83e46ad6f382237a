//! A CNI configuration file: its name, its plugins, and the address ranges of host-local, IPv4 and IPv6.
//!
//! A file named `.conflist` holds a list of plugins, any other one plugin. A file is invalid where libcni refuses it
//! ([`cni_network`]) and where its plugins are left to a folder. What host-local refuses is another matter: the file is a
//! configuration, may be the default network's, and every pod of it fails ([`Ranges::refused`]).

pub(super) mod mutants;

use std::net::IpAddr;

use serde_json::Value;

pub use super::cni_network::Invalid;
use super::cni_network::{self, Libcni};

pub use ranges::{Range, Ranges};

mod ranges;

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
    /// What its `ipam` says to host-local; nothing for other IPAM plugins.
    pub ranges: Ranges,
}

impl CniConfiguration {
    /// The ranges of all plugins, in order.
    pub fn ranges(&self) -> impl Iterator<Item = &Range> {
        self.plugins.iter().flat_map(|plugin| &plugin.ranges.given)
    }

    /// Whether one of its ranges gives an address out.
    pub fn gives_out(&self, address: IpAddr) -> bool {
        self.ranges().any(|range| range.contains(address))
    }
}

/// Reads a configuration; the file's name decides whether it is a list.
///
/// # Errors
/// [`Invalid`] where libcni would refuse it, or where it names no plugin itself.
pub fn parse(file_name: &str, text: &str) -> Result<CniConfiguration, Invalid> {
    let network = cni_network::parse(Libcni::default(), file_name, text)?;
    if network.plugins.is_empty() {
        return Err(Invalid::NoPlugins);
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| Invalid::NotJson(error.to_string()))?;
    let inlined = match value.get("plugins") {
        Some(Value::Array(plugins)) if file_name.ends_with(".conflist") => plugins.as_slice(),
        _ => std::slice::from_ref(&value),
    };
    let plugins = network.plugins.into_iter().zip(inlined);
    Ok(CniConfiguration {
        name: network.name,
        plugins: plugins
            .map(|(kind, plugin)| Plugin {
                ranges: Ranges::of_plugin(&kind, &network.cni_version, plugin),
                kind,
            })
            .collect(),
        cni_version: (!network.cni_version.is_empty()).then_some(network.cni_version),
    })
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
        assert_eq!(configuration.ranges().count(), 0);
        Ok(())
    }

    #[test]
    fn a_single_plugin_with_a_range_is_read() -> Result<(), Box<dyn std::error::Error>> {
        let configuration = parse("net-calico.conf", NET_CALICO)?;
        assert_eq!(configuration.name, "net-calico");
        assert_eq!(
            configuration.plugins[0].ranges,
            Ranges {
                given: vec![Range {
                    subnet: "10.244.19.0/24".parse()?,
                    first: "10.244.19.150".parse()?,
                    last: "10.244.19.250".parse()?,
                }],
                ..Ranges::default()
            }
        );
        assert!(configuration.gives_out("10.244.19.151".parse()?));
        assert!(!configuration.gives_out("10.244.19.149".parse()?));
        Ok(())
    }

    /// In a file of one plugin `plugins` means nothing.
    #[test]
    fn a_single_plugin_has_its_own_ranges() -> Result<(), Invalid> {
        let text = r#"{"name": "n", "type": "ptp", "plugins": [], "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}"#;
        let firsts = parse("n.conf", text)?;
        let firsts: Vec<String> = firsts
            .ranges()
            .map(|range| range.first.to_string())
            .collect();
        assert_eq!(firsts, ["10.1.0.1"]);
        Ok(())
    }

    #[rstest]
    #[case("a.conf", "", "not JSON: EOF while parsing a value at line 1 column 0")]
    #[case("a.conf", "[]", "not a JSON object")]
    #[case(
        "a.conf",
        "\u{feff}{\"type\": \"ptp\"}",
        "not JSON: expected value at line 1 column 1"
    )]
    #[case(
        "a.conf",
        "// for the harbour\n{\"type\": \"ptp\"}",
        "not JSON: expected value at line 1 column 1"
    )]
    #[case(
        "a.conf",
        r#"{"type": "ptp", "ipam": {"type": "host-local",},}"#,
        "not JSON: trailing comma at line 1 column 47"
    )]
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
    }
}
