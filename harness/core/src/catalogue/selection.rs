//! Which version of each component a run takes from a source.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use thiserror::Error;

use super::{Catalogue, Entry, Source};

/// What the source of the components has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Available {
    /// The source.
    pub source: Source,
    /// The versions that the source has of each component.
    pub versions: BTreeMap<String, BTreeSet<Version>>,
    /// The source's own version of each component that a cluster needs.
    pub pins: BTreeMap<String, Version>,
    /// What comes with a version of a component.
    pub companions: BTreeMap<String, BTreeMap<Version, BTreeMap<String, Version>>>,
    /// The versions of each component that any source has; what is missing here is not judged by it.
    pub everywhere: BTreeMap<String, BTreeSet<Version>>,
    /// The names of the manifests of each component's versions in the source; what is missing here is not judged by it.
    pub manifests: BTreeMap<String, BTreeMap<Version, BTreeSet<String>>>,
}

/// A component or version that the catalogue does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unknown {
    /// No such component.
    #[error("failed to find component {name} in source {source_name} (known: {known})")]
    Component {
        /// What was asked for.
        name: String,
        /// Where.
        source_name: Source,
        /// The names that there are.
        known: String,
    },
    /// No such version.
    #[error("failed to find version {version} of {name} in source {source_name} (known: {known})")]
    Version {
        /// The component.
        name: String,
        /// What was asked for.
        version: Version,
        /// Where.
        source_name: Source,
        /// The versions that there are.
        known: String,
    },
    /// Another version than the one that comes with what was chosen.
    #[error("failed to take {asked}: {chosen} comes with {companion}")]
    Companion {
        /// What was asked for, such as `tigera-operator 1.40.0`.
        asked: String,
        /// What was chosen besides.
        chosen: String,
        /// What comes with that.
        companion: String,
    },
}

impl Entry {
    /// The names of the manifests that a source has of this version.
    fn manifests(&self, source: Source) -> BTreeSet<String> {
        let module = self.module.iter().flat_map(|one| one.manifests.keys());
        let registry = self.registry.iter().flat_map(|one| one.manifests.keys());
        let local = self.local.iter().flat_map(|one| &one.manifests);
        match source {
            Source::Module => module.cloned().collect(),
            Source::Registry => registry.cloned().collect(),
            Source::Local => module.chain(local).cloned().collect(),
        }
    }

    /// Whether a source has this version. The local source takes what has no local form from modules: a user brings a
    /// build of one or two components, not of a whole node.
    pub fn has(&self, source: Source) -> bool {
        match source {
            Source::Module => self.module.is_some(),
            Source::Registry => self.registry.is_some(),
            Source::Local => self.local.is_some() || self.module.is_some(),
        }
    }
}

impl Catalogue {
    /// What a source has, for the resolution of a plan.
    pub fn available(&self, source: Source) -> Available {
        let versions = self
            .components
            .keys()
            .map(|name| (name.clone(), self.versions(name, source)))
            .filter(|(_, versions)| !versions.is_empty())
            .collect();
        Available {
            source,
            versions,
            pins: self.pins(source),
            companions: self.companions(),
            everywhere: self
                .components
                .iter()
                .map(|(name, entries)| (name.clone(), entries.keys().cloned().collect()))
                .collect(),
            manifests: self
                .components
                .iter()
                .map(|(name, entries)| {
                    let of_source = entries.iter().filter(|(_, entry)| entry.has(source));
                    let manifests = of_source
                        .map(|(version, entry)| (version.clone(), entry.manifests(source)));
                    (name.clone(), manifests.collect())
                })
                .collect(),
        }
    }

    fn companions(&self) -> BTreeMap<String, BTreeMap<Version, BTreeMap<String, Version>>> {
        let mut companions: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
        for (name, versions) in &self.components {
            for (version, entry) in versions.iter().filter(|(_, entry)| !entry.with.is_empty()) {
                let of_name = companions.entry(name.clone()).or_default();
                of_name.insert(version.clone(), entry.with.clone());
            }
        }
        companions
    }

