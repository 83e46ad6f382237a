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
}

impl Entry {
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
        }
    }

    /// The versions of each component that any source has.
    pub fn all_versions(&self) -> BTreeMap<String, BTreeSet<Version>> {
        let components = self.components.iter();
        let versions =
            components.map(|(name, entries)| (name.clone(), entries.keys().cloned().collect()));
        versions.collect()
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

    /// The pins with the wanted versions in their place: every component that a run needs.
    ///
    /// # Errors
    /// A component or version that the source does not have.
    pub fn select(
        &self,
        source: Source,
        wanted: &BTreeMap<String, Version>,
    ) -> Result<BTreeMap<String, Version>, Unknown> {
        let mut selected = self.pins(source);
        selected.extend(wanted.clone());
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
    3.25.0: { registry: {} }
    3.28.4: { module: { notes: [three more commits] } }
  multus:
    4.2.1: { module: {}, local: { images: [multus:dev], manifests: [daemonset] } }
    4.0.2: { module: {} }
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
        insta::assert_snapshot!(problem("multis", Version::new(4, 0, 2)), @"failed to find component multis in source module (known: calico, multus)");
        insta::assert_snapshot!(problem("calico", Version::new(3, 25, 0)), @"failed to find version 3.25.0 of calico in source module (known: 3.28.4)");
        Ok(())
    }

    #[test]
    fn an_unknown_key_has_a_place() {
        let text = TEXT.replace("notes:", "note:");
        let problems = Catalogue::parse("catalogue.yaml", &text).err();
        let problems = problems
            .map(|problems| problems.to_string())
            .unwrap_or_default();
        assert!(problems.contains("catalogue.yaml:8:"), "{problems}");
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
