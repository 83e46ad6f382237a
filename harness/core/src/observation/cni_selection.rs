//! CRI-O's rule for the default network: the first usable file of the folder by the bytes of its name.
//!
//! The same from CRI-O 1.26 to 1.36. It does not run the plugins, so a plugin that refuses the configuration's
//! `cniVersion` is not seen here, and it does not know of `plugins` that libcni 1.3 loads from a folder named like the
//! network; CRI-O's last word and a new sandbox are the witnesses for those.

use std::collections::BTreeSet;

use super::cni_configuration::{self, Invalid};
use super::directory::{Entry, Kind};

const EXTENSIONS: [&str; 3] = ["conf", "conflist", "json"];

/// What CRI-O makes of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Every usable network once, in order; the first is the default.
    pub networks: Vec<Network>,
    /// The files that were passed over, in order, with why.
    pub skipped: Vec<Skipped>,
}

/// A usable network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// The first plugin's `type`.
    pub plugin: String,
    /// The file's name.
    pub file: String,
}

/// A file that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file's name.
    pub file: String,
    /// Why, as a sentence fragment.
    pub reason: String,
}

impl Selection {
    /// The default network; none where no file is usable.
    pub fn winner(&self) -> Option<&Network> {
        self.networks.first()
    }
}

/// Applies the rule to a folder's entries, read with their contents, and the names of the plugins that are there.
pub fn select(entries: &[Entry], plugins: &BTreeSet<String>) -> Selection {
    let mut files: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.kind != Kind::Directory)
        .filter(|entry| extension(&entry.name).is_some_and(|found| EXTENSIONS.contains(&found)))
        .collect();
    files.sort_by(|left, right| left.name.as_bytes().cmp(right.name.as_bytes()));

    let mut selection = Selection::default();
    for file in files {
        match usable(file, plugins, &selection.networks) {
            Ok(network) => selection.networks.push(network),
            Err(reason) => selection.skipped.push(Skipped {
                file: file.name.clone(),
                reason,
            }),
        }
    }
    selection
}

/// The names of the programs in a plugin folder.
pub fn plugins(entries: &[Entry]) -> BTreeSet<String> {
    entries
        .iter()
        .filter(|entry| entry.kind != Kind::Directory)
        .map(|entry| entry.name.clone())
        .collect()
}

fn usable(file: &Entry, plugins: &BTreeSet<String>, before: &[Network]) -> Result<Network, String> {
    let text = file
        .content
        .as_deref()
        .ok_or("its text could not be read")?;
    let configuration = cni_configuration::parse(&file.name, text)
        .map_err(|invalid: Invalid| invalid.to_string())?;
    let missing = configuration
        .plugins
        .iter()
        .find(|plugin| !plugins.contains(&plugin.kind));
    if let Some(plugin) = missing {
        return Err(format!("plugin {} is not installed", plugin.kind));
    }
    let name = if configuration.name.is_empty() {
        file.name.clone()
    } else {
        configuration.name
    };
    if let Some(first) = before.iter().find(|network| network.name == name) {
        return Err(format!("network {name} is already that of {}", first.file));
    }
    let plugin = configuration
        .plugins
        .into_iter()
        .next()
        .map(|plugin| plugin.kind)
        .ok_or("no plugins")?;
    Ok(Network {
        name,
        plugin,
        file: file.name.clone(),
    })
}