    /// A source's own version of every component that a cluster needs.
    pub fn pins(&self, source: Source) -> BTreeMap<String, Version> {
        let of = |source| self.pins.get(&source).cloned().unwrap_or_default();
        let mut pins = match source {
            Source::Local => of(Source::Module),
            Source::Module | Source::Registry => BTreeMap::new(),
        };
        pins.extend(of(source));
        pins
    }

    /// The pins with the wanted versions, and what comes with them, in their place: every component that a run needs.
    ///
    /// # Errors
    /// A component or version that the source does not have; two wanted versions that do not belong together.
    pub fn select(
        &self,
        source: Source,
        wanted: &BTreeMap<String, Version>,
    ) -> Result<BTreeMap<String, Version>, Unknown> {
        let mut selected = self.pins(source);
        selected.extend(wanted.clone());
        for (name, version) in selected.clone() {
            let entry = self.components.get(&name).and_then(|all| all.get(&version));
            for (other, companion) in entry.into_iter().flat_map(|entry| &entry.with) {
                if let Some(asked) = wanted.get(other).filter(|asked| *asked != companion) {
                    return Err(Unknown::Companion {
                        asked: format!("{other} {asked}"),
                        chosen: format!("{name} {version}"),
                        companion: format!("{other} {companion}"),
                    });
                }
                selected.insert(other.clone(), companion.clone());
            }
        }
        for (name, version) in &selected {
            let versions = self.versions(name, source);
            if versions.is_empty() {
                let with_any = self
                    .components
                    .keys()
                    .filter(|name| !self.versions(name, source).is_empty());
                return Err(Unknown::Component {
                    name: name.clone(),
                    source_name: source,
                    known: with_any.cloned().collect::<Vec<_>>().join(", "),
                });
            }
            if !versions.contains(version) {
                let known: Vec<_> = versions.iter().map(Version::to_string).collect();
                return Err(Unknown::Version {
                    name: name.clone(),
                    version: version.clone(),
                    source_name: source,
                    known: known.join(", "),
                });
            }
        }
        Ok(selected)
    }

    /// The pins with one version in its place: by itself, or as what comes with a version of another component. None where
    /// nothing takes it.
    ///
    /// # Errors
    /// A component or version that the source does not have.
    pub fn select_one(
        &self,
        source: Source,
        name: &str,
        version: &Version,
    ) -> Result<Option<BTreeMap<String, Version>>, Unknown> {
        let one = |name: &str, version: &Version| {
            let wanted = BTreeMap::from([(name.to_owned(), version.clone())]);
            self.select(source, &wanted).map(Some)
        };
        match one(name, version) {
            Err(Unknown::Companion { .. }) => {}
            selected => return selected,
        }
        let others = self.components.iter().flat_map(|(other, versions)| {
            let versions = versions.iter();
            versions.map(move |(version, entry)| (other, version, entry))
        });
        let mut takers = others
            .filter(|(_, _, entry)| entry.has(source) && entry.with.get(name) == Some(version));
        match takers.next() {
            Some((other, version, _)) => one(other, version),
            None => Ok(None),
        }
    }

