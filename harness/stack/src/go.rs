//! Builds Go programs of one module version, as the main module of a folder of its own that requires it.
//!
//! So nothing of the module is changed: what its `go.mod` requires and replaces is required and replaced here too (folders,
//! which no module archive contains, by the versions that the catalogue names), and its `go.sum` says what must come.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rehearse_core::catalogue::Go;
use rehearse_core::lock::LockedModule;
use serde::Deserialize;

use super::work::is_own;
use crate::command::Command;

/// The file of a unit with the sum of the module that it was built from, as `go.sum` has it.
const SUM: &str = "module.sum";

/// What `go mod download -json` says, as far as it matters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Downloaded {
    #[serde(default)]
    dir: PathBuf,
    #[serde(default)]
    sum: String,
}

/// What `go mod edit -json` says of a `go.mod`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModuleFile {
    go: Option<String>,
    require: Option<Vec<Reference>>,
    replace: Option<Vec<Replace>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replace {
    old: Reference,
    new: Reference,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reference {
    path: String,
    #[serde(default)]
    version: String,
}

/// Builds all programs into `folder/programs`.
///
/// # Errors
/// What the go command says; all of it is in `log`.
pub(crate) async fn build(go: &Go, kind: &Path, folder: &Path, log: &Path) -> Result<()> {
    let work = folder.join("work");
    let programs = folder.join("programs");
    for folder in [&work, &programs] {
        fs::create_dir_all(folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
    }
    for package in go.programs.values().filter(|package| is_own(package)) {
        copy_package(&kind.join(package), &work.join(name_of(package)))?;
    }
    if !go.module.is_empty() {
        let sum = write_module(go, &work, log).await?;
        write(&folder.join(SUM), &sum)?;
    }
    for (program, package) in &go.programs {
        // A folder that needs no module is a module of its own.
        let (directory, package) = match (is_own(package), go.module.is_empty()) {
            (true, true) => (work.join(name_of(package)), ".".to_owned()),
            (true, false) => (work.clone(), format!("./{}", name_of(package))),
            (false, _) => (work.clone(), package.clone()),
        };
        let variables = go
            .variables
            .iter()
            .map(|(name, value)| format!(" -X {name}={value}"));
        let mut command = command(go, log).current_dir(directory).arg("build");
        if !go.tags.is_empty() {
            command = command.args(["-tags", &go.tags.join(",")]);
        }
        command = command.args([
            "-ldflags",
            &format!("-s -w{}", variables.collect::<String>()),
            "-o",
        ]);
        command
            .arg(programs.join(program))
            .arg(package)
            .run()
            .await
            .with_context(|| format!("failed to build {program}"))?;
    }
    fs::remove_dir_all(&work).with_context(|| format!("failed to remove {}", work.display()))
}

/// The go command with what the recipe fixes; where things come from is the user's own configuration.
fn command(go: &Go, log: &Path) -> Command {
    let command = Command::new("go")
        .log(log)
        .env("GOTOOLCHAIN", &go.toolchain)
        .env("GOFLAGS", "-trimpath -buildvcs=false -mod=mod")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", if go.cgo { "1" } else { "0" });
    if go.unverified {
        command.env("GONOSUMDB", &go.module)
    } else {
        command
    }
}

/// Writes `go.mod` and `go.sum`; gives the module's own sum.
async fn write_module(go: &Go, work: &Path, log: &Path) -> Result<String> {
    let module = format!("{}@{}", go.module, go.version);
    let downloaded = command(go, log)
        .current_dir(work)
        .args(["mod", "download", "-json", &module])
        .run()
        .await?;
    let downloaded: Downloaded = serde_json::from_slice(&downloaded.stdout)
        .with_context(|| format!("failed to understand where {module} is"))?;
    let file = command(go, log)
        .current_dir(work)
        .args(["mod", "edit", "-json"])
        .arg(downloaded.dir.join("go.mod"))
        .run()
        .await?;
    let file: ModuleFile = serde_json::from_slice(&file.stdout)
        .with_context(|| format!("failed to read the go.mod of {module}"))?;
    write(&work.join("go.mod"), &module_file(go, &file))?;
    let sums = fs::read(downloaded.dir.join("go.sum"))
        .with_context(|| format!("failed to read the go.sum of {module}"))?;
    // The original is read-only, and the go command adds to this one what our own packages need besides.
    fs::write(work.join("go.sum"), sums)
        .with_context(|| format!("failed to write the go.sum for {module}"))?;
    Ok(downloaded.sum)
}

/// The module that a unit in this folder was built from. Where the unit does not say the module's sum, the go command's
/// own cache may.
pub(crate) fn locked(go: &Go, folder: &Path) -> LockedModule {
    let sum = fs::read_to_string(folder.join(SUM)).ok().or_else(|| {
        let file = module_cache()?
            .join("cache/download")
            .join(escaped(&go.module))
            .join("@v")
            .join(format!("{}.ziphash", escaped(&go.version)));
        fs::read_to_string(file).ok()
    });
    LockedModule {
        module: go.module.clone(),
        version: go.version.clone(),
        toolchain: go.toolchain.clone(),
        sum: sum.filter(|sum| !sum.is_empty()),
    }
}

fn module_cache() -> Option<PathBuf> {
    let of = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    of("GOMODCACHE")
        .or_else(|| Some(of("GOPATH")?.join("pkg/mod")))
        .or_else(|| Some(of("HOME")?.join("go/pkg/mod")))
}

/// As the module cache writes names: an upper-case letter as `!` and the lower-case one.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(character.to_ascii_lowercase());
    }
    escaped
}

