//! The program alone, far from any checkout: what it carries is enough.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fs, str};

use anyhow::Context as _;
use rehearse_core::record::Record;

/// A folder with the program in it and nothing else.
struct Alone {
    folder: tempfile::TempDir,
}

impl Alone {
    fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::copy(rehearse_tests::program()?, folder.path().join("rehearse"))?;
        Ok(Self { folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the record in `played` says was used.
    fn home_of_played(&self) -> anyhow::Result<String> {
        let text = fs::read_to_string(self.path().join("played/record.json"))?;
        let home = Record::from_json(&text)?.run.home;
        home.context("the record does not say what was used")
    }

    fn run(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        Command::new(self.path().join("rehearse"))
            .args(arguments)
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .env("REHEARSE_CACHE", self.path().join("cache"))
            .env_remove("REHEARSE_HOME")
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .stdin(Stdio::null())
            .output()
            .context("failed to run the program")
    }
}

fn succeeds(output: &Output) -> anyhow::Result<&str> {
    anyhow::ensure!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(str::from_utf8(&output.stdout)?)
}

#[test]
fn the_program_alone_plays_checks_and_plans_its_own_scenario() -> anyhow::Result<()> {
    let alone = Alone::new()?;
    let output = alone.run(&["run", "--on", "capture", "--out", "played"])?;
    succeeds(&output)?;
    let home = alone.home_of_played()?;
    let sha256 = home
        .strip_prefix("program ")
        .context("it is not the program's own")?;
    assert!(
        alone
            .path()
            .join("cache/data")
            .join(sha256)
            .join("kind/catalogue.yaml")
            .is_file()
    );

    succeeds(&alone.run(&["check"])?)?;
    assert!(succeeds(&alone.run(&["plan"])?)?.contains("calico"));
    // Each of them used what the first one unpacked.
    assert_eq!(fs::read_dir(alone.path().join("cache/data"))?.count(), 1);
    Ok(())
}

#[test]
fn what_is_unpacked_is_the_checkout_to_the_byte_and_the_mode() -> anyhow::Result<()> {
    let alone = Alone::new()?;
    succeeds(&alone.run(&["plan"])?)?;
    let unpacked = fs::read_dir(alone.path().join("cache/data"))?
        .next()
        .context("nothing was unpacked")??;
    for folder in ["kind", "scenarios"] {
        let status = Command::new("diff")
            .args(["--recursive", "--no-dereference"])
            .arg(rehearse_tests::root().join(folder))
            .arg(unpacked.path().join(folder))
            .output()?;
        assert!(
            status.status.success(),
            "{}",
            String::from_utf8_lossy(&status.stdout)
        );
    }
    let mode = |root: &Path| -> anyhow::Result<u32> {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(fs::metadata(root.join("kind/engine"))?.permissions().mode() & 0o111)
    };
    assert_eq!(mode(&unpacked.path())?, mode(&rehearse_tests::root())?);
    assert_ne!(mode(&unpacked.path())?, 0, "it is a program");
    Ok(())
}

#[test]
fn a_scenario_of_the_users_own_needs_no_checkout() -> anyhow::Result<()> {
    let alone = Alone::new()?;
    let own = alone.path().join("my-scenario");
    let status = Command::new("cp")
        .arg("--recursive")
        .arg(rehearse_tests::root().join("scenarios/multus-on-crio-with-calico"))
        .arg(&own)
        .status()?;
    assert!(status.success());
    succeeds(&alone.run(&["check", "./my-scenario"])?)?;
    let output = alone.run(&["run", "./my-scenario", "--on", "capture"])?;
    succeeds(&output)?;
    Ok(())
}

#[test]
fn a_checkout_wins_over_what_the_program_carries() -> anyhow::Result<()> {
    let alone = Alone::new()?;
    let output = rehearse_tests::rehearse(&["run", "--on", "capture", "--out"])?
        .arg(alone.path().join("played"))
        .env("REHEARSE_CACHE", alone.path().join("cache"))
        .env_remove("REHEARSE_HOME")
        .output()?;
    succeeds(&output)?;
    let home = alone.home_of_played()?;
    assert!(home.starts_with("checkout "), "{home}");
    assert!(!alone.path().join("cache/data").exists());
    Ok(())
}
