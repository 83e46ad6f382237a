//! One layer of an image as a tar archive that depends on nothing but its contents: sorted, owned by root, without times.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::cache;

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A folder with a mode.
    Folder(u32),
    /// A file's copy with a mode.
    File(PathBuf, u32),
    /// A small file.
    Text(String),
    /// A symbolic link's target.
    Link(PathBuf),
}

/// A layer by path, relative to the root.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    contents: BTreeMap<PathBuf, Content>,
}

impl Layer {
    /// Puts something at an absolute path; folders above are made.
    pub(crate) fn add(&mut self, path: &str, content: Content) {
        self.put(Path::new(path.trim_start_matches('/')), content);
    }

    /// Copies a folder's contents to the root.
    ///
    /// # Errors
    /// When it can't be read.
    pub(crate) fn add_tree(&mut self, root: &Path) -> Result<()> {
        self.add_below(root, root)
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    fn put(&mut self, path: &Path, content: Content) {
        for above in path
            .ancestors()
            .skip(1)
            .filter(|above| !above.as_os_str().is_empty())
        {
            self.contents
                .entry(above.to_owned())
                .or_insert(Content::Folder(0o755));
        }
        self.contents.insert(path.to_owned(), content);
    }

    fn add_below(&mut self, root: &Path, folder: &Path) -> Result<()> {
        for path in cache::entries(folder)? {
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            let metadata = fs::symlink_metadata(&path)
                .with_context(|| format!("failed to look at {}", path.display()))?;
            if metadata.is_dir() {
                self.add_below(root, &path)?;
            } else if metadata.is_symlink() {
                let target = fs::read_link(&path)
                    .with_context(|| format!("failed to read {}", path.display()))?;
                self.put(&name, Content::Link(target));
            } else {
                // The user's umask, by which the repository was checked out, must not be seen.
                let mode = if metadata.permissions().mode() & 0o111 == 0 {
                    0o644
                } else {
                    0o755
                };
                self.put(&name, Content::File(path, mode));
            }
        }
        Ok(())
    }

    /// Writes the archive and gives its sha256 in hexadecimal and its size.
    ///
    /// # Errors
    /// When a file can't be read or the archive can't be written.
    pub(crate) fn write(&self, archive: &Path) -> Result<(String, u64)> {
        let file = File::create(archive)
            .with_context(|| format!("failed to make {}", archive.display()))?;
        let hashed = Hashed {
            inner: BufWriter::new(file),
            hash: Sha256::new(),
            size: 0,
        };
        let mut builder = tar::Builder::new(hashed);
        for (path, content) in &self.contents {
            append(&mut builder, path, content)
                .with_context(|| format!("failed to put {} into a layer", path.display()))?;
        }
        let mut hashed = builder.into_inner().context("failed to end a layer")?;
        hashed
            .flush()
            .with_context(|| format!("failed to write {}", archive.display()))?;
        Ok((hex::encode(hashed.hash.finalize()), hashed.size))
    }
}

fn append(
    builder: &mut tar::Builder<impl Write>,
    path: &Path,
    content: &Content,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    match content {
        Content::Folder(mode) => {
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(*mode);
            builder.append_data(&mut header, path, io::empty())
        }
        Content::Link(target) => {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_mode(0o777);
            builder.append_link(&mut header, path, target)
        }
        Content::Text(text) => {
            header.set_mode(0o644);
            header.set_size(text.len() as u64);
            builder.append_data(&mut header, path, text.as_bytes())
        }
        Content::File(from, mode) => {
            let file = File::open(from)?;
            header.set_mode(*mode);
            header.set_size(file.metadata()?.len());
            builder.append_data(&mut header, path, file)
        }
    }
}

/// A writer that knows the digest of what went through.
struct Hashed<W> {
    inner: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(piece)?;
        self.hash.update(&piece[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(tree: &Path) -> Result<Layer> {
        let mut layer = Layer::default();
        layer.add_tree(tree)?;
        layer.add("/usr/bin/tool", Content::Text("tool".to_owned()));
        layer.add("/status", Content::Folder(0o777));
        layer.add("/usr/bin/other", Content::Link("tool".into()));
        Ok(layer)
    }

    #[test]
    fn the_same_contents_are_the_same_archive() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let tree = folder.path().join("tree");
        fs::create_dir_all(tree.join("etc"))?;
        fs::write(tree.join("etc/file"), "text")?;
        let archive = folder.path().join("layer.tar");
        let (digest, size) = layer(&tree)?.write(&archive)?;
        assert_eq!(digest, cache::file_digest(&archive)?);
        assert_eq!(size, fs::metadata(&archive)?.len());
        fs::write(tree.join("etc/file"), "text")?;
        assert_eq!(digest, layer(&tree)?.write(&archive)?.0);
        let mut names = Vec::new();
        for entry in tar::Archive::new(File::open(&archive)?).entries()? {
            let entry = entry?;
            names.push(format!(
                "{} {:o}",
                entry.path()?.display(),
                entry.header().mode()?
            ));
        }
        assert_eq!(
            names,
            [
                "etc 755",
                "etc/file 644",
                "status 777",
                "usr 755",
                "usr/bin 755",
                "usr/bin/other 777",
                "usr/bin/tool 644"
            ]
        );
        Ok(())
    }
}
