//! Programs of this machine that building a stack needs, and the distribution packages that they come from.

use std::env;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use rehearse_core::catalogue::Go;

use super::build::go_version;
use super::unit::{Unit, Units};
use super::work::Work;
use crate::command::Command;

/// The first go command that fetches another toolchain by itself.
const FIRST_GO: (u32, u32) = (1, 21);

/// What is needed: a program on `PATH`, or a file, and the package that brings it.
const IMAGES: &[(&str, &str)] = &[("skopeo", "skopeo")];
const ENGINE: &[(&str, &str)] = &[("docker", "docker.io")];
const ROOT: &[(&str, &str)] = &[("debootstrap", "debootstrap"), ("tar", "tar")];
const C_CODE: &[(&str, &str)] = &[
    ("gcc", "gcc"),
    ("pkg-config", "pkg-config"),
    ("/usr/include/seccomp.h", "libseccomp-dev"),
];
const FETCHED: &[(&str, &str)] = &[("curl", "curl")];

/// Something that building takes of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prerequisite {
    /// What was looked at.
    pub what: &'static str,
    /// What was found.
    pub found: String,
    /// What is needed.
    pub needed: String,
    /// What to do about it; none where it is as needed.
    pub cure: Option<String>,
}

/// The packages that the missing units need and this machine lacks.
pub(crate) fn missing(units: &Units) -> Vec<&'static str> {
    let mut packages: Vec<&'static str> = Vec::new();
    let all = units.list.iter().filter(|unit| !unit.is_complete());
    for &(what, package) in all.flat_map(needs).chain(ENGINE) {
        if !is_there(what) && !packages.contains(&package) {
            packages.push(package);
        }
    }
    packages
}

fn needs(unit: &Unit) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let lists: Vec<&[_]> = match &unit.work {
        Work::Go(Go { cgo: true, .. }) => vec![C_CODE],
        Work::RootFileSystem(_) => vec![ROOT],
        Work::FetchedPrograms(_) | Work::FetchedManifests(_) => vec![FETCHED],
        Work::Images(_) | Work::FetchedImages(_) | Work::OwnImages(_) | Work::Store => vec![IMAGES],
        _ => Vec::new(),
    };
    lists.into_iter().flatten()
}

fn is_there(what: &str) -> bool {
    if what.starts_with('/') {
        return Path::new(what).exists();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|folder| folder.join(what).is_file())
}

/// Sees to it that everything is there: installs packages where it may (`install`, root, apt-get).
///
/// # Errors
/// What is missing, and how to get it.
pub(crate) async fn ensure(units: &Units, install: bool) -> Result<()> {
    let missing = missing(units);
    let is_root = nix::unistd::geteuid().is_root();
    if !missing.is_empty() {
        let list = missing.join(" ");
        if !install {
            bail!(
                "failed to find what the stack is built with (hint: add --setup, or as root: apt-get install {list})"
            );
        }
        if !is_root || !is_there("apt-get") {
            bail!(
                "failed to install what the stack is built with: only root with apt-get can (hint: install {list})"
            );
        }
        Command::new("apt-get")
            .args(["-qq", "update"])
            .run()
            .await?;
        let command = Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
        command
            .args(["-qq", "install", "--yes", "--no-install-recommends"])
            .args(&missing)
            .run()
            .await
            .with_context(|| format!("failed to install {list}"))?;
    }
    // What is left is for the user to bring about.
    match look(units)
        .await
        .into_iter()
        .find_map(|one| one.cure.map(|cure| (one.what, one.found, cure)))
    {
        Some((what, found, cure)) => {
            bail!("failed to begin to build the stack: {what}: {found} (hint: {cure})")
        }
        None => Ok(()),
    }
}

/// Looks what building the missing units takes of this machine; nothing where all is built.
pub(crate) async fn look(units: &Units) -> Vec<Prerequisite> {
    let mut all = Vec::new();
    if units.list.iter().all(Unit::is_complete) {
        return all;
    }
    let packages = missing(units).join(" ");
    all.push(Prerequisite {
        what: "programs",
        found: if packages.is_empty() {
            "all there".to_owned()
        } else {
            format!("missing of packages {packages}")
        },
        needed: "what the stack is built with".to_owned(),
        cure: (!packages.is_empty()).then(|| format!("apt-get install {packages}, or --setup")),
    });
    let waits_for = |kind: fn(&Work) -> bool| {
        units
            .list
            .iter()
            .any(|unit| kind(&unit.work) && !unit.is_complete())
    };
    if waits_for(|work| matches!(work, Work::RootFileSystem(_) | Work::Store)) {
        let is_root = nix::unistd::geteuid().is_root();
        all.push(Prerequisite {
            what: "user",
            found: if is_root { "root" } else { "not root" }.to_owned(),
            needed: "root, who alone can make a root file system and an image store".to_owned(),
            cure: (!is_root).then(|| "sudo".to_owned()),
        });
    }
    if waits_for(|work| matches!(work, Work::Go(_))) {
        let version = go_version().await;
        let needed = format!(
            "{}.{} or later, which fetches the toolchain of each component by itself",
            FIRST_GO.0, FIRST_GO.1
        );
        let is_enough = version.as_deref().is_some_and(|version| !is_older(version));
        all.push(Prerequisite {
            what: "go",
            found: version.unwrap_or_else(|| "not there".to_owned()),
            cure: (!is_enough).then(|| format!("install Go {needed}")),
            needed,
        });
    }
    all
}

fn is_older(version: &str) -> bool {
    let mut numbers = version
        .split(['.', '-', 'r'])
        .map_while(|part| part.parse::<u32>().ok());
    let found = (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    );
    found < FIRST_GO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toolchains_are_fetched_since_1_21() {
        assert!(is_older("1.19.8") && is_older("1.9"));
        assert!(!is_older("1.21.0") && !is_older("1.26.8") && !is_older("2.0"));
    }

    #[test]
    fn programs_are_looked_for_on_the_path() {
        assert!(is_there("sh") && is_there("/etc/passwd") && !is_there("no-such-program"));
    }
}