/// What follows the last dot, as Go's `filepath.Ext` has it: a name that begins with its only dot is all extension.
fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const CALICO: &str = include_str!("../../testdata/cni/10-calico.conflist");
    const MULTUS: &str = include_str!("../../testdata/cni/70-multus.conf");

    fn file(name: &str, content: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            kind: Kind::File,
            mode: "0644".to_owned(),
            size: 0,
            modified: Timestamp::UNIX_EPOCH,
            content: Some(content.to_owned()),
        }
    }

    fn installed(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn all() -> BTreeSet<String> {
        installed(&["bandwidth", "calico", "loopback", "multus", "portmap"])
    }

    fn winner(entries: &[Entry]) -> Option<String> {
        select(entries, &all())
            .winner()
            .map(|network| network.file.clone())
    }

    #[test]
    fn the_lowest_name_wins_whatever_the_number_says() {
        let loopback = r#"{"name": "lo", "type": "loopback"}"#;
        assert_eq!(
            winner(&[
                file("70-multus.conf", MULTUS),
                file("200-loopback.conf", loopback),
                file("10-calico.conflist", CALICO),
            ]),
            Some("10-calico.conflist".to_owned())
        );
        // Without Calico's file it is 200, not 70: bytes are compared, not numbers.
        assert_eq!(
            winner(&[
                file("70-multus.conf", MULTUS),
                file("200-loopback.conf", loopback),
            ]),
            Some("200-loopback.conf".to_owned())
        );
        assert_eq!(
            winner(&[
                file("10-calico.conflist", CALICO),
                file("00-multus.conf", MULTUS),
            ]),
            Some("00-multus.conf".to_owned())
        );
    }

    #[test]
    fn other_extensions_and_folders_are_not_seen() {
        let mut folder = file("00-folder.conf", "");
        folder.kind = Kind::Directory;
        let selection = select(
            &[
                file("00-multus.conf.bak", MULTUS),
                file("00-multus.conf.new", MULTUS),
                file("calico-kubeconfig", "secret"),
                folder,
            ],
            &all(),
        );
        assert_eq!(selection, Selection::default());
    }

    #[test]
    fn what_is_not_usable_is_passed_over_with_the_reason() {
        let selection = select(
            &[
                file("00-multus.conf", ""),
                file("01-other.conf", r#"{"name": "other", "type": "flannel"}"#),
                file("10-calico.conflist", CALICO),
                file("70-multus.conf", MULTUS),
                file("80-multus.conf", MULTUS),
                file("90.json", r#"{"type": "loopback"}"#),
            ],
            &all(),
        );
        let networks: Vec<(&str, &str)> = selection
            .networks
            .iter()
            .map(|network| (network.name.as_str(), network.plugin.as_str()))
            .collect();
        assert_eq!(
            networks,
            [
                ("k8s-pod-network", "calico"),
                ("multus-cni-network", "multus"),
                ("90.json", "loopback"),
            ]
        );
        insta::assert_debug_snapshot!(selection.skipped, @r#"
        [
            Skipped {
                file: "00-multus.conf",
                reason: "not JSON: EOF while parsing a value at line 1 column 0",
            },
            Skipped {
                file: "01-other.conf",
                reason: "plugin flannel is not installed",
            },
            Skipped {
                file: "80-multus.conf",
                reason: "network multus-cni-network is already that of 70-multus.conf",
            },
        ]
        "#);
    }

    #[test]
    fn a_plugin_that_is_not_installed_takes_its_network_out() {
        let selection = select(
            &[file("10-calico.conflist", CALICO)],
            &installed(&["calico"]),
        );
        assert_eq!(selection.winner(), None);
        assert_eq!(
            selection.skipped[0].reason,
            "plugin bandwidth is not installed"
        );
    }

    proptest! {
        /// Against a model that asks every other file whether it would come first.
        #[test]
        fn the_winner_is_the_least_usable_file(
            names in proptest::collection::btree_set("[0-9a-c]{1,3}-[a-c]\\.(conf|conflist|json|bak)", 0..8),
            broken in proptest::collection::vec(any::<bool>(), 8),
        ) {
            let entries: Vec<Entry> = names
                .iter()
                .zip(&broken)
                .map(|(name, broken)| {
                    let text = match (broken, name.ends_with(".conflist")) {
                        (true, _) => "{".to_owned(),
                        (false, true) => format!(r#"{{"name": "of {name}", "plugins": [{{"type": "calico"}}]}}"#),
                        (false, false) => format!(r#"{{"name": "of {name}", "type": "calico"}}"#),
                    };
                    file(name, &text)
                })
                .rev()
                .collect();
            let good = |entry: &&Entry| entry.content.as_deref() != Some("{") && !entry.name.ends_with("bak");
            let model = entries.iter().filter(good).find(|candidate| {
                entries
                    .iter()
                    .filter(good)
                    .all(|other| candidate.name.as_bytes() <= other.name.as_bytes())
            });
            prop_assert_eq!(winner(&entries), model.map(|entry| entry.name.clone()));
        }
    }
}
