//! A disk that is full at once.

use std::path::Path;
use std::process::Command;

use anyhow::ensure;

/// A file system of 64 KiB, gone with the value.
#[derive(Debug)]
pub struct TinyDisk(tempfile::TempDir);

impl TinyDisk {
    /// Mounts it; only root can.
    ///
    /// # Errors
    /// What `mount` says.
    pub fn mounted() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(folder.path())
            .output()?;
        ensure!(
            mounted.status.success(),
            "this test needs root: {}",
            String::from_utf8_lossy(&mounted.stderr)
        );
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        // Where this fails, removing the folder fails too, and the test's machine shows it.
        Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .status()
            .ok();
    }
}
