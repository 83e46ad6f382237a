//! The kinds of work that a stack is built of, and which of them a catalogue's entry asks for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rehearse_core::catalogue::{
    Entry, FetchedFile, Go, Image, ManifestPart, Package, Registry, RootFileSystem, Source,
};
use serde::Serialize;

use super::own::Own;

/// What to do for one unit.
#[derive(Clone, Debug, Serialize)]
pub enum Work {
    /// Builds Go programs.
    Go(Go),
    /// Takes programs out of a distribution package.
    Package(Package),
    /// Fetches programs.
    FetchedPrograms(BTreeMap<String, FetchedFile>),
    /// Makes a root file system.
    RootFileSystem(RootFileSystem),
    /// Makes images of programs and files.
    Images(Vec<Image>),
    /// Fetches images, and builds what a Dockerfile says.
    FetchedImages(Registry),
    /// Takes images from the user's engine: image id by reference.
    OwnImages(BTreeMap<String, String>),
    /// Renders manifests.
    Manifests(BTreeMap<String, Vec<ManifestPart>>),
    /// Fetches manifests.
    FetchedManifests(BTreeMap<String, Vec<FetchedFile>>),
    /// Takes manifests from the user's folder: files in order with their digests, by manifest.
    OwnManifests(BTreeMap<String, Vec<(PathBuf, String)>>),
    /// Gathers the programs, `COMPONENT/PROGRAM`, that every node finds in `/opt/rehearse/bin`.
    Tools(Vec<String>),
    /// Puts all images for nodes into one store.
    Store,
    /// Lays all images for nodes out as a registry's contents.
    Contents,
}

