//! The files of one folder on each node.

pub(super) mod mutants;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Inability, Observations, json};
use crate::query::Query;

/// The exit status for a folder that is not there.
const NO_SUCH_FOLDER: i64 = 1;

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Its name without the path.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its permission bits in octal, such as `0644`.
    pub mode: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: Timestamp,
    /// Its text, a link's that of the file to which it leads; none where it was not asked for, is too large or is no file.
    /// Bytes that are not UTF-8 are replaced.
    #[serde(default)]
    pub content: Option<String>,
    /// Where a link leads; none for what is no link, and where nobody looked.
    #[serde(default)]
    pub target: Option<Target>,
    /// A folder's own `.conf` files with their texts, also those behind a link; none where there are none, or nobody looked.
    #[serde(default)]
    pub entries: Option<Vec<Entry>>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Link,
    /// A socket, a named pipe or a device.
    #[serde(other)]
    Other,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// To a regular file.
    File {
        /// Its permission bits in octal.
        mode: String,
        /// Its size in bytes.
        size: u64,
    },
    /// To a folder.
    Directory,
    /// To a socket, a named pipe or a device.
    Other,
    /// To nothing.
    Missing,
}

impl Entry {
    /// Whether it is no folder: what libcni takes for a file, links to folders too.
    pub fn is_taken_for_file(&self) -> bool {
        self.kind != Kind::Directory
    }

    /// The text of a file whose contents were asked for.
    ///
    /// # Errors
    /// Why there is none, as a sentence fragment.
    pub fn text(&self) -> Result<&str, String> {
        let reason = match (self.kind, &self.target) {
            (Kind::Directory, _) => "it is a folder",
            (Kind::Link, Some(Target::Missing)) => "it is a link to nothing",
            (Kind::Link, Some(Target::Directory)) => "it is a link to a folder",
            (Kind::Other, _) | (_, Some(Target::Other)) => "it is a device, a socket or a pipe",
            _ => "its text could not be read",
        };
        self.content.as_deref().ok_or_else(|| reason.to_owned())
    }
}

/// The query for a folder on each node.
pub fn query(path: &str, contents: bool) -> Query {
    Query::NodeDirectory {
        path: path.to_owned(),
        contents,
    }
}

/// Folder and name of an absolute path.
pub fn split(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => (".", path),
    }
}

/// Each node's folder, sorted by name; none on a node where the folder is not there.
///
/// # Errors
/// [`Inability`] where it was not asked for or could not be listed.
pub fn read(
    observations: &Observations,
    path: &str,
    contents: bool,
) -> Result<BTreeMap<String, Option<Vec<Entry>>>, Inability> {
    let outputs = observations.by_node(&query(path, contents))?;
    let mut folders = BTreeMap::new();
    for (node, output) in outputs {
        let entries = if output.status == NO_SUCH_FOLDER {
            None
        } else {
            Some(json("files", output)?)
        };
        folders.insert(node.to_owned(), entries);
    }
    Ok(folders)
}
