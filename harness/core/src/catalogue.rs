//! The component catalogue: which versions of which component exist, and where each comes from.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the components of a run come from.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Built on this machine from Go modules and distribution packages.
    #[default]
    Module,
    /// Upstream images by digest and upstream manifests by URL and sha256.
    Registry,
    /// Images that the engine already holds and manifests from a folder.
    Local,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Module => "module",
            Self::Registry => "registry",
            Self::Local => "local",
        })
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "module" => Ok(Self::Module),
            "registry" => Ok(Self::Registry),
            "local" => Ok(Self::Local),
            other => Err(format!(
                "unknown source '{other}' (known: module, registry, local)"
            )),
        }
    }
}
