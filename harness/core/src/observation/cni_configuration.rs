//! A CNI configuration file: its name, its plugins, and the address ranges of host-local, IPv4 and IPv6.
//!
//! A file named `.conflist` holds a list of plugins, any other one plugin. A file is invalid where libcni refuses it
//! ([`cni_network`]) and where it has no plugin, in itself or in its network's folder. What host-local refuses is another matter: the file is a
//! configuration, may be the default network's, and every pod of it fails ([`Ranges::refused`]).

pub(super) mod mutants;

use std::net::IpAddr;

use serde_json::Value;

use super::cni_network::{self, Invalid};
use super::cni_selection::{self, Folder};

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

/// Reads a configuration that stands alone; the file's name decides whether it is a list.
///
/// # Errors
/// Where libcni would refuse it, or where it names no plugin itself.
pub fn parse(file_name: &str, text: &str) -> Result<CniConfiguration, String> {
    parse_in(Folder::flat(&[]), file_name, text)
}

/// Reads a configuration of a folder, from which a list takes plugins too where libcni looks for them.
///
/// # Errors
/// Where libcni would refuse it, or where there is no plugin for it.
pub fn parse_in(
    folder: Folder<'_>,
    file_name: &str,
    text: &str,
) -> Result<CniConfiguration, String> {
    let network = cni_network::parse(folder.libcni, file_name, text);
    let network = network.map_err(|invalid| invalid.to_string())?;
    let json = |text: &str| -> Result<Value, String> {
        serde_json::from_str(text).map_err(|error| Invalid::NotJson(error.to_string()).to_string())
    };
    let value = json(text)?;
    let inlined = match value.get("plugins") {
        Some(Value::Array(plugins)) if file_name.ends_with(".conflist") => plugins.as_slice(),
        _ => std::slice::from_ref(&value),
    };
    let of_plugin = |kind: String, plugin: &Value| Plugin {
        ranges: Ranges::of_plugin(&kind, &network.cni_version, plugin),
        kind,
    };
    let kinds = network.plugins.into_iter().zip(inlined);
    let mut plugins: Vec<Plugin> = kinds
        .map(|(kind, plugin)| of_plugin(kind, plugin))
        .collect();
    if network.takes_folder {
        for (kind, text) in cni_selection::plugins_with_texts(folder, &network.name)? {
            plugins.push(of_plugin(kind, &json(text)?));
        }
    }
    if plugins.is_empty() {
        return Err(Invalid::NoPlugins.to_string());
    }
    Ok(CniConfiguration {
        name: network.name,
        plugins,
        cni_version: (!network.cni_version.is_empty()).then_some(network.cni_version),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::observation::cni_network::Libcni;
    use crate::observation::directory::Entry;

    const CALICO: &str = include_str!("../../testdata/cni/10-calico.conflist");
    const NET_CALICO: &str = include_str!("../../testdata/cni/net-calico.conf");

    #[test]
    fn a_list_of_plugins_is_read() -> Result<(), String> {
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

    #[rstest]
    #[case(Libcni::V1_3, Ok(vec!["bridge 10.1.0.1".to_owned(), "tuning ".to_owned()]))]
    #[case(Libcni::V1_2, Err("no plugins".to_owned()))]
    fn a_list_takes_its_plugins_from_the_folder_with_its_name(
        #[case] libcni: Libcni,
        #[case] expected: Result<Vec<String>, String>,
    ) -> serde_json::Result<()> {
        let file = |name: &str, content: &str| {
            serde_json::json!({"name": name, "kind": "file", "mode": "0600", "size": content.len(),
                "modified": "2026-03-02T07:00:00Z", "content": content})
        };
        let bridge =
            r#"{"type": "bridge", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}"#;
        let files = [
            file("2-tuning.conf", r#"{"type": "tuning"}"#),
            file("1-bridge.conf", bridge),
        ];
        let entries: Vec<Entry> = serde_json::from_value(serde_json::json!([
            {"name": "quay", "kind": "directory", "mode": "0755", "size": 1,
                "modified": "2026-03-02T07:00:00Z", "entries": files},
        ]))?;
        let folders = cni_selection::folders(&entries);
        let folder = Folder {
            entries: &entries,
            folders: Some(&folders),
            libcni,
        };
        let parsed = parse_in(
            folder,
            "00-quay.conflist",
            r#"{"name": "quay", "cniVersion": "1.0.0"}"#,
        );
        let shown = parsed.map(|configuration| {
            let plugins = configuration.plugins.iter();
            let shown = plugins.map(|plugin| {
                let first = plugin
                    .ranges
                    .given
                    .iter()
                    .map(|range| range.first.to_string());
                format!("{} {}", plugin.kind, first.collect::<String>())
            });
            shown.collect::<Vec<String>>()
        });
        assert_eq!(shown, expected);
        Ok(())
    }

    /// In a file of one plugin `plugins` means nothing.
    #[test]
    fn a_single_plugin_has_its_own_ranges() -> Result<(), String> {
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
        assert_eq!(parse(file_name, text), Err(reason.to_owned()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(name in "a\\.conf(list)?", text in "\\PC{0,200}") {
            prop_assert!(parse(&name, &text).is_ok() || parse(&name, &text).is_err());
        }
    }
}
