//! The files of one folder on each node.

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
