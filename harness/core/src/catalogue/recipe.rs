//! How one version of a component is had: what to build, fetch or take, and what images and manifests it becomes.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Built on this machine from Go modules, distribution packages and files of this repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Module {
    /// What is not the upstream artefact; copied into the record.
    pub notes: Vec<String>,
    /// About how many seconds its programs take on two cores from empty caches.
    pub seconds: u64,
    /// Go programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub go: Option<Go>,
    /// Programs out of a distribution package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<Package>,
    /// A whole root file system of distribution packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_file_system: Option<RootFileSystem>,
    /// The component that this one is a part of, when it has nothing of its own to build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Names of its programs that every node finds in `/opt/rehearse/bin`.
    pub on_nodes: Vec<String>,
    /// Its images, written with names, by which a version says what is different of one.
    #[serde(deserialize_with = "in_order")]
    pub images: Vec<Image>,
    /// Its manifests by name; each is a list of files, applied in order.
    pub manifests: BTreeMap<String, Vec<ManifestPart>>,
}

/// Go programs of one module version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Go {
    /// The module's path; empty for a folder of this repository that needs none.
    pub module: String,
    /// The module's version.
    pub version: String,
    /// The toolchain that builds it, such as `go1.23.12`.
    pub toolchain: String,
    /// Whether C code is compiled too.
    pub cgo: bool,
    /// The module's `h1:` sum, where the checksum database does not know it; its own `go.sum` pins what it needs. A key says
    /// only whether there is one: the sum tells what the module is, and changes nothing of it.
    #[serde(
        rename(serialize = "unverified"),
        serialize_with = "whether_there_is_one"
    )]
    pub sum: Option<String>,
    /// Build tags.
    pub tags: Vec<String>,
    /// Variables that the linker sets.
    pub variables: BTreeMap<String, String>,
    /// Modules in place of others, by the module that is replaced.
    pub replacements: BTreeMap<String, Replacement>,
    /// Modules that cannot be had and that nothing that is built needs: an empty one of ours stands in for each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stand_ins: Vec<String>,
    /// The version of the modules that `go.mod` replaces by folders, which no module archive contains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folders: Option<String>,
    /// Package path by program name; `programs/NAME` is a folder of this repository's `kind/`.
    pub programs: BTreeMap<String, String>,
}

/// A module in place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Replacement {
    /// Its path.
    pub module: String,
    /// Its version.
    pub version: String,
    /// Its `h1:` sum, where the checksum database does not know it.
    #[serde(default, skip_serializing)]
    pub sum: Option<String>,
}

#[expect(
    clippy::ref_option,
    reason = "serde hands over a reference to the field"
)]
fn whether_there_is_one<S: Serializer>(
    sum: &Option<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(sum.is_some())
}

/// Programs out of one distribution package, as the machine's own package sources have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// The suite that it was tried with.
    pub suite: String,
    /// Path inside of the package by program name.
    pub programs: BTreeMap<String, String>,
}

/// A root file system of distribution packages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RootFileSystem {
    /// The suite, such as `bookworm`.
    pub suite: String,
    /// Packages besides the smallest set.
    pub packages: Vec<String>,
    /// Paths that are taken out again, relative to the root.
    pub without: Vec<String>,
}

/// An image, made of programs and files in one layer over at most one base.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Image {
    /// The names and tags that it is served as.
    pub references: Vec<String>,
    /// Where it is put.
    pub destination: Destination,
    /// The component whose root file system is below; none for an image with nothing below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Folders of this repository's `kind/` that are copied to the root.
    pub trees: Vec<String>,
    /// `COMPONENT/PROGRAM` by path in the image.
    pub programs: BTreeMap<String, String>,
    /// Target of a symbolic link by path in the image.
    pub links: BTreeMap<String, String>,
    /// Contents of small files by path in the image.
    pub texts: BTreeMap<String, String>,
    /// Mode, such as `0777`, of empty folders by path in the image.
    pub folders: BTreeMap<String, String>,
    /// The entrypoint.
    pub entrypoint: Vec<String>,
    /// The command.
    pub command: Vec<String>,
    /// The user; root where empty.
    pub user: String,
    /// Environment variables besides `PATH`.
    pub environment: BTreeMap<String, String>,
    /// The signal that ends it; the engine's default where empty.
    pub stop_signal: String,
}

/// Where an image is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// The image store of all nodes and the registry on the machine.
    #[default]
    Nodes,
    /// The machine's engine, which runs it as a container.
    Engine,
}

/// One file of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum ManifestPart {
    /// What a program of the stack, `COMPONENT/PROGRAM`, prints.
    Printed(String),
    /// A template of this repository's `kind/`, with its variables.
    Template {
        /// The path in `kind/`.
        file: String,
        /// Lists by name; a template uses a single value as `name[0]`.
        variables: BTreeMap<String, Vec<String>>,
    },
}

/// Fetched as upstream publishes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Registry {
    /// What a reader of the record should know.
    pub notes: Vec<String>,
    /// Images by reference.
    pub images: Vec<FetchedImage>,
    /// Programs for this machine, by name.
    pub programs: BTreeMap<String, FetchedFile>,
    /// Names of its programs that every node finds in `/opt/rehearse/bin`.
    pub on_nodes: Vec<String>,
    /// Manifest files in order, by manifest name.
    pub manifests: BTreeMap<String, Vec<FetchedFile>>,
    /// A Dockerfile of this repository's `kind/` that the engine builds, with its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// Build arguments of the Dockerfile.
    pub arguments: BTreeMap<String, String>,
}

/// An upstream image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FetchedImage {
    /// Its name and tag.
    pub reference: String,
    /// Its digest, `sha256:...`; without it the image is taken by tag, and the record says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Where it is put.
    #[serde(default)]
    pub destination: Destination,
}

/// An upstream file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FetchedFile {
    /// Where it is.
    pub url: String,
    /// Its sha256 in hexadecimal; without it whatever the address answers is taken, and the record says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Taken from the user's engine, and manifests from the user's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Local {
    /// References that the engine must hold.
    pub images: Vec<String>,
    /// Names of manifests: `NAME.yaml`, or the files of `NAME/` in the order of their names.
    pub manifests: Vec<String>,
}

/// The values of a mapping in the order in which they are written.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Image>, D::Error> {
    struct InOrder;

    impl<'de> Visitor<'de> for InOrder {
        type Value = Vec<Image>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a mapping of images by name")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Image>, A::Error> {
            let mut images = Vec::new();
            while let Some((_, image)) = map.next_entry::<String, Image>()? {
                images.push(image);
            }
            Ok(images)
        }
    }

    deserializer.deserialize_map(InOrder)
}