    fn versions(&self, component: &str, source: Source) -> BTreeSet<Version> {
        let entries = self.components.get(component).into_iter().flatten();
        entries
            .filter(|(_, entry)| entry.has(source))
            .map(|(version, _)| version.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
pins:
  module: { calico: 3.28.4, multus: 4.2.1 }
  registry: { calico: 3.25.0 }
components:
  calico:
    recipes:
      - { for: <3.26.0, registry: {} }
      - { for: '>=3.26.0', module: {} }
    versions: { 3.25.0: {}, 3.28.4: { module: { notes: [three more commits] } }, 3.27.0: { with: { operator: 1.32.3 } } }
  multus:
    recipes: [{ module: {}, local: { images: [multus:dev], manifests: [daemonset] } }]
    versions: { 4.2.1: {}, 4.0.2: {} }
  operator: { recipes: [{ module: {} }], versions: { 1.32.3: {}, 1.40.0: {} } }
";

    fn wanted(name: &str, version: Version) -> BTreeMap<String, Version> {
        BTreeMap::from([(name.to_owned(), version)])
    }

    #[test]
    fn a_wanted_version_takes_the_place_of_the_pin() -> Result<(), Box<dyn std::error::Error>> {
        let catalogue = Catalogue::parse("catalogue.yaml", TEXT)?;
        let selected =
            catalogue.select(Source::Module, &wanted("multus", Version::new(4, 0, 2)))?;
        let selected: Vec<_> = selected.iter().map(|(n, v)| format!("{n} {v}")).collect();
        assert_eq!(selected, ["calico 3.28.4", "multus 4.0.2"]);
        let available = catalogue.available(Source::Registry);
        assert_eq!(available.versions.keys().collect::<Vec<_>>(), ["calico"]);
        assert_eq!(catalogue.pins(Source::Local).len(), 2);
        Ok(())
    }

    #[test]
    fn unknown_names_list_the_known_ones() -> Result<(), Box<dyn std::error::Error>> {
        let catalogue = Catalogue::parse("catalogue.yaml", TEXT)?;
        let problem = |name, version| {
            let selected = catalogue.select(Source::Module, &wanted(name, version));
            selected.map_or_else(|error| error.to_string(), |_| String::new())
        };
        insta::assert_snapshot!(problem("multis", Version::new(4, 0, 2)), @"failed to find component multis in source module (known: calico, multus, operator)");
        insta::assert_snapshot!(problem("calico", Version::new(3, 25, 0)), @"failed to find version 3.25.0 of calico in source module (known: 3.27.0, 3.28.4)");
        Ok(())
    }

    #[test]
    fn what_belongs_to_a_version_comes_with_it() -> Result<(), Box<dyn std::error::Error>> {
        let catalogue = Catalogue::parse("catalogue.yaml", TEXT)?;
        let mut wanted = wanted("calico", Version::new(3, 27, 0));
        let selected = catalogue.select(Source::Module, &wanted)?;
        assert_eq!(selected["operator"], Version::new(1, 32, 3));
        wanted.insert("operator".to_owned(), Version::new(1, 40, 0));
        let told = catalogue.select(Source::Module, &wanted);
        let told = told.map_or_else(|error| error.to_string(), |_| String::new());
        insta::assert_snapshot!(told, @"failed to take operator 1.40.0: calico 3.27.0 comes with operator 1.32.3");
        let alone = catalogue.select_one(Source::Module, "operator", &Version::new(1, 40, 0))?;
        assert_eq!(alone.unwrap_or_default()["calico"], Version::new(3, 28, 4));
        let text = TEXT.replace("pins:\n  module: {", "pins:\n  module: { operator: 1.40.0,");
        let text = text.replace(
            "3.28.4: { module",
            "3.28.4: { with: { operator: 1.40.0 }, module",
        );
        let catalogue = Catalogue::parse("catalogue.yaml", &text)?;
        let taken = catalogue.select_one(Source::Module, "operator", &Version::new(1, 32, 3))?;
        assert_eq!(taken.unwrap_or_default()["calico"], Version::new(3, 27, 0));
        Ok(())
    }

    #[test]
    fn the_catalogue_of_this_repository_selects() -> Result<(), Box<dyn std::error::Error>> {
        let text = include_str!("../../../../kind/catalogue.yaml");
        let catalogue = Catalogue::parse("kind/catalogue.yaml", text)
            .map_err(|problems| problems.to_string())?;
        for source in [Source::Module, Source::Registry, Source::Local] {
            assert!(!catalogue.select(source, &BTreeMap::new())?.is_empty());
        }
        for version in [[3, 9, 3], [4, 0, 2], [4, 2, 1]] {
            let version = Version::new(version[0], version[1], version[2]);
            catalogue.select(Source::Module, &wanted("multus", version))?;
        }
        Ok(())
    }
}
