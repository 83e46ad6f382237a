//! The folder in which everything that was built is kept, each piece under the key of its recipe.
//!
//! A piece is made under a name that no reader looks for and renamed when it is complete, so that an interrupted build
//! leaves nothing half-made. Nothing here knows what a piece is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use nix::mount::{MntFlags, umount2};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

/// The variable that names the cache's folder.
pub const VARIABLE: &str = "REHEARSE_CACHE";

/// The file that a complete piece has, with what it is.
const DESCRIPTION: &str = "unit.json";

/// What the names of unfinished pieces end with; the number of the process that makes it stands before.
const UNFINISHED: &str = ".unfinished";

/// Where built pieces are.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

/// What a complete piece says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Description {
    /// The component.
    pub component: String,
    /// Its version.
    pub version: String,
    /// `programs`, `images`, ...
    pub kind: String,
    /// `module`, `registry` or `local`.
    pub source: String,
    /// The sha256 of the recipe, in hexadecimal.
    pub key: String,
    /// What it was made from.
    pub origin: String,
    /// sha256 digests by what they are of.
    pub digests: BTreeMap<String, String>,
    /// How long it took.
    pub seconds: u64,
}

/// A complete piece in the cache.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Where it is.
    pub folder: PathBuf,
    /// What it is.
    pub description: Description,
    /// Its size on disk in bytes.
    pub size: u64,
}

impl Cache {
    /// `$REHEARSE_CACHE`, else `rehearse` in the user's cache folder.
    ///
    /// # Errors
    /// When no folder can be told.
    pub fn find() -> Result<Self> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let root = if let Some(folder) = set(VARIABLE) {
            PathBuf::from(folder)
        } else if let Some(folder) = set("XDG_CACHE_HOME") {
            PathBuf::from(folder).join("rehearse")
        } else if let Some(folder) = set("HOME") {
            PathBuf::from(folder).join(".cache").join("rehearse")
        } else {
            bail!("failed to find a folder for what is built (hint: set {VARIABLE})");
        };
        let root = std::path::absolute(&root)
            .with_context(|| format!("failed to use the cache {}", root.display()))?;
        if root.to_string_lossy().contains([':', ',']) {
            // Both are separators in what mounts and image tools are given.
            bail!(
                "failed to use the cache {}: its path has a ':' or ',' (hint: set {VARIABLE} to another)",
                root.display()
            );
        }
        Ok(Self { root })
    }

    /// The folder of all pieces.
    pub fn stack(&self) -> PathBuf {
        self.root.join("stack")
    }

    /// The folder of what the tools said.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The folder of the catalogues and scenarios that programs carried.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// A fresh folder in which a piece is made.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn begin(&self, folder: &Path) -> Result<PathBuf> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let unfinished = self.stack().join(format!(".{name}{}", unfinished_suffix()));
        remove(&unfinished)?;
        fs::create_dir_all(&unfinished)
            .with_context(|| format!("failed to make {}", unfinished.display()))?;
        Ok(unfinished)
    }

    /// Gives a complete piece its name.
    ///
    /// # Errors
    /// When it can't be described or renamed.
    pub fn publish(unfinished: &Path, folder: &Path, description: &Description) -> Result<()> {
        write_json(&unfinished.join(DESCRIPTION), description)?;
        match fs::rename(unfinished, folder) {
            // Another process was faster with the same recipe.
            Err(_) if describe(folder).is_some() => remove(unfinished),
            result => result.with_context(|| {
                format!(
                    "failed to rename {} to {}",
                    unfinished.display(),
                    folder.display()
                )
            }),
        }
    }

    /// Every complete piece, by folder name.
    ///
    /// # Errors
    /// When the cache can't be read.
    pub fn kept(&self) -> Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for folder in entries(&self.stack())? {
            if let Some(description) = describe(&folder) {
                kept.push(Kept {
                    size: size(&folder)?,
                    folder,
                    description,
                });
            }
        }
        Ok(kept)
    }

    /// Pieces that a process which is no more left unfinished.
    ///
    /// # Errors
    /// When the cache can't be read.
    pub fn abandoned(&self) -> Result<Vec<PathBuf>> {
        let alive = |path: &Path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let process = name
                .strip_suffix(UNFINISHED)
                .and_then(|rest| rest.rsplit('.').next());
            process.is_none_or(|process| Path::new("/proc").join(process).exists())
        };
        Ok(entries(&self.stack())?
            .into_iter()
            .filter(|path| !alive(path))
            .collect())
    }
}

/// How the name of a folder ends that belongs to this process, and is removed by a later one when this one was killed.
pub fn unfinished_suffix() -> String {
    format!(".{}{UNFINISHED}", std::process::id())
}

/// What a folder of the cache says of itself, if it is complete.
pub fn describe(folder: &Path) -> Option<Description> {
    read_json(&folder.join(DESCRIPTION)).ok()
}

