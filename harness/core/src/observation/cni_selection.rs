//! CRI-O's rule for the default network: the first usable file of the folder by the bytes of its name.
//!
//! The order is the same from CRI-O 1.26 to 1.36; what makes a file usable is libcni's matter ([`cni_network`]). It does not
//! run the plugins: which versions one supports is known where somebody asked it, and else every version of the
//! specification is taken to be. A folder named like a network counts only where it was read; a plugin that is a link is taken to
//! lead to a program where nobody looked. CRI-O's last word and a new sandbox are the witnesses for those. A network that
//! CRI-O's configuration names (`cni_default_network`) is the default whatever the order ([`Selection::named`]).
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

use super::cni_network::{self, Libcni};
use super::cni_versions::Answer;
use super::directory::{Entry, Kind, Target};

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
    /// Who reads it.
    pub libcni: Libcni,
}

/// The plugins that are there, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plugins(BTreeMap<String, Program>);

/// What is known of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Program {
    /// It is there, and nobody asked it for its versions.
    There,
    /// It was asked for its versions.
    Supports(BTreeSet<String>),
    /// It was asked for its versions, and its answer is none.
    Silent(String),
    /// Its file cannot be run, for this reason.
    Unusable(&'static str),
}

impl<'a> Folder<'a> {
    /// A folder whose own folders were not read.
    pub fn flat(entries: &'a [Entry]) -> Self {
        Self {
            entries,
            folders: None,
            libcni: Libcni::default(),
        }
    }
}

/// The `.conf` files of a folder's own folders, as they were listed with it.
pub fn folders(entries: &[Entry]) -> BTreeMap<String, Vec<Entry>> {
    let folders = entries.iter();
    folders
        .filter_map(|entry| Some((entry.name.clone(), entry.entries.clone()?)))
        .collect()
}

impl Plugins {
    /// The programs in a plugin folder, none of which was asked for its versions. What is no file is no program for libcni.
    pub fn listed(entries: &[Entry]) -> Self {
        let programs = entries.iter().filter_map(|entry| {
            let program = match (entry.kind, &entry.target) {
                (Kind::File, _) => program(&entry.mode, entry.size),
                (Kind::Link, None) => Program::There,
                (Kind::Link, Some(Target::File { mode, size })) => program(mode, *size),
                (Kind::Link, Some(Target::Missing)) => Program::Unusable("is a link to nothing"),
                (Kind::Link, Some(Target::Directory | Target::Other))
                | (Kind::Directory | Kind::Other, _) => return None,
            };
            Some((entry.name.clone(), program))
        });
        Self(programs.collect())
    }

    /// Adds what a plugin answered when it was asked for its versions.
    pub fn asked(&mut self, name: &str, answer: Answer) {
        let program = match answer {
            Ok(versions) => Program::Supports(versions),
            Err(why) => Program::Silent(why),
        };
        self.0.insert(name.to_owned(), program);
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
            Some(Program::Unusable(reason)) => Some(format!("plugin {plugin} {reason}")),
            Some(Program::There) if SPECIFIED.contains(&version) => None,
            Some(Program::There) => Some(format!(
                "cniVersion {version} is not a version of the specification"
            )),
            Some(Program::Silent(why)) => {
                Some(format!("plugin {plugin} does not answer VERSION: {why}"))
            }
            Some(Program::Supports(versions)) if versions.contains(version) => None,
            Some(Program::Supports(_)) => Some(format!(
                "plugin {plugin} does not support cniVersion {version}"
            )),
        }
    }
}

/// A file as a program: CRI-O, which runs as root, needs one bit of execution and something to run.
fn program(mode: &str, size: u64) -> Program {
    let is_executable = u32::from_str_radix(mode, 8).is_ok_and(|mode| mode & 0o111 != 0);
    match (is_executable, size) {
        (_, 0) => Program::Unusable("is an empty file"),
        (false, _) => Program::Unusable("is not executable"),
        (true, _) => Program::There,
    }
}

impl<'a> FromIterator<&'a str> for Plugins {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(
            names
                .into_iter()
                .map(|name| (name.to_owned(), Program::There))
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
    /// What it would have been, where another file has the network's name already.
    pub twin: Option<Network>,
}

impl Selection {
    /// The default network; none where no file is usable.
    pub fn winner(&self) -> Option<&Network> {
        self.networks.first()
    }

    /// A usable network by its name.
    pub fn named(&self, name: &str) -> Option<&Network> {
        self.networks.iter().find(|network| network.name == name)
    }
}

/// Applies the rule to a folder.
pub fn select(folder: Folder<'_>, plugins: &Plugins) -> Selection {
    let mut selection = Selection::default();
    for file in configurations(folder.entries) {
        let skipped = |reason, twin| Skipped {
            file: file.name.clone(),
            reason,
            twin,
        };
        match usable(file, folder, plugins) {
            Ok(network) => match selection.named(&network.name) {
                Some(first) => {
                    let reason =
                        format!("network {} is already that of {}", first.name, first.file);
                    selection.skipped.push(skipped(reason, Some(network)));
                }
                None => selection.networks.push(network),
            },
            Err(reason) => selection.skipped.push(skipped(reason, None)),
        }
    }
    selection
}

/// The files that libcni takes for configurations, in order.
fn configurations(entries: &[Entry]) -> Vec<&Entry> {
    let mut files: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.is_taken_for_file())
        .filter(|entry| extension(&entry.name).is_some_and(|found| EXTENSIONS.contains(&found)))
        .collect();
    files.sort_by(|left, right| left.name.as_bytes().cmp(right.name.as_bytes()));
    files
}

fn usable(file: &Entry, folder: Folder<'_>, plugins: &Plugins) -> Result<Network, String> {
    let list = cni_network::parse(folder.libcni, &file.name, file.text()?);
    let list = list.map_err(|invalid| invalid.to_string())?;
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
    let plugin = kinds.into_iter().next().ok_or("no plugins")?;
    Ok(Network {
        name,
        plugin,
        file: file.name.clone(),
    })
}

/// The `type` of each plugin that a network takes from its folder.
fn plugins_of_folder(folder: Folder<'_>, network: &str) -> Result<Vec<String>, String> {
    let plugins = plugins_with_texts(folder, network)?.into_iter();
    Ok(plugins.map(|(kind, _)| kind).collect())
}

/// The `type` and the text of each `.conf` file of the folder with the network's name. A network without a name has the folder of
/// the configurations itself: all that stands there becomes its plugins.
pub(super) fn plugins_with_texts<'a>(
    folder: Folder<'a>,
    network: &str,
) -> Result<Vec<(String, &'a str)>, String> {
    let Some(entries) = folder_of_network(folder, network)? else {
        return Ok(Vec::new());
    };
    let files = entries.iter().filter(|entry| entry.is_taken_for_file());
    let mut files: Vec<&Entry> = files
        .filter(|entry| extension(&entry.name) == Some("conf"))
        .collect();
    files.sort_by(|left, right| left.name.as_bytes().cmp(right.name.as_bytes()));
    let plugin = |file: &'a Entry| {
        let text = file.text()?;
        let kind = cni_network::parse_plugin(text).map_err(|invalid| invalid.to_string())?;
        Ok((kind, text))
    };
    let named = |file: &'a Entry| {
        plugin(file).map_err(|reason: String| format!("plugin file {}: {reason}", file.name))
    };
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

/// What follows the last dot, as Go's `filepath.Ext` has it: a name that begins with its only dot is all extension.
fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, extension)| extension)
}
