//! A run is repeated by its lock: the same record and the same lock, with nothing that could fetch anything.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use rehearse_tests::rehearse;

use crate::{ensure_no_cluster, read_record};

/// What the stack is built and fetched with. Only these programs of a run ever leave the machine.
const FETCHERS: [&str; 5] = ["apt-get", "curl", "debootstrap", "go", "skopeo"];

/// A folder of programs of these names that fail.
fn failing_programs(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for name in FETCHERS {
        let path = folder.join(name);
        fs::write(&path, "#!/bin/sh\necho \"$0 was called\" >&2\nexit 97\n")?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[test]
fn a_locked_run_is_the_same_again_and_fetches_nothing() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let first = at("first").display().to_string();
    let ended = rehearse(&["run", "--until", "cluster", "--out", &first])?.output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.code() == Some(0), "{said}");

    failing_programs(&at("programs"))?;
    let path = std::env::var("PATH").context("no PATH")?;
    let lock = at("first/rehearse.lock");
    let (locked, second) = (
        lock.display().to_string(),
        at("second").display().to_string(),
    );
    let ended = rehearse(&["run", "--locked", &locked, "--out", &second])?
        .env("PATH", format!("{}:{path}", at("programs").display()))
        .env("GOPROXY", "off")
        .output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.code() == Some(0), "{said}");
    ensure!(!said.contains("was called"), "{said}");
    ensure!(
        fs::read(&lock)? == fs::read(at("second/rehearse.lock"))?,
        "the two locks differ"
    );
    let (one, two) = (read_record(&at("first"))?, read_record(&at("second"))?);
    ensure!(
        one.canonical_json() == two.canonical_json(),
        "the two records differ"
    );
    ensure!(two.run.command.contains("--locked"), "{}", two.run.command);

    let text = fs::read_to_string(&lock)?.replace("\"iproute2\": \"", "\"iproute2\": \"0.");
    fs::write(&lock, text)?;
    let third = at("third").display().to_string();
    let ended = rehearse(&["run", "--locked", &locked, "--out", &third])?.output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.code() == Some(3), "{said}");
    ensure!(said.contains("packages.iproute2: locked 0."), "{said}");
    ensure!(!at("third").exists(), "something was started");
    ensure_no_cluster()?;
    Ok(())
}
