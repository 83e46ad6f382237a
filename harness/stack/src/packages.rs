//! Programs and root file systems out of distribution packages.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use rehearse_core::catalogue::{Package, RootFileSystem};

use super::cache;
use crate::command::Command;

/// The file of a root file system's unit with all of it as one layer.
pub(crate) const LAYER: &str = "layer.tar";

/// The file of a root file system's unit with the version of every package.
pub(crate) const PACKAGES: &str = "packages.json";

/// The date of accounts in a root file system, in seconds since 1970: the first day that is not "never".
const DATE: &str = "86400";

/// Takes programs out of a package into `folder/programs`.
///
/// # Errors
/// When the machine's package sources do not have it, or it does not contain what is wanted.
pub(crate) async fn take(package: &Package, folder: &Path, log: &Path) -> Result<()> {
    let (work, programs) = (folder.join("work"), folder.join("programs"));
    for folder in [&work, &programs] {
        fs::create_dir_all(folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
    }
    let download = Command::new("apt-get")
        .args(["download", &package.name])
        .current_dir(&work)
        .log(log);
    // A machine that was just made has no package lists, or ones of versions that are gone.
    if download.run().await.is_err() {
        Command::new("apt-get")
            .args(["-qq", "update"])
            .log(log)
            .run()
            .await?;
        download.run().await?;
    }
    for archive in cache::entries(&work)? {
        Command::new("dpkg-deb")
            .arg("--extract")
            .arg(archive)
            .arg(work.join("root"))
            .log(log)
            .run()
            .await?;
    }
    for (name, path) in &package.programs {
        let from = work.join("root").join(path);
        fs::copy(&from, programs.join(name))
            .with_context(|| format!("failed to take {path} out of package {}", package.name))?;
    }
    fs::remove_dir_all(&work).with_context(|| format!("failed to remove {}", work.display()))
}

/// Makes a root file system as one layer in `folder`.
///
/// # Errors
/// What the tools say; it needs root.
pub(crate) async fn root_file_system(
    root: &RootFileSystem,
    folder: &Path,
    log: &Path,
) -> Result<()> {
    let tree = folder.join("root");
    let include = format!("--include={}", root.packages.join(","));
    // In mounts of its own: what it mounts below the tree is gone when it ends, however it ends.
    Command::new("unshare")
        // Accounts that packages make bear a date; with this one, two builds are alike to the byte.
        .env("SOURCE_DATE_EPOCH", DATE)
        .args(["--mount", "debootstrap", "--variant=minbase"])
        .args([&include, &root.suite])
        .arg(&tree)
        .log(log)
        .run()
        .await
        .with_context(|| format!("failed to make a root file system of {}", root.suite))?;
    let packages = Command::new("dpkg-query")
        .arg(format!(
            "--admindir={}",
            tree.join("var/lib/dpkg").display()
        ))
        .args(["--show", "--showformat=${Package} ${Version}\n"])
        .run()
        .await?;
    let packages: std::collections::BTreeMap<String, String> = packages
        .stdout()
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect();
    cache::write_json(&folder.join(PACKAGES), &packages)?;
    for pattern in &root.without {
        take_out(&tree, pattern)?;
    }
    Command::new("tar")
        .args([
            "--create",
            "--sort=name",
            "--numeric-owner",
            "--mtime=@0",
            "--exclude=./dev/*",
            "--exclude=./proc/*",
            "--exclude=./sys/*",
        ])
        .arg("--file")
        .arg(folder.join(LAYER))
        .arg("--directory")
        .arg(&tree)
        .arg(".")
        .log(log)
        .run()
        .await?;
    fs::remove_dir_all(&tree).with_context(|| format!("failed to remove {}", tree.display()))
}

/// Removes what a pattern names: a path, or one whose last part begins with `*`.
fn take_out(tree: &Path, pattern: &str) -> Result<()> {
    let path = tree.join(pattern);
    let last = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let found = match last.strip_prefix('*') {
        None => vec![path],
        Some(suffix) => {
            let mut all = cache::entries(path.parent().unwrap_or(tree))?;
            all.retain(|path| path.to_string_lossy().ends_with(suffix));
            all
        }
    };
    for path in found {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        let removed = if metadata.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.with_context(|| format!("failed to remove {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_all_or_what_ends_alike() -> Result<()> {
        let folder = tempfile::tempdir()?;
        for name in [
            "cache/apt/one",
            "units/a.wants",
            "units/a.service",
            "keep/it",
        ] {
            fs::create_dir_all(folder.path().join(name))?;
        }
        for pattern in ["cache/apt/*", "units/*.wants", "missing", "keep"] {
            take_out(folder.path(), pattern)?;
        }
        let left = |name: &str| folder.path().join(name).exists();
        assert!(
            left("cache/apt")
                && !left("cache/apt/one")
                && !left("units/a.wants")
                && left("units/a.service")
                && !left("keep")
        );
        Ok(())
    }
}
