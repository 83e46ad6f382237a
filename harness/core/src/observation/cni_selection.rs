//! CRI-O's rule for the default network: the first usable file of the folder by the bytes of its name.
//!
//! The order is the same from CRI-O 1.26 to 1.36; what makes a file usable is libcni's matter ([`cni_network`]). It does not
//! run the plugins: which versions one supports is known where somebody asked it, and else every version of the
//! specification is taken to be. A folder named like a network counts only where it was read; a plugin that is a link is taken to
//! lead to a program. CRI-O's last word and a new sandbox are the witnesses for those.
//!
//! CRI-O itself is the judge of this rule (`tests/tests/judge`). What it was found to do, 1.34.0 with ocicni 0.4.3 and
//! libcni 1.3.0, that nobody would expect:
//! - A list whose name is empty takes every `.conf` file of the folder itself as a plugin of it.
//! - A list whose name, taken for a path, leads to or through a file of the folder is refused, as libcni looks for a folder
//!   there.
//! - A network may be the default whose name libcni refuses for every pod ([`cni_network::is_name`]): CRI-O says that it
//!   is the default, and every new sandbox fails.
//! - A list that leaves all of its plugins to the folder with its name is usable, and the first sandbox of it ends CRI-O
//!   itself: `index out of range [0] with length 0` in ocicni's `GetPodNetworkStatusWithContext`.
//! - After the last usable file is gone, the condition NetworkReady stays true, and every new sandbox fails.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::cni_network;
use super::directory::{Entry, Kind};

#[cfg(test)]
pub(super) mod tests;

const EXTENSIONS: [&str; 3] = ["conf", "conflist", "json"];

/// What libcni wants of plugins for a network that names no version.
const UNNAMED_VERSION: &str = "0.1.0";

/// The versions of the CNI specification until today.
const SPECIFIED: [&str; 7] = [
    "0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0",
];

/// A folder of configurations.
#[derive(Clone, Copy, Debug)]
pub struct Folder<'a> {
    /// Its entries with their contents; a link has that of the file to which it leads.
    pub entries: &'a [Entry],
    /// What the folders in it hold, by name, as far as they were read.
    pub folders: Option<&'a BTreeMap<String, Vec<Entry>>>,
}

/// The plugins that are there, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plugins(BTreeMap<String, Option<BTreeSet<String>>>);

/// What a plugin answers to the command VERSION.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    cni_version: String,
    #[serde(default)]
    supported_versions: Option<BTreeSet<String>>,
}

impl<'a> Folder<'a> {
    /// A folder whose own folders were not read.
    pub fn flat(entries: &'a [Entry]) -> Self {
        Self {
            entries,
            folders: None,
        }
    }
}

impl Plugins {
    /// The programs in a plugin folder, none of which was asked for its versions.
    pub fn listed(entries: &[Entry]) -> Self {
        let programs = entries.iter().filter(|entry| entry.kind != Kind::Directory);
        programs.map(|entry| entry.name.as_str()).collect()
    }

    /// Adds a plugin that was asked for its versions, with what it printed; no text where it could not be run.
    pub fn asked(&mut self, name: &str, answer: Option<&str>) {
        let answer: Option<Answer> = answer.and_then(|text| serde_json::from_str(text).ok());
        let versions = answer.map(|answer| match answer.supported_versions {
            Some(versions) if !versions.is_empty() && !answer.cni_version.is_empty() => versions,
            // A plugin of the time before the list of versions.
            _ if answer.cni_version == "0.2.0" => ["0.1.0", "0.2.0"].map(str::to_owned).into(),
            _ => BTreeSet::new(),
        });
        self.0
            .insert(name.to_owned(), Some(versions.unwrap_or_default()));
    }

    /// Takes a plugin away.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Why a plugin can't be used with a version of the specification, if it can't.
    fn refusal(&self, plugin: &str, version: &str) -> Option<String> {
        let version = if version.is_empty() {
            UNNAMED_VERSION
        } else {
            version
        };
        match self.0.get(plugin) {
            None => Some(format!("plugin {plugin} is not installed")),
            Some(None) if SPECIFIED.contains(&version) => None,
            Some(None) => Some(format!(
                "cniVersion {version} is not a version of the specification"
            )),
            Some(Some(versions)) if versions.contains(version) => None,
            Some(Some(_)) => Some(format!(
                "plugin {plugin} does not support cniVersion {version}"
            )),
        }
    }
}

