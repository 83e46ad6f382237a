//! Builds Go programs of one module version, as the main module of a folder of its own that requires it.
//!
//! So nothing of the module is changed: what its `go.mod` requires and replaces is required and replaced here too (folders,
//! which no module archive contains, by the versions that the catalogue names), and its `go.sum` says what must come. Once
//! the requirements are written they stay: a package that they lack is an error, and is looked for nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
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
    path: String,
    version: String,
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
        let sum = write_module(go, folder, &work, log).await?;
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
        .env("GOFLAGS", "-trimpath -buildvcs=false -mod=readonly")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", if go.cgo { "1" } else { "0" });
    // The catalogue's sum takes the place of the checksum database's, and the module's own `go.sum` that of what is below it.
    let mut unverified: Vec<String> = sums(go).into_keys().map(str::to_owned).collect();
    if unverified.is_empty() {
        return command;
    }
    let of_user = std::env::var("GONOSUMDB").or_else(|_| std::env::var("GOPRIVATE"));
    unverified.extend(of_user.ok().filter(|patterns| !patterns.is_empty()));
    command.env("GONOSUMDB", unverified.join(","))
}

/// The sums that the catalogue has, by module.
fn sums(go: &Go) -> BTreeMap<&str, &str> {
    let own = go.sum.iter().map(|sum| (go.module.as_str(), sum.as_str()));
    let others = go.replacements.values();
    let others = others.filter_map(|other| Some((other.module.as_str(), other.sum.as_deref()?)));
    own.chain(others).collect()
}

