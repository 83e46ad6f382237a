//! The run's folder: `record.json`, the reports, `evidence/` and `rehearse.log`. Each file is written under a temporary
//! name and renamed, so that what is there is whole.
//!
//! It is the only place that writes files and makes folders for what a cluster said. They are for their owner alone, as
//! taking secrets out goes by shape.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "this is the place that writes files and makes folders"
    )
)]

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use crate::failure::Usage;

/// The record's file name.
pub const RECORD: &str = "record.json";

/// A run's folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Refuses a folder that has anything in it already, a run or something else; makes nothing yet.
    ///
    /// # Errors
    /// [`Usage`] when the folder is not empty or is not a folder.
    pub fn refuse_used(path: &Path) -> anyhow::Result<()> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(Usage::new(
                    format!("{} is not a folder", path.display()),
                    "choose another folder with --out",
                )
                .into());
            }
            Err(error) => return Err(explained(error, "read", path)),
        };
        if entries.count() == 0 {
            return Ok(());
        }
        let what = if path.join(RECORD).exists() {
            "holds the record of an earlier run"
        } else {
            "is not empty"
        };
        Err(Usage::new(
            format!("{} {what}", path.display()),
            "choose another folder with --out, or remove this one",
        )
        .into())
    }

    /// Makes the folder where it is not there.
    ///
    /// # Errors
    /// As [`Folder::refuse_used`], or when the folder cannot be made.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        Self::refuse_used(path)?;
        create_folder(path)?;
        let path = path
            .canonicalize()
            .map_err(|error| explained(error, "find", path))?;
        Ok(Self { path })
    }

    /// Where it is, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one file, whole or not at all; folders on the way are made.
    ///
    /// # Errors
    /// With the path and, when the disk is full, what to do.
    pub fn write(&self, name: &str, contents: &str) -> anyhow::Result<()> {
        write_whole(&self.path.join(name), contents)
    }
}

/// Refuses a path at which there is something that is not this program's to write over; an empty file is nobody's.
///
/// # Errors
/// [`Usage`] with the path, and where what is there cannot be read.
pub fn refuse_others(path: &Path, is_ours: impl FnOnce(&[u8]) -> bool) -> anyhow::Result<()> {
    let refuse = |what: &str| {
        let message = format!("{} is there already, and {what}", path.display());
        Err(Usage::new(
            message,
            "choose another file with --out, or remove this one",
        )
        .into())
    };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(explained(error, "read", path)),
        Ok(metadata) if !metadata.is_file() => return refuse("is no file"),
        Ok(_) => {}
    }
    let contents = fs::read(path).map_err(|error| explained(error, "read", path))?;
    if contents.is_empty() || is_ours(&contents) {
        return Ok(());
    }
    refuse("is not what this command writes")
}

/// Writes a file under a temporary name and renames it.
///
/// # Errors
/// With the path and, when the disk is full, what to do.
pub fn write_whole(path: &Path, contents: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| anyhow!("failed to write {}: it has no folder", path.display()))?;
    create_folder(folder)?;
    // A temporary file is for its owner alone, and stays so under its name.
    let mut file = tempfile::Builder::new()
        .prefix(".rehearse-")
        .tempfile_in(folder)
        .map_err(|error| explained(error, "write", path))?;
    file.write_all(contents.as_ref())
        .and_then(|()| file.flush())
        .map_err(|error| explained(error, "write", path))?;
    file.persist(path)
        .map_err(|error| explained(error.error, "write", path))?;
    Ok(())
}

/// Appends to a file that somebody else keeps, such as a CI step's summary.
///
/// # Errors
/// With the path.
pub fn append(path: &Path, contents: &str) -> anyhow::Result<()> {
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| explained(error, "open", path))?;
    file.write_all(contents.as_bytes())
        .with_context(|| format!("failed to append to {}", path.display()))
}

/// Makes a folder, and those on the way, where they are not there.
///
/// # Errors
/// With the path.
pub fn create_folder(path: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| explained(error, "create", path))
}

/// A file that grows, such as a log, in place of one that is there.
///
/// # Errors
/// With the path.
pub fn create_file(path: &Path) -> anyhow::Result<fs::File> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| explained(error, "create", path))
}

/// Copies a file or a folder, where it is there.
///
/// # Errors
/// With both paths.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let failed = || format!("failed to copy {} to {}", from.display(), to.display());
    if from.is_dir() {
        create_folder(to)?;
        for entry in fs::read_dir(from).with_context(failed)? {
            let entry = entry.with_context(failed)?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else if from.is_file() {
        write_whole(to, fs::read(from).with_context(failed)?)?;
    }
    Ok(())
}

fn explained(error: io::Error, what: &str, path: &Path) -> anyhow::Error {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            " (hint: the disk is full; free some space, or choose a folder on another disk with --out)"
        }
        io::ErrorKind::PermissionDenied => " (hint: choose a folder of your own with --out)",
        _ => "",
    };
    anyhow::Error::new(error).context(format!("failed to {what} {}{hint}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_record_is_refused() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let folder = Folder::create(directory.path())?;
        folder.write(RECORD, "{}")?;
        let error = Folder::create(directory.path())
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("holds the record of an earlier run")));
        Ok(())
    }

    #[test]
    fn a_file_is_written_with_its_folders_and_no_temporary_name_stays() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let folder = Folder::create(&directory.path().join("run"))?;
        folder.write("evidence/01-cluster/nodes.json", "[]")?;
        let names: Vec<_> = fs::read_dir(folder.path().join("evidence/01-cluster"))?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<_, _>>()?;
        assert_eq!(names, ["nodes.json"]);
        Ok(())
    }

    #[test]
    fn what_a_cluster_said_is_for_its_owner_alone() -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir()?;
        let folder = Folder::create(&directory.path().join("runs/first"))?;
        folder.write("evidence/nodes.json", "[]")?;
        create_file(&folder.path().join("rehearse.log"))?;
        copy(folder.path(), &directory.path().join("copy"))?;
        let mode = |name: &str| -> io::Result<u32> {
            let metadata = fs::metadata(directory.path().join(name))?;
            Ok(metadata.permissions().mode() & 0o777)
        };
        for name in ["runs", "runs/first", "runs/first/evidence", "copy/evidence"] {
            assert_eq!(mode(name)?, 0o700, "{name}");
        }
        for name in [
            "runs/first/evidence/nodes.json",
            "runs/first/rehearse.log",
            "copy/evidence/nodes.json",
        ] {
            assert_eq!(mode(name)?, 0o600, "{name}");
        }
        Ok(())
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        let error = explained(
            io::Error::from(io::ErrorKind::StorageFull),
            "write",
            Path::new("out/record.json"),
        );
        assert!(error.to_string().contains("the disk is full"));
    }
}