fn module_file(go: &Go, file: &ModuleFile) -> String {
    use std::fmt::Write as _;
    let mut text = "module rehearse.invalid/stack\n".to_owned();
    let mut line =
        |arguments: std::fmt::Arguments<'_>| text.write_fmt(arguments).unwrap_or_default();
    if let Some(version) = &file.go {
        line(format_args!("\ngo {version}\n"));
    }
    line(format_args!("\nrequire {} {}\n", go.module, go.version));
    // With the module's own requirements the same versions are found in the same places as in the module itself; with fewer
    // the go command also looks into modules that the module never sees, and may find a package twice.
    for Reference { path, version } in file.require.iter().flatten() {
        line(format_args!("\nrequire {path} {version}\n"));
    }
    for Replace { old, new } in file.replace.iter().flatten() {
        if go.replacements.contains_key(&old.path) {
            continue;
        }
        let from = format!("{} {}", old.path, old.version);
        let from = from.trim_end();
        let is_folder = new.path.starts_with('.') || new.path.starts_with('/');
        match (is_folder, &go.folders) {
            (false, _) => line(format_args!(
                "\nreplace {from} => {} {}\n",
                new.path, new.version
            )),
            // Some are there only to forbid a module, and have no version.
            (true, Some(version)) if !new.path.contains("FORBIDDEN") => {
                line(format_args!("\nreplace {from} => {} {version}\n", old.path));
            }
            (true, _) => {}
        }
    }
    for (old, new) in &go.replacements {
        line(format_args!(
            "\nreplace {old} => {} {}\n",
            new.module, new.version
        ));
    }
    text
}

fn name_of(package: &str) -> &str {
    package.rsplit('/').next().unwrap_or(package)
}

fn copy_package(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("failed to make {}", to.display()))?;
    for path in super::cache::entries(from)? {
        if let Some(name) = path.file_name() {
            fs::copy(&path, to.join(name))
                .with_context(|| format!("failed to copy {}", path.display()))?;
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use rehearse_core::catalogue::Replacement;

    use super::*;

    #[test]
    fn a_unit_says_what_it_was_built_from() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let go = Go {
            module: "example.org/Upper".to_owned(),
            version: "v1.0.0".to_owned(),
            toolchain: "go1.26.8".to_owned(),
            ..Go::default()
        };
        assert_eq!(locked(&go, folder.path()).sum, None);
        write(&folder.path().join(SUM), "h1:aa=")?;
        assert_eq!(locked(&go, folder.path()).sum.as_deref(), Some("h1:aa="));
        assert_eq!(escaped(&go.module), "example.org/!upper");
        Ok(())
    }

    #[test]
    fn what_the_module_replaces_is_replaced_again() -> Result<()> {
        let file: ModuleFile = serde_json::from_str(
            r#"{"Go":"1.24.0","Require":[{"Path":"k8s.io/api","Version":"v0.0.0"}],"Replace":[
                {"Old":{"Path":"k8s.io/api"},"New":{"Path":"./staging/src/k8s.io/api"}},
                {"Old":{"Path":"example.org/a","Version":"v1.0.0"},"New":{"Path":"example.org/b","Version":"v1.1.0"}},
                {"Old":{"Path":"example.org/never"},"New":{"Path":"./FORBIDDEN_DEPENDENCY"}},
                {"Old":{"Path":"example.org/mine"},"New":{"Path":"./mine"}}]}"#,
        )?;
        let mine = Replacement {
            module: "example.org/mine".to_owned(),
            version: "v0.3.0".to_owned(),
        };
        let go = Go {
            module: "k8s.io/kubernetes".to_owned(),
            version: "v1.34.4".to_owned(),
            folders: Some("v0.34.4".to_owned()),
            replacements: [("example.org/mine".to_owned(), mine)].into(),
            ..Go::default()
        };
        insta::assert_snapshot!(module_file(&go, &file), @r"
        module rehearse.invalid/stack

        go 1.24.0

        require k8s.io/kubernetes v1.34.4

        require k8s.io/api v0.0.0

        replace k8s.io/api => k8s.io/api v0.34.4

        replace example.org/a v1.0.0 => example.org/b v1.1.0

        replace example.org/mine => example.org/mine v0.3.0
        ");
        Ok(())
    }
}
