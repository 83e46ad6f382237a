//! A folder of configurations on disk, and the same folder as our rule is given it.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use rehearse_core::observation::cni_network::Libcni;
use rehearse_core::observation::cni_selection::Folder;
use rehearse_core::observation::directory::{Entry, Kind};

use crate::configuration::{Content, Item};

/// A folder's entries by name.
pub(crate) type Items = BTreeMap<String, Item>;

/// What our rule is given of a folder.
#[derive(Debug, Default)]
pub(crate) struct Known {
    entries: Vec<Entry>,
    folders: BTreeMap<String, Vec<Entry>>,
}

impl Known {
    /// What there is to know of entries.
    pub(crate) fn of(items: &Items) -> Self {
        let mut known = Self::default();
        for (name, item) in items {
            let (kind, content) = match item {
                Item::File(content) => (Kind::File, Some(content)),
                Item::Link(content) => (Kind::Link, Some(content)),
                Item::DanglingLink => (Kind::Link, None),
                Item::Folder(files) | Item::LinkToFolder(files) => {
                    let entries = files
                        .iter()
                        .map(|(name, content)| entry(name, Kind::File, Some(content)));
                    known.folders.insert(name.clone(), entries.collect());
                    match item {
                        Item::Folder(_) => (Kind::Directory, None),
                        _ => (Kind::Link, None),
                    }
                }
            };
            known.entries.push(entry(name, kind, content));
        }
        known
    }

    /// The rule's input.
    pub(crate) fn folder(&self) -> Folder<'_> {
        Folder {
            entries: &self.entries,
            folders: Some(&self.folders),
            libcni: Libcni::V1_3,
        }
    }
}

fn entry(name: &str, kind: Kind, content: Option<&Content>) -> Entry {
    let content = content.map(|Content(bytes)| String::from_utf8_lossy(bytes).into_owned());
    Entry {
        name: name.to_owned(),
        kind,
        mode: "0644".to_owned(),
        size: content.as_ref().map_or(0, |text| text.len() as u64),
        modified: Timestamp::UNIX_EPOCH,
        content,
        target: None,
        entries: None,
    }
}

/// Makes an entry at a path; what links lead to comes into the folder `targets`, a sibling of the entry's folder.
pub(crate) fn make(path: &Path, item: &Item, targets: &Path, number: usize) -> Result<()> {
    let relative = |name: &str| Path::new("../targets").join(name);
    let target = format!("target-{number}");
    let made = match item {
        Item::File(Content(bytes)) => std::fs::write(path, bytes),
        Item::Link(Content(bytes)) => std::fs::write(targets.join(&target), bytes)
            .and_then(|()| symlink(relative(&target), path)),
        Item::DanglingLink => symlink(relative("absent"), path),
        Item::Folder(files) => fill(path, files),
        Item::LinkToFolder(files) => {
            fill(&targets.join(&target), files).and_then(|()| symlink(relative(&target), path))
        }
    };
    made.with_context(|| format!("failed to make {}", path.display()))
}

fn fill(path: &Path, files: &[(String, Content)]) -> std::io::Result<()> {
    std::fs::create_dir(path)?;
    for (name, Content(bytes)) in files {
        std::fs::write(path.join(name), bytes)?;
    }
    Ok(())
}