/// Removes a piece. What is still mounted below it is unmounted first: a tool that was killed may have left it, and what
/// is removed must never be the contents of a mount.
///
/// # Errors
/// When it can't be removed.
pub fn remove(folder: &Path) -> Result<()> {
    let mounts = fs::read_to_string("/proc/self/mounts")
        .context("failed to read the mounts of this machine")?;
    let points = mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .map(Path::new);
    // The innermost is mounted last.
    for point in points
        .filter(|point| point.starts_with(folder))
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        umount2(point, MntFlags::MNT_DETACH)
            .with_context(|| format!("failed to unmount {}", point.display()))?;
    }
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("failed to remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a value as JSON.
///
/// # Errors
/// When the file can't be written.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_vec_pretty(value)
        .with_context(|| format!("failed to render {}", path.display()))?;
    fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

/// Reads a value from JSON.
///
/// # Errors
/// When the file can't be read or is something else.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("failed to parse {}", path.display()))
}

/// The entries of a folder by name; none where there is no such folder.
///
/// # Errors
/// When it can't be read.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.with_context(|| format!("failed to read {}", folder.display()))?,
    };
    let paths: io::Result<Vec<_>> = read.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.with_context(|| format!("failed to read {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}

/// The sha256 of a file, in hexadecimal.
///
/// # Errors
/// When it can't be read.
pub fn file_digest(path: &Path) -> Result<String> {
    let mut file =
        fs::File::open(path).with_context(|| format!("failed to open {}", path.display()))?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let read = file
            .read(&mut piece)
            .with_context(|| format!("failed to read {}", path.display()))?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&piece[..read]);
    }
}

/// The sha256 of a folder's names, contents, targets of links and executable bits, in hexadecimal.
///
/// # Errors
/// When it can't be read.
pub fn folder_digest(folder: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    add_folder(&mut hash, folder, folder)?;
    Ok(hex::encode(hash.finalize()))
}

fn add_folder(hash: &mut Sha256, root: &Path, folder: &Path) -> Result<()> {
    let all = entries(folder)?;
    if all.is_empty() && folder == root {
        bail!("failed to find anything in {}", folder.display());
    }
    for path in all {
        let metadata = fs::symlink_metadata(&path)
            .with_context(|| format!("failed to look at {}", path.display()))?;
        let name = path.strip_prefix(root).unwrap_or(&path).display();
        if metadata.is_dir() {
            hash.update(format!("folder {name}\n"));
            add_folder(hash, root, &path)?;
        } else if metadata.is_symlink() {
            let target = fs::read_link(&path)
                .with_context(|| format!("failed to read {}", path.display()))?;
            hash.update(format!("link {name} {}\n", target.display()));
        } else {
            let executable = metadata.permissions().mode() & 0o111 != 0;
            hash.update(format!(
                "file {name} {executable} {}\n",
                file_digest(&path)?
            ));
        }
    }
    Ok(())
}

/// The sha256 of a value's JSON, in hexadecimal.
///
/// # Errors
/// When it can't be rendered.
pub fn value_digest(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_vec(value).context("failed to render a recipe")?;
    Ok(hex::encode(Sha256::digest(text)))
}

fn size(folder: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut sum = 0;
    for path in entries(folder)? {
        let metadata = fs::symlink_metadata(&path)
            .with_context(|| format!("failed to look at {}", path.display()))?;
        sum += if metadata.is_dir() {
            size(&path)?
        } else {
            metadata.blocks() * 512
        };
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> Description {
        Description {
            component: "kind".to_owned(),
            version: "0.33.0".to_owned(),
            kind: "programs".to_owned(),
            source: "module".to_owned(),
            key: "00".to_owned(),
            origin: "a test".to_owned(),
            digests: BTreeMap::new(),
            seconds: 1,
        }
    }

    #[test]
    fn an_unfinished_piece_is_not_seen() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let cache = Cache {
            root: folder.path().to_owned(),
        };
        let name = cache.stack().join("kind-0.33.0-programs-00");
        let unfinished = cache.begin(&name)?;
        fs::write(unfinished.join("program"), "")?;
        assert!(cache.kept()?.is_empty() && describe(&name).is_none());
        assert!(cache.abandoned()?.is_empty(), "this process is alive");
        Cache::publish(&unfinished, &name, &description())?;
        assert_eq!(cache.kept()?.len(), 1);
        let again = cache.begin(&name)?;
        Cache::publish(&again, &name, &description())?;
        assert!(!again.exists(), "the second of two is thrown away");
        Ok(())
    }

    #[test]
    fn what_is_in_a_folder_makes_its_digest() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("script"), "true")?;
        let before = folder_digest(folder.path())?;
        fs::set_permissions(
            folder.path().join("script"),
            fs::Permissions::from_mode(0o755),
        )?;
        let executable = folder_digest(folder.path())?;
        fs::write(folder.path().join("script"), "false")?;
        assert!(before != executable && executable != folder_digest(folder.path())?);
        Ok(())
    }
}
