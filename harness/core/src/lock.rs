//! Everything that a run was made of, so that it can be made again exactly, or be told what is no longer to be had.
//!
//! A lock holds no time, no generated name and no path: two runs of the same things on the same machine have the same
//! lock, to the byte. It gathers nothing; the program does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::catalogue::Source;

/// The version of the lock's form.
pub const FORMAT: u32 = 1;

/// A whole lock, as `rehearse.lock` holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lock {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of this program.
    pub rehearse: String,
    /// The scenario.
    pub scenario: LockedScenario,
    /// Where the components come from.
    pub source: Source,
    /// What `--with` asked for.
    pub asked: BTreeMap<String, Version>,
    /// What `--until` asked for.
    pub until: Option<String>,
    /// Every component, with what it was made from and the digests of images, programs and manifests.
    pub components: BTreeMap<String, LockedComponent>,
    /// Digests by image reference; the node image is among them.
    pub images: BTreeMap<String, String>,
    /// The Go module that a component was built from.
    pub modules: BTreeMap<String, LockedModule>,
    /// The version of every distribution package of the node image.
    pub packages: BTreeMap<String, String>,
    /// Kernel and engine: `kernel`, `architecture`, `engine`, `storage-driver`, `cgroup`, `operating-system`.
    pub machine: BTreeMap<String, String>,
    /// Kernel parameters that a cluster's network depends on.
    pub sysctls: BTreeMap<String, String>,
}

/// The scenario of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockedScenario {
    /// Its name.
    pub name: String,
    /// The sha256 of its file and of every file that its steps use, in hexadecimal.
    pub sha256: String,
}

/// A component of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockedComponent {
    /// Its version.
    pub version: Version,
    /// What it was made from.
    pub origin: String,
    /// Digests by image reference, program or manifest.
    pub digests: BTreeMap<String, String>,
}

/// A Go module of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockedModule {
    /// Its path.
    pub module: String,
    /// Its version.
    pub version: String,
    /// The Go toolchain.
    pub toolchain: String,
    /// The module's sum as `go.sum` has it; none where it is not known any more.
    pub sum: Option<String>,
}

/// One thing that is not as the lock has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockDifference {
    /// What, such as `components.multus.digests.programs/multus`.
    pub what: String,
    /// What the lock has.
    pub locked: Option<String>,
    /// What there is.
    pub here: Option<String>,
}

impl fmt::Display for LockDifference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let (locked, here) = (of(&self.locked), of(&self.here));
        write!(formatter, "{}: locked {locked}, here {here}", self.what)
    }
}

/// Why a text is not a lock.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is not one, or not whole.
    #[error("failed to read the lock: {0}")]
    Text(#[from] serde_json::Error),
    /// It is of another form.
    #[error(
        "failed to read the lock: it has format {found}, this program reads format {FORMAT} (hint: use the program that wrote it)"
    )]
    Format {
        /// The form it has.
        found: u32,
    },
}

impl Lock {
    /// The lock as pretty JSON with a newline at the end: the same text for the same things.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", serde_json::json!(self))
    }

    /// Reads what [`Lock::to_json`] wrote.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.format != FORMAT {
            return Err(ReadError::Format { found: head.format });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// Everything that is not as this lock has it, sorted by what it is. A module's sum that one side does not know is
    /// none: the digests of what was built from it are compared anyway. Nor is who chose a version, only which it is.
    pub fn differences(&self, here: &Self) -> Vec<LockDifference> {
        let (locked, here) = (self.leaves(), here.leaves());
        let keys: BTreeSet<_> = locked.keys().chain(here.keys()).collect();
        keys.into_iter()
            .filter(|key| locked.get(*key) != here.get(*key))
            .map(|key| LockDifference {
                what: key.clone(),
                locked: locked.get(key).cloned(),
                here: here.get(key).cloned(),
            })
            .filter(|difference| {
                let mut names = difference.what.split('.');
                let first = names.next();
                let is_sum = first == Some("modules") && names.next_back() == Some("sum");
                let is_known = difference.locked.is_some() && difference.here.is_some();
                first != Some("asked") && (!is_sum || is_known)
            })
            .collect()
    }

    /// Every value by the names on the way to it.
    fn leaves(&self) -> BTreeMap<String, String> {
        let mut leaves = BTreeMap::new();
        gather(&serde_json::json!(self), "", &mut leaves);
        leaves
    }
}

fn gather(value: &Value, path: &str, leaves: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                gather(value, &path, leaves);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            leaves.insert(path.to_owned(), text.clone());
        }
        other => {
            leaves.insert(path.to_owned(), other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let component = LockedComponent {
            version: Version::new(4, 2, 1),
            origin: "module example.org/multus v4.2.1".to_owned(),
            digests: [("programs/multus".to_owned(), "sha256:aa".to_owned())].into(),
        };
        let module = LockedModule {
            module: "example.org/multus".to_owned(),
            version: "v4.2.1".to_owned(),
            toolchain: "go1.26.8".to_owned(),
            sum: Some("h1:aa=".to_owned()),
        };
        Lock {
            format: FORMAT,
            rehearse: "0.1.0".to_owned(),
            scenario: LockedScenario {
                name: "small".to_owned(),
                sha256: "00".to_owned(),
            },
            source: Source::Module,
            asked: BTreeMap::new(),
            until: None,
            components: [("multus".to_owned(), component)].into(),
            images: [("rehearse-node".to_owned(), "sha256:bb".to_owned())].into(),
            modules: [("multus".to_owned(), module)].into(),
            packages: [("iproute2".to_owned(), "6.1.0-3".to_owned())].into(),
            machine: [("kernel".to_owned(), "6.1.0".to_owned())].into(),
            sysctls: [("net.ipv4.ip_forward".to_owned(), "1".to_owned())].into(),
        }
    }

    #[test]
    fn a_lock_reads_and_writes_the_same_bytes() -> Result<(), ReadError> {
        let text = lock().to_json();
        assert_eq!(Lock::from_json(&text)?.to_json(), text);
        assert!(lock().differences(&lock()).is_empty());
        Ok(())
    }

    #[test]
    fn each_difference_is_listed() {
        let mut here = lock();
        here.machine.clear();
        here.packages
            .insert("iproute2".to_owned(), "6.1.0-4".to_owned());
        for component in here.components.values_mut() {
            component
                .digests
                .insert("programs/multus".to_owned(), "sha256:cc".to_owned());
        }
        for module in here.modules.values_mut() {
            module.sum = None;
        }
        let differences = lock().differences(&here);
        let lines: Vec<_> = differences.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        components.multus.digests.programs/multus: locked sha256:aa, here sha256:cc
        machine.kernel: locked 6.1.0, here nothing
        packages.iproute2: locked 6.1.0-3, here 6.1.0-4
        ");
    }

    #[test]
    fn a_text_that_is_no_lock_is_told() {
        let error = |text: &str| match Lock::from_json(text) {
            Ok(_) => "it was read".to_owned(),
            Err(error) => error.to_string(),
        };
        insta::assert_snapshot!(error("{}"), @"failed to read the lock: missing field `format` at line 1 column 2");
        insta::assert_snapshot!(error("{\"format\": 2}"), @"failed to read the lock: it has format 2, this program reads format 1 (hint: use the program that wrote it)");
        let changed = lock().to_json().replace("\"packages\"", "\"package\"");
        assert!(error(&changed).contains("unknown field `package`"));
    }
}
