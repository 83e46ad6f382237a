//! What a selection of components consists of: units of work, each with a key and with the units that it needs.
//!
//! A key is the sha256 of everything that goes into a unit: the catalogue's recipe, the files of `kind/`, the keys of the
//! units below. No unit is built here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rehearse_core::catalogue::{Catalogue, Entry, Source};
use semver::Version;
use serde::Serialize;

use super::cache;
use super::own::Own;
use super::work::Work;

/// Changed when the way in which units are built changes, so that old ones are not taken for new ones.
const FORMAT: u32 = 1;

/// How many characters of a key stand in names.
const SHORT: usize = 12;

/// The name under which the parts that belong to no component are kept.
const ALL: &str = "stack";

/// One thing to build.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The component.
    pub component: String,
    /// Its version.
    pub version: String,
    /// What to do.
    pub work: Work,
    /// The units that must be there first, by index.
    pub inputs: Vec<usize>,
    /// The sha256 of all that goes in, in hexadecimal.
    pub key: String,
    /// Where it is when it is complete.
    pub folder: PathBuf,
    /// About how many seconds it takes on two cores from empty caches.
    pub seconds: u64,
}

impl Unit {
    /// The first characters of the key.
    pub fn short_key(&self) -> &str {
        short(&self.key)
    }

    /// `calico 3.28.4 programs`.
    pub fn title(&self) -> String {
        format!("{} {} {}", self.component, self.version, self.work.kind())
    }

    /// Whether it is there.
    pub fn is_complete(&self) -> bool {
        cache::describe(&self.folder).is_some_and(|description| description.key == self.key)
    }
}

fn short(key: &str) -> &str {
    &key[..SHORT.min(key.len())]
}

/// All units of a selection, so that each stands after those that it needs.
#[derive(Clone, Debug, Default)]
pub struct Units {
    /// The units.
    pub list: Vec<Unit>,
    /// The selection.
    pub selection: BTreeMap<String, Version>,
}

/// What the lists of [`Units`] are made with.
struct Making<'a> {
    kind: &'a Path,
    stack: &'a Path,
    units: Units,
}

impl Units {
    /// The units of a selection. `kind` is this repository's folder, `stack` the cache's.
    ///
    /// # Errors
    /// A recipe that names what is not there: a component, a program, a file.
    pub fn of(
        catalogue: &Catalogue,
        source: Source,
        selection: &BTreeMap<String, Version>,
        own: &Own,
        kind: &Path,
        stack: &Path,
    ) -> Result<Self> {
        let units = Self {
            list: Vec::new(),
            selection: selection.clone(),
        };
        let mut making = Making { kind, stack, units };
        let entries: Vec<(&String, &Version, &Entry)> = selection
            .iter()
            .filter_map(|(name, version)| {
                Some((name, version, catalogue.components.get(name)?.get(version)?))
            })
            .collect();
        // Programs and root file systems first: images and printed manifests need them, of whatever component.
        for &(name, version, entry) in &entries {
            for (work, seconds) in Work::programs(entry, source) {
                making.add(name, &version.to_string(), work, &[], seconds)?;
            }
        }
        for &(name, version, entry) in &entries {
            for work in Work::products(entry, source, own) {
                let needs = work.needs();
                making.add(name, &version.to_string(), work, &needs, 0)?;
            }
        }
        let tools: Vec<String> = entries
            .iter()
            .flat_map(|(name, _, entry)| Work::tools(name, entry, source))
            .collect();
        if !tools.is_empty() {
            let work = Work::Tools(tools);
            let needs = work.needs();
            making.add(ALL, "all", work, &needs, 0)?;
        }
        let images: Vec<usize> = making.units.indices("images").collect();
        for work in [Work::Store, Work::Contents] {
            making.add_over(ALL, "all", work, images.clone(), 30)?;
        }
        Ok(making.units)
    }

    /// The unit of a component and kind.
    pub fn find(&self, component: &str, kind: &str) -> Option<&Unit> {
        self.list
            .iter()
            .find(|unit| unit.component == component && unit.work.kind() == kind)
    }

    /// The units of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Unit> {
        self.list
            .iter()
            .filter(move |unit| unit.work.kind() == kind)
    }

    /// The file of a program, named as `COMPONENT/PROGRAM`.
    ///
    /// # Errors
    /// When there is no such component among the units, or the name is not of that form.
    pub fn program(&self, name: &str) -> Result<PathBuf> {
        let (component, program) = name.split_once('/').with_context(|| {
            format!("failed to understand program {name} (hint: it is COMPONENT/PROGRAM)")
        })?;
        let unit = self
            .find(component, "programs")
            .with_context(|| format!("failed to find who builds {name}"))?;
        Ok(unit.folder.join("programs").join(program))
    }

    fn indices(&self, kind: &'static str) -> impl Iterator<Item = usize> {
        self.list
            .iter()
            .enumerate()
            .filter(move |(_, unit)| unit.work.kind() == kind)
            .map(|(index, _)| index)
    }
}

