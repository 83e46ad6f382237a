//! CRI-O's own configuration, as far as it decides which CNI network is a node's default: a network that it names, the folder
//! that it reads, and where it looks for plugins. `crio.conf` comes first, then the files of `crio.conf.d` by name; of a
//! key that several give, the last counts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::directory::{self, Entry};
use super::{Inability, Observations, Odd};
use crate::query::Query;

pub(crate) mod mutants;

const FOLDER: &str = "/etc/crio";
const FILE: &str = "crio.conf";
const DROP_INS: &str = "crio.conf.d";

/// What is set; what is not set is CRI-O's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrioConfiguration {
    /// The network that is the default whatever the files' order; CRI-O never says a word on it then.
    pub default_network: Option<String>,
    /// The folder of configurations.
    pub network_dir: Option<String>,
    /// The folders of plugins.
    pub plugin_dirs: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    crio: Crio,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Crio {
    network: Network,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Network {
    #[serde(rename = "cni_default_network")]
    pinned: Option<String>,
    #[serde(rename = "network_dir")]
    folder: Option<String>,
    plugin_dirs: Option<Vec<String>>,
}

/// The query for it.
pub fn query() -> Query {
    directory::query(FOLDER, true)
}

/// Each node's, or the file of it that is not understood; nothing where nobody asked.
///
/// # Errors
/// [`Inability`] where the folder could not be listed.
pub fn read(
    observations: &Observations,
) -> Result<BTreeMap<String, Result<CrioConfiguration, Odd>>, Inability> {
    if observations.outputs(&query()).is_err() {
        return Ok(BTreeMap::new());
    }
    let folders = directory::read(observations, FOLDER, true)?;
    Ok(folders
        .into_iter()
        .map(|(node, entries)| (node, of_folder(&entries.unwrap_or_default())))
        .collect())
}

/// What a node's folder sets.
///
/// # Errors
/// The first file that is no such configuration; CRI-O does not start with it.
pub fn of_folder(entries: &[Entry]) -> Result<CrioConfiguration, Odd> {
    let named = |name: &str| entries.iter().find(|entry| entry.name == name);
    let drop_ins = named(DROP_INS).and_then(|folder| folder.entries.as_deref());
    let files = named(FILE).into_iter().chain(drop_ins.unwrap_or_default());
    let mut configuration = CrioConfiguration::default();
    for file in files {
        let text = file.text();
        let text = text.map_err(|why| Odd::new(format!("{}: {why}", file.name), ""))?;
        let read: File = toml::from_str(text)
            .map_err(|error| Odd::new(format!("{}: {}", file.name, error.message()), text))?;
        let network = read.crio.network;
        let last = |new: Option<String>, old: &mut Option<String>| {
            if new.is_some() {
                // An empty text unsets what a file before it has set.
                *old = new.filter(|text| !text.is_empty());
            }
        };
        last(network.pinned, &mut configuration.default_network);
        last(network.folder, &mut configuration.network_dir);
        configuration.plugin_dirs = network.plugin_dirs.or(configuration.plugin_dirs);
    }
    Ok(configuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files, the first `crio.conf`, the others drop-ins.
    fn folder(texts: &[&str]) -> serde_json::Result<Vec<Entry>> {
        let file = |name: String, text: &str| {
            serde_json::json!({"name": name, "kind": "file", "mode": "0644", "size": 1,
                "modified": "2026-03-02T07:00:00Z", "content": text})
        };
        let (first, others) = texts.split_first().unwrap_or((&"", &[]));
        let others = others.iter().enumerate();
        let others: Vec<_> = others
            .map(|(index, text)| file(format!("{index}0-site.conf"), text))
            .collect();
        serde_json::from_value(serde_json::json!([
            file("crio.conf".to_owned(), first),
            {"name": "crio.conf.d", "kind": "directory", "mode": "0755", "size": 1,
                "modified": "2026-03-02T07:00:00Z", "entries": others},
            file("other.conf".to_owned(), "["),
        ]))
    }

    #[test]
    fn the_last_file_that_sets_a_key_counts() -> Result<(), Box<dyn std::error::Error>> {
        let configuration = of_folder(&folder(&[
            "[crio.network]\ncni_default_network = \"harbour\"\nnetwork_dir = \"/etc/cni/net.d/\"",
            "[crio.runtime]\nlog_level = \"info\"\n[crio.network]\ncni_default_network = \"quay\"",
            "# nothing of networks\n[crio.network]\nplugin_dirs = [\"/usr/libexec/cni\"]",
        ])?)?;
        assert_eq!(
            configuration,
            CrioConfiguration {
                default_network: Some("quay".to_owned()),
                network_dir: Some("/etc/cni/net.d/".to_owned()),
                plugin_dirs: Some(vec!["/usr/libexec/cni".to_owned()]),
            }
        );
        Ok(())
    }

    #[test]
    fn what_is_empty_or_absent_is_not_set() -> Result<(), Box<dyn std::error::Error>> {
        let pinned = "[crio.network]\ncni_default_network = \"harbour\"";
        let emptied = "[crio.network]\ncni_default_network = \"\"";
        let configuration = of_folder(&folder(&[pinned, emptied])?)?;
        assert_eq!(configuration, CrioConfiguration::default());
        assert_eq!(of_folder(&[])?, CrioConfiguration::default());
        Ok(())
    }

    #[test]
    fn a_file_of_another_form_is_named() -> Result<(), Box<dyn std::error::Error>> {
        let odd = of_folder(&folder(&["", "[crio.network]\ncni_default_network = 7"])?);
        let odd = odd.map_err(|odd| odd.reason);
        assert!(odd.is_err_and(|reason| reason.starts_with("00-site.conf: invalid type")));
        Ok(())
    }
}
