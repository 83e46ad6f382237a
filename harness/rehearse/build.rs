//! Packs the repository's `kind/` and `scenarios/` into one archive that the program carries. The same files give the same
//! bytes: sorted, without times and owners.

use std::error::Error;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

/// What is carried, relative to the repository.
const FOLDERS: [&str; 2] = ["kind", "scenarios"];

type Archive = Builder<flate2::write::GzEncoder<Vec<u8>>>;

#[expect(
    clippy::disallowed_methods,
    reason = "what a build writes is no word of a cluster"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let repository = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let compressed = GzBuilder::new().write(Vec::new(), Compression::best());
    let mut archive = Builder::new(compressed);
    for folder in FOLDERS {
        println!(
            "cargo::rerun-if-changed={}",
            repository.join(folder).display()
        );
        pack(&mut archive, &repository, Path::new(folder))?;
    }
    let archive = archive.into_inner()?.finish()?;
    let sha256 = hex::encode(Sha256::digest(&archive));
    fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("home.tar.gz"),
        archive,
    )?;
    println!("cargo::rustc-env=REHEARSE_EMBEDDED_SHA256={sha256}");
    Ok(())
}

/// Packs a folder with all below it, and no hidden file.
fn pack(archive: &mut Archive, repository: &Path, folder: &Path) -> io::Result<()> {
    let mut names: Vec<_> = fs::read_dir(repository.join(folder))?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<_>>()?;
    names.sort();
    for name in names
        .into_iter()
        .filter(|name| !name.as_encoded_bytes().starts_with(b"."))
    {
        let path = folder.join(name);
        let from = repository.join(&path);
        let metadata = fs::symlink_metadata(&from)?;
        if metadata.is_dir() {
            pack(archive, repository, &path)?;
            continue;
        }
        let mut header = Header::new_gnu();
        header.set_mode(if metadata.permissions().mode() & 0o100 == 0 {
            0o644
        } else {
            0o755
        });
        if metadata.is_symlink() {
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            archive.append_link(&mut header, &path, fs::read_link(&from)?)?;
        } else {
            let content = fs::read(&from)?;
            header.set_size(content.len().try_into().map_err(io::Error::other)?);
            archive.append_data(&mut header, &path, content.as_slice())?;
        }
    }
    Ok(())
}
