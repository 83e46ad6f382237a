//! The local source: images that the user's engine holds under a component's names, manifests from the user's folder.
//!
//! A component is taken from there when the folder has its manifests; everything else comes from modules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rehearse_core::catalogue::{Catalogue, Local};
use semver::Version;

use super::cache;
use crate::command::Command;

/// What the user has.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Image ids of the engine by reference.
    pub images: BTreeMap<String, String>,
    /// Files in order with their digests, by manifest.
    pub manifests: BTreeMap<String, Vec<(PathBuf, String)>>,
}

impl Own {
    /// Whether a component is taken from here.
    pub fn has(&self, local: &Local) -> bool {
        local
            .manifests
            .iter()
            .all(|name| self.manifests.contains_key(name))
    }

    /// Looks for what a selection can take.
    ///
    /// # Errors
    /// No folder, no manifest of any selected component in it, or an image that the engine does not hold.
    pub async fn look(
        catalogue: &Catalogue,
        selection: &BTreeMap<String, Version>,
        folder: Option<&Path>,
    ) -> Result<Self> {
        let folder = folder.context("failed to take components from this machine (hint: name the folder of their manifests)")?;
        let forms: Vec<&Local> = selection
            .iter()
            .filter_map(|(name, version)| {
                catalogue.components.get(name)?.get(version)?.local.as_ref()
            })
            .collect();
        let mut own = Self::default();
        for name in forms.iter().flat_map(|local| &local.manifests) {
            let files = manifest_files(folder, name)?;
            if !files.is_empty() {
                own.manifests.insert(name.clone(), files);
            }
        }
        let taken: Vec<&&Local> = forms.iter().filter(|local| own.has(local)).collect();
        if taken.is_empty() {
            let known: Vec<_> = forms
                .iter()
                .flat_map(|local| local.manifests.clone())
                .collect();
            bail!(
                "failed to find a manifest in {} (hint: NAME.yaml or a folder NAME, with NAME one of {})",
                folder.display(),
                known.join(", ")
            );
        }
        let references: Vec<String> = taken
            .iter()
            .flat_map(|local| local.images.clone())
            .collect();
        for reference in references {
            let id = Command::new("docker")
                .args([
                    "image",
                    "inspect",
                    "--format",
                    "{{.Id}}",
                    reference.as_str(),
                ])
                .run()
                .await;
            let id = id.with_context(|| format!("failed to find image {reference} in the engine (hint: build or tag it under this name)"))?;
            own.images.insert(reference, id.stdout().trim().to_owned());
        }
        Ok(own)
    }
}

fn manifest_files(folder: &Path, name: &str) -> Result<Vec<(PathBuf, String)>> {
    let single = folder.join(format!("{name}.yaml"));
    let paths = if single.is_file() {
        vec![single]
    } else {
        cache::entries(&folder.join(name))?
    };
    paths
        .into_iter()
        .map(|path| Ok((path.clone(), cache::file_digest(&path)?)))
        .collect()
}
