//! Renders the manifests of a component's version into files that are applied in order.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rehearse_core::catalogue::ManifestPart;

use super::cache;
use super::unit::Units;
use crate::command::Command;

/// Writes every manifest's files to `folder/manifests/NAME/`.
///
/// # Errors
/// A template that can't be rendered, a program that can't print.
pub(crate) async fn write(
    manifests: &BTreeMap<String, Vec<ManifestPart>>,
    units: &Units,
    kind: &Path,
    folder: &Path,
    log: &Path,
) -> Result<()> {
    for (name, parts) in manifests {
        let target = folder.join("manifests").join(name);
        fs::create_dir_all(&target)
            .with_context(|| format!("failed to make {}", target.display()))?;
        for (index, part) in parts.iter().enumerate() {
            let (file, text) = match part {
                ManifestPart::Printed(program) => {
                    let printed = Command::new(units.program(program)?).log(log).run().await?;
                    (format!("{index:02}.json"), printed.stdout)
                }
                ManifestPart::Template { file, variables } => {
                    let text = render(&kind.join(file), variables)?;
                    (format!("{index:02}.yaml"), text.into_bytes())
                }
            };
            let path = target.join(file);
            fs::write(&path, text)
                .with_context(|| format!("failed to write {}", path.display()))?;
        }
    }
    Ok(())
}

fn render(path: &Path, variables: &BTreeMap<String, Vec<String>>) -> Result<String> {
    let template =
        fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::SemiStrict);
    environment
        .render_str(&template, variables)
        .with_context(|| format!("failed to render {}", path.display()))
}

/// The files of every manifest of a complete unit, in order.
///
/// # Errors
/// When they can't be read.
pub(crate) fn files(folder: &Path) -> Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut files = BTreeMap::new();
    for manifest in cache::entries(&folder.join("manifests"))? {
        let name = manifest
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        files.insert(name, cache::entries(&manifest)?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(file: &str, variables: &[(&str, &[&str])]) -> Result<String> {
        let kind = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../kind/manifests");
        let list = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let variables = variables
            .iter()
            .map(|(name, values)| ((*name).to_owned(), list(values)))
            .collect();
        render(&kind.join(file), &variables)
    }

    #[test]
    fn multus_gets_its_image_and_arguments() -> Result<()> {
        let text = rendered(
            "multus-daemonset.yaml",
            &[
                ("image", &["multus:v1"]),
                ("entrypoint", &["/start"]),
                ("arguments", &["--a", "--b=c"]),
            ],
        )?;
        for expected in [
            "image: multus:v1\n",
            "command: [\"/start\"]\n",
            "- \"--multus-conf-file=auto\"\n",
            "- \"--b=c\"\n",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        Ok(())
    }

    #[test]
    fn accounts_of_a_newer_calico_are_optional() -> Result<()> {
        let with = rendered(
            "tigera-operator.yaml",
            &[("image", &["operator:v1"]), ("newer_calico", &["3.28.4"])],
        )?;
        let without = rendered("tigera-operator.yaml", &[("image", &["operator:v1"])])?;
        assert!(with.contains("calico-cni-plugin") && !without.contains("calico-cni-plugin"));
        Ok(())
    }
}