/// Writes `go.mod` and `go.sum` with all that the programs need; gives the module's own sum.
async fn write_module(go: &Go, folder: &Path, work: &Path, log: &Path) -> Result<String> {
    let mut modules = vec![format!("{}@{}", go.module, go.version)];
    let others = go.replacements.values();
    modules.extend(others.map(|other| format!("{}@{}", other.module, other.version)));
    let downloaded = download(go, folder, log, &modules).await?;
    let own = downloaded.iter().find(|module| module.path == go.module);
    let own = own.with_context(|| format!("failed to understand where {} is", modules[0]))?;
    for package in go.programs.values().filter(|package| !is_own(package)) {
        there_is(package, go, &own.dir)?;
    }
    let file = described(go, folder, log, &own.dir.join("go.mod")).await?;
    write(&work.join("go.mod"), &module_file(go, &file))?;
    for (index, path) in go.stand_ins.iter().enumerate() {
        let folder = work.join(stand_in(index));
        fs::create_dir(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
        write(&folder.join("go.mod"), &format!("module {path}\n"))?;
    }
    // The original is read-only, and the go command adds to this one what is taken from elsewhere than in the module itself.
    let sums = fs::read(own.dir.join("go.sum"))
        .with_context(|| format!("failed to read the go.sum of {}", go.module))?;
    fs::write(work.join("go.sum"), sums)
        .with_context(|| format!("failed to write the go.sum for {}", go.module))?;
    let mut known = paths(file.require);
    known.insert(go.module.clone());
    for module in downloaded.iter().filter(|one| !std::ptr::eq(*one, own)) {
        known.extend(paths(
            described(go, folder, log, &module.dir.join("go.mod"))
                .await?
                .require,
        ));
    }
    let packages = go.programs.values().map(|package| {
        let own = is_own(package).then(|| format!("./{}", name_of(package)));
        own.unwrap_or_else(|| package.clone())
    });
    let mut list = command(go, log)
        .current_dir(work)
        .env("GOFLAGS", "-mod=mod")
        .args(["list", "-deps", "-f", ""]);
    if !go.tags.is_empty() {
        list = list.args(["-tags", &go.tags.join(",")]);
    }
    list.args(packages).run().await?;
    let written = described(go, folder, log, &work.join("go.mod")).await?;
    same_requirements(go, &known, written)?;
    Ok(own.sum.clone())
}

fn paths(references: Option<Vec<Reference>>) -> BTreeSet<String> {
    let references = references.into_iter().flatten();
    references.map(|reference| reference.path).collect()
}

/// Looks for a package in the module's folder: the go command would look for a missing one in other modules and versions.
fn there_is(package: &str, go: &Go, folder: &Path) -> Result<()> {
    let inner = package.strip_prefix(&go.module);
    let inner = inner.map(|inner| inner.trim_start_matches('/'));
    if inner.is_none_or(|inner| !folder.join(inner).is_dir()) {
        bail!(
            "failed to find package {package}: module {} {} has none of this name (hint: a recipe for other versions may name it otherwise)",
            go.module,
            go.version
        );
    }
    Ok(())
}

/// Refuses requirements that nobody wrote: the go command then found a package elsewhere than the module does.
fn same_requirements(go: &Go, known: &BTreeSet<String>, written: ModuleFile) -> Result<()> {
    for Reference { path, version } in written.require.into_iter().flatten() {
        if !known.contains(&path) {
            bail!(
                "failed to build {} {}: one of its packages needs module {path} {version}, which neither it nor what replaces others in it requires",
                go.module,
                go.version
            );
        }
        if path == go.module && version != go.version {
            bail!(
                "failed to build {path} {}: one of its packages is only in {version}",
                go.version
            );
        }
    }
    Ok(())
}

/// Downloads modules, `PATH@VERSION`, and compares their sums with those that the catalogue has. `folder` is in no module, so
/// that none is asked what it replaces.
async fn download(
    go: &Go,
    folder: &Path,
    log: &Path,
    modules: &[String],
) -> Result<Vec<Downloaded>> {
    let said = command(go, log)
        .current_dir(folder)
        .args(["mod", "download", "-json"])
        .args(modules)
        .run()
        .await?;
    let stream = serde_json::Deserializer::from_slice(&said.stdout).into_iter();
    let downloaded: Vec<Downloaded> = stream
        .collect::<Result<_, _>>()
        .with_context(|| format!("failed to understand where {} is", modules.join(", ")))?;
    let known = sums(go);
    for module in &downloaded {
        if let Some(known) = known.get(module.path.as_str()) {
            compare(&module.path, &module.version, &module.sum, known)?;
        }
    }
    Ok(downloaded)
}

fn compare(path: &str, version: &str, sum: &str, known: &str) -> Result<()> {
    if sum != known {
        bail!(
            "failed to take {path} {version}: its sum is {sum}, and the catalogue has {known} (hint: somebody changed the module, or the catalogue has the sum of another version)"
        );
    }
    Ok(())
}

/// What a `go.mod` says.
async fn described(go: &Go, folder: &Path, log: &Path, file: &Path) -> Result<ModuleFile> {
    let said = command(go, log)
        .current_dir(folder)
        .args(["mod", "edit", "-json"])
        .arg(file)
        .run()
        .await?;
    serde_json::from_slice(&said.stdout)
        .with_context(|| format!("failed to read {}", file.display()))
}

/// Compares the sum of what a unit was built from with the one that the catalogue has by now.
///
/// # Errors
/// When they differ.
pub(crate) fn verify(go: &Go, folder: &Path) -> Result<()> {
    match (&locked(go, folder).sum, &go.sum) {
        (Some(sum), Some(known)) => compare(&go.module, &go.version, sum, known),
        _ => Ok(()),
    }
}

/// The folder of an empty module that stands in for one that cannot be had.
fn stand_in(index: usize) -> String {
    format!("stand-in-{index}")
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
        if go.replacements.contains_key(&old.path) || go.stand_ins.contains(&old.path) {
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
    for (index, path) in go.stand_ins.iter().enumerate() {
        line(format_args!("\nreplace {path} => ./{}\n", stand_in(index)));
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
                {"Old":{"Path":"example.org/none"},"New":{"Path":"./none"}},
                {"Old":{"Path":"example.org/mine"},"New":{"Path":"./mine"}}]}"#,
        )?;
        let mine = Replacement {
            module: "example.org/mine".to_owned(),
            version: "v0.3.0".to_owned(),
            sum: None,
        };
        let go = Go {
            module: "k8s.io/kubernetes".to_owned(),
            version: "v1.34.4".to_owned(),
            folders: Some("v0.34.4".to_owned()),
            replacements: [("example.org/mine".to_owned(), mine)].into(),
            stand_ins: vec!["example.org/none".to_owned()],
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

        replace example.org/none => ./stand-in-0
        ");
        Ok(())
    }

    #[test]
    fn another_sum_than_the_catalogues_stops_the_build() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut go = Go {
            module: "example.org/moved".to_owned(),
            version: "v1.0.0".to_owned(),
            sum: Some("h1:aa=".to_owned()),
            ..Go::default()
        };
        write(&folder.path().join(SUM), "h1:aa=")?;
        verify(&go, folder.path())?;
        write(&folder.path().join(SUM), "h1:bb=")?;
        let told = verify(&go, folder.path()).err();
        let told = told.map(|error| error.to_string()).unwrap_or_default();
        insta::assert_snapshot!(told, @"failed to take example.org/moved v1.0.0: its sum is h1:bb=, and the catalogue has h1:aa= (hint: somebody changed the module, or the catalogue has the sum of another version)");
        let key = serde_json::to_string(&go)?;
        assert!(key.contains("\"unverified\":true") && !key.contains("h1:"));
        go.sum = None;
        verify(&go, folder.path())
    }

    #[test]
    fn a_package_that_the_module_lacks_is_named() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir_all(folder.path().join("cmd/there"))?;
        let go = Go {
            module: "example.org/weft".to_owned(),
            version: "v1.0.0".to_owned(),
            ..Go::default()
        };
        there_is("example.org/weft/cmd/there", &go, folder.path())?;
        there_is("example.org/weft", &go, folder.path())?;
        let told = there_is("example.org/weft/cmd/other", &go, folder.path()).err();
        let told = told.map(|error| error.to_string()).unwrap_or_default();
        insta::assert_snapshot!(told, @"failed to find package example.org/weft/cmd/other: module example.org/weft v1.0.0 has none of this name (hint: a recipe for other versions may name it otherwise)");
        Ok(())
    }

    #[test]
    fn requirements_that_nobody_wrote_are_refused() -> Result<()> {
        let go = Go {
            module: "example.org/weft".to_owned(),
            version: "v1.0.0".to_owned(),
            ..Go::default()
        };
        let known = ["example.org/weft", "example.org/a"]
            .map(str::to_owned)
            .into();
        let told = |text: &str| -> Result<String> {
            let file = serde_json::from_str(text)?;
            let refused = same_requirements(&go, &known, file).err();
            Ok(refused.map(|error| error.to_string()).unwrap_or_default())
        };
        let raised = r#"{"Require":[{"Path":"example.org/weft","Version":"v1.0.0"},{"Path":"example.org/a","Version":"v9.0.0"}]}"#;
        assert_eq!(told(raised)?, "");
        insta::assert_snapshot!(told(&raised.replace("weft\",\"Version\":\"v1", "weft\",\"Version\":\"v2"))?, @"failed to build example.org/weft v1.0.0: one of its packages is only in v2.0.0");
        insta::assert_snapshot!(told(&raised.replace("org/a", "org/b"))?, @"failed to build example.org/weft v1.0.0: one of its packages needs module example.org/b v9.0.0, which neither it nor what replaces others in it requires");
        Ok(())
    }

    #[test]
    fn the_catalogues_sums_take_the_place_of_the_checksum_database() {
        let mut go = Go {
            module: "example.org/moved".to_owned(),
            ..Go::default()
        };
        assert!(sums(&go).is_empty());
        go.sum = Some("h1:aa=".to_owned());
        let other = Replacement {
            module: "example.org/other".to_owned(),
            version: "v1.0.0".to_owned(),
            sum: Some("h1:bb=".to_owned()),
        };
        go.replacements.insert("example.org/api".to_owned(), other);
        let expected = [
            ("example.org/moved", "h1:aa="),
            ("example.org/other", "h1:bb="),
        ];
        assert_eq!(sums(&go), expected.into());
    }
}