impl Work {
    /// The kind of its result; also a part of its name in the cache.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Go(_) | Self::Package(_) | Self::FetchedPrograms(_) => "programs",
            Self::RootFileSystem(_) => "root",
            Self::Images(_) | Self::FetchedImages(_) | Self::OwnImages(_) => "images",
            Self::Manifests(_) | Self::FetchedManifests(_) | Self::OwnManifests(_) => "manifests",
            Self::Tools(_) => "tools",
            Self::Store => "store",
            Self::Contents => "contents",
        }
    }

    /// What it is made from, for the record.
    pub fn origin(&self) -> String {
        match self {
            Self::Go(go) if go.module.is_empty() => {
                format!("programs of this repository, {}", go.toolchain)
            }
            Self::Go(go) => format!("module {} {}, {}", go.module, go.version, go.toolchain),
            Self::Package(package) => format!("package {} of {}", package.name, package.suite),
            Self::RootFileSystem(root) => format!("packages of {}", root.suite),
            Self::FetchedPrograms(_) | Self::FetchedManifests(_) => "files as published".to_owned(),
            Self::FetchedImages(_) => "images as published".to_owned(),
            Self::OwnImages(_) => "images of this machine's engine".to_owned(),
            Self::OwnManifests(_) => "manifests of the user".to_owned(),
            Self::Images(_)
            | Self::Manifests(_)
            | Self::Tools(_)
            | Self::Store
            | Self::Contents => "this repository".to_owned(),
        }
    }

    /// Programs and root file systems of an entry, with about how many seconds each takes.
    pub(super) fn programs(entry: &Entry, source: Source) -> Vec<(Self, u64)> {
        let mut work = Vec::new();
        if source == Source::Registry {
            let programs = entry.registry.iter().map(|registry| &registry.programs);
            work.extend(
                programs
                    .filter(|programs| !programs.is_empty())
                    .map(|programs| (Self::FetchedPrograms(programs.clone()), 10)),
            );
        } else if let Some(module) = &entry.module {
            // A local build of a component brings images and manifests; what runs beside them still comes from the module.
            work.extend(module.go.clone().map(|go| (Self::Go(go), module.seconds)));
            work.extend(
                module
                    .package
                    .clone()
                    .map(|package| (Self::Package(package), 5)),
            );
            work.extend(
                module
                    .root_file_system
                    .clone()
                    .map(|root| (Self::RootFileSystem(root), module.seconds)),
            );
        }
        work
    }

    /// The programs of a component, `COMPONENT/PROGRAM`, that every node finds in `/opt/rehearse/bin`.
    pub(super) fn tools(component: &str, entry: &Entry, source: Source) -> Vec<String> {
        let names = match (source, &entry.registry, &entry.module) {
            (Source::Registry, Some(registry), _) => &registry.on_nodes,
            (Source::Module | Source::Local, _, Some(module)) => &module.on_nodes,
            _ => return Vec::new(),
        };
        names
            .iter()
            .map(|name| format!("{component}/{name}"))
            .collect()
    }

    /// Images and manifests of an entry.
    pub(super) fn products(entry: &Entry, source: Source, own: &Own) -> Vec<Self> {
        match (source, &entry.local, &entry.registry, &entry.module) {
            (Source::Local, Some(local), _, _) if own.has(local) => {
                let manifests = local.manifests.iter();
                let manifests = manifests
                    .filter_map(|name| Some((name.clone(), own.manifests.get(name)?.clone())));
                let images = local.images.iter();
                let images = images.map(|name| {
                    (
                        name.clone(),
                        own.images.get(name).cloned().unwrap_or_default(),
                    )
                });
                vec![
                    Self::OwnImages(images.collect()),
                    Self::OwnManifests(manifests.collect()),
                ]
            }
            (Source::Registry, _, Some(registry), _) => {
                let mut work = Vec::new();
                if !registry.images.is_empty() || registry.dockerfile.is_some() {
                    work.push(Self::FetchedImages(registry.clone()));
                }
                if !registry.manifests.is_empty() {
                    work.push(Self::FetchedManifests(registry.manifests.clone()));
                }
                work
            }
            (Source::Module | Source::Local, _, _, Some(module)) => {
                let mut work = Vec::new();
                if !module.images.is_empty() {
                    work.push(Self::Images(module.images.clone()));
                }
                if !module.manifests.is_empty() {
                    work.push(Self::Manifests(module.manifests.clone()));
                }
                work
            }
            _ => Vec::new(),
        }
    }

    /// The components and kinds of the units that it needs.
    pub(super) fn needs(&self) -> Vec<(String, &'static str)> {
        let component = |program: &str| {
            (
                program.split('/').next().unwrap_or_default().to_owned(),
                "programs",
            )
        };
        let mut needs = Vec::new();
        if let Self::Images(images) = self {
            for image in images {
                needs.extend(image.base.clone().map(|base| (base, "root")));
                needs.extend(image.programs.values().map(|program| component(program)));
            }
        }
        if let Self::Tools(programs) = self {
            needs.extend(programs.iter().map(|program| component(program)));
        }
        if let Self::Manifests(manifests) = self {
            for part in manifests.values().flatten() {
                if let ManifestPart::Printed(program) = part {
                    needs.push(component(program));
                }
            }
        }
        needs
    }

    /// Files and folders of `kind/` that go in.
    pub(super) fn files(&self) -> Vec<String> {
        match self {
            Self::Go(go) => go
                .programs
                .values()
                .filter(|package| is_own(package))
                .cloned()
                .collect(),
            Self::Images(images) => images
                .iter()
                .flat_map(|image| image.trees.clone())
                .collect(),
            Self::FetchedImages(registry) => {
                // The image is built over the same node files as the one from modules.
                let folder = registry.dockerfile.as_ref().map(|_| "node".to_owned());
                registry.dockerfile.iter().cloned().chain(folder).collect()
            }
            Self::Manifests(manifests) => {
                let file = |part: &ManifestPart| match part {
                    ManifestPart::Template { file, .. } => Some(file.clone()),
                    ManifestPart::Printed(_) => None,
                };
                manifests.values().flatten().filter_map(file).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether a package is a folder of this repository's `kind/`.
pub(crate) fn is_own(package: &str) -> bool {
    package.starts_with("programs/")
}