impl<'a> FromIterator<&'a str> for Plugins {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(
            names
                .into_iter()
                .map(|name| (name.to_owned(), None))
                .collect(),
        )
    }
}

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

/// Applies the rule to a folder.
pub fn select(folder: Folder<'_>, plugins: &Plugins) -> Selection {
    let mut selection = Selection::default();
    for file in configurations(folder.entries) {
        match usable(file, folder, plugins, &selection.networks) {
            Ok(network) => selection.networks.push(network),
            Err(reason) => selection.skipped.push(Skipped {
                file: file.name.clone(),
                reason,
            }),
        }
    }
    selection
}

/// The files that libcni takes for configurations, in order.
fn configurations(entries: &[Entry]) -> Vec<&Entry> {
    let mut files: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.kind != Kind::Directory)
        .filter(|entry| extension(&entry.name).is_some_and(|found| EXTENSIONS.contains(&found)))
        .collect();
    files.sort_by(|left, right| left.name.as_bytes().cmp(right.name.as_bytes()));
    files
}

fn usable(
    file: &Entry,
    folder: Folder<'_>,
    plugins: &Plugins,
    before: &[Network],
) -> Result<Network, String> {
    let text = text(file)?;
    let list = cni_network::parse(&file.name, text).map_err(|invalid| invalid.to_string())?;
    let mut kinds = list.plugins;
    if list.takes_folder {
        kinds.extend(plugins_of_folder(folder, &list.name)?);
    }
    let refusal = kinds
        .iter()
        .find_map(|kind| plugins.refusal(kind, &list.cni_version));
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let name = if list.name.is_empty() {
        file.name.clone()
    } else {
        list.name
    };
    if let Some(first) = before.iter().find(|network| network.name == name) {
        return Err(format!("network {name} is already that of {}", first.file));
    }
    let plugin = kinds.into_iter().next().ok_or("no plugins")?;
    Ok(Network {
        name,
        plugin,
        file: file.name.clone(),
    })
}

/// The `type` of each `.conf` file of the folder with the network's name. A network without a name has the folder of
/// the configurations itself: all that stands there becomes its plugins.
fn plugins_of_folder(folder: Folder<'_>, network: &str) -> Result<Vec<String>, String> {
    let Some(entries) = folder_of_network(folder, network)? else {
        return Ok(Vec::new());
    };
    let files = entries.iter().filter(|entry| entry.kind != Kind::Directory);
    let mut files: Vec<&Entry> = files
        .filter(|entry| extension(&entry.name) == Some("conf"))
        .collect();
    files.sort_by(|left, right| left.name.as_bytes().cmp(right.name.as_bytes()));
    let kind = |file: &Entry| {
        cni_network::parse_plugin(text(file)?).map_err(|invalid| invalid.to_string())
    };
    let named =
        |file: &Entry| kind(file).map_err(|reason| format!("plugin file {}: {reason}", file.name));
    files.into_iter().map(named).collect()
}

/// What stands in a network's folder, as far as it was read; its name is taken for a path below the configurations.
fn folder_of_network<'a>(folder: Folder<'a>, network: &str) -> Result<Option<&'a [Entry]>, String> {
    let mut path = Vec::new();
    for part in network.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part != ".." {
            path.push(part);
        } else if path.pop().is_none() {
            // It leads out of the folder, to what was not read.
            return Ok(None);
        }
    }
    let mut entries = folder.entries;
    for (depth, part) in path.into_iter().enumerate() {
        let read = folder.folders.filter(|_| depth == 0);
        if let Some(inner) = read.and_then(|folders| folders.get(part)) {
            entries = inner;
            continue;
        }
        let is_file = |entry: &Entry| entry.kind != Kind::Directory && entry.content.is_some();
        if entries
            .iter()
            .any(|entry| entry.name == part && is_file(entry))
        {
            return Err(format!(
                "{part} is a file where a folder of plugins is looked for"
            ));
        }
        return Ok(None);
    }
    Ok(Some(entries))
}

fn text(file: &Entry) -> Result<&str, String> {
    let text = file.content.as_deref();
    text.ok_or_else(|| "its text could not be read".to_owned())
}

/// What follows the last dot, as Go's `filepath.Ext` has it: a name that begins with its only dot is all extension.
fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, extension)| extension)
}