impl Making<'_> {
    fn add(
        &mut self,
        component: &str,
        version: &str,
        work: Work,
        needs: &[(String, &'static str)],
        seconds: u64,
    ) -> Result<()> {
        let mut inputs = Vec::new();
        for (other, kind) in needs {
            let found = self
                .units
                .list
                .iter()
                .position(|unit| unit.component == *other && unit.work.kind() == *kind);
            let Some(index) = found else {
                bail!(
                    "failed to plan {component} {version}: it needs {kind} of {other}, which the source does not have"
                );
            };
            if !inputs.contains(&index) {
                inputs.push(index);
            }
        }
        self.add_over(component, version, work, inputs, seconds)
    }

    fn add_over(
        &mut self,
        component: &str,
        version: &str,
        work: Work,
        inputs: Vec<usize>,
        seconds: u64,
    ) -> Result<()> {
        #[derive(Serialize)]
        struct Recipe<'a> {
            format: u32,
            work: &'a Work,
            files: BTreeMap<String, String>,
            inputs: Vec<&'a str>,
        }
        let mut files = BTreeMap::new();
        for path in work.files() {
            let whole = self.kind.join(&path);
            let digest = if whole.is_dir() {
                cache::folder_digest(&whole)
            } else {
                cache::file_digest(&whole)
            };
            files.insert(path, digest?);
        }
        let below = inputs
            .iter()
            .map(|&index| self.units.list[index].key.as_str())
            .collect();
        let key = cache::value_digest(&Recipe {
            format: FORMAT,
            work: &work,
            files,
            inputs: below,
        })?;
        let folder = self.stack.join(format!(
            "{component}-{}-{version}-{}",
            work.kind(),
            short(&key)
        ));
        self.units.list.push(Unit {
            component: component.to_owned(),
            version: version.to_owned(),
            work,
            inputs,
            key,
            folder,
            seconds,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, kind: &Path) -> Result<Units> {
        let catalogue = Catalogue::parse("catalogue.yaml", text)?;
        let selection = catalogue.select(Source::Module, &BTreeMap::new())?;
        Units::of(
            &catalogue,
            Source::Module,
            &selection,
            &Own::default(),
            kind,
            Path::new("/cache"),
        )
    }

    const TEXT: &str = "
pins: { module: { tool: 1.0.0, other: 1.0.0 } }
components:
  other:
    recipes: [{ module: { go: { toolchain: go1.26.8, programs: { other: programs/other } } } }]
    versions: { 1.0.0: {} }
  tool:
    recipes: [{ module: { images: { tool: { references: [tool], programs: { /other: other/other } } } } }]
    versions: { 1.0.0: {} }
";

    #[test]
    fn a_changed_file_changes_every_key_above_it() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let program = folder.path().join("programs/other");
        std::fs::create_dir_all(&program)?;
        std::fs::write(program.join("main.go"), "package main")?;
        let keys = |units: Units| {
            units
                .list
                .into_iter()
                .map(|unit| unit.key)
                .collect::<Vec<_>>()
        };
        let before = keys(units(TEXT, folder.path())?);
        assert_eq!(before, keys(units(TEXT, folder.path())?));
        std::fs::write(program.join("main.go"), "package main // changed")?;
        let after = keys(units(TEXT, folder.path())?);
        assert_eq!(before.len(), 4, "programs, images, store, contents");
        assert!(
            before
                .iter()
                .zip(&after)
                .all(|(before, after)| before != after)
        );
        Ok(())
    }

    #[test]
    fn an_image_of_a_component_that_is_not_there_has_a_name() {
        let text = TEXT.replace("other/other", "another/other");
        let folder = tempfile::tempdir();
        let failure = folder.map_err(anyhow::Error::from).and_then(|folder| {
            std::fs::create_dir_all(folder.path().join("programs/other"))?;
            std::fs::write(folder.path().join("programs/other/main.go"), "")?;
            units(&text, folder.path())
        });
        let message = failure
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        insta::assert_snapshot!(message, @"failed to plan tool 1.0.0: it needs programs of another, which the source does not have");
    }
}
