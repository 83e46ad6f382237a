//! Applies a manifest that belongs to a component, with the texts replaced that the document replaces with `sed`.

use std::fmt::Write as _;

use anyhow::{Context as _, anyhow, bail};
use rehearse_core::scenario::Install;
use tokio::time::Instant;

use super::{Surroundings, apply};

/// Applies the manifest's files in order.
pub(super) async fn perform(
    install: &Install,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    for (name, text) in &texts(install, surroundings).await? {
        apply::manifest(name, text, surroundings, deadline).await?;
    }
    Ok(())
}

/// The manifest's files in order, each with its name and its text with all replaced.
///
/// # Errors
/// A manifest that the stack does not have; a text that is to be replaced and does not occur.
pub(super) async fn texts(
    install: &Install,
    surroundings: &Surroundings<'_>,
) -> anyhow::Result<Vec<(String, String)>> {
    let subject = format!("{} of {}", install.manifest, install.component);
    let manifests = surroundings.stack.manifests.get(&install.component);
    let files = manifests
        .and_then(|manifests| manifests.get(&install.manifest))
        .ok_or_else(|| {
            let known: Vec<&str> = manifests
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str())
                .collect();
            anyhow!(
                "failed to install {subject}: the stack has no such manifest (known: {})",
                known.join(", ")
            )
        })?;
    let mut texts = Vec::with_capacity(files.len());
    for file in files {
        let text = tokio::fs::read_to_string(file)
            .await
            .with_context(|| format!("failed to read {}", file.display()))?;
        let name = file
            .file_name()
            .unwrap_or(file.as_os_str())
            .to_string_lossy();
        texts.push((format!("{}/{name}", install.component), text));
    }
    replace(install, &mut texts).with_context(|| format!("failed to install {subject}"))?;
    Ok(texts)
}

/// `install tigera-operator of calico`, with what is replaced.
pub(super) fn describe(install: &Install) -> String {
    let mut line = format!("install {} of {}", install.manifest, install.component);
    for (index, (from, to)) in install.replace.iter().enumerate() {
        let word = if index == 0 { " with" } else { ", " };
        // Writing to a text cannot fail.
        write!(line, "{word} {to} in place of {from}").unwrap_or_default();
    }
    line
}

fn replace(install: &Install, texts: &mut [(String, String)]) -> anyhow::Result<()> {
    for (from, to) in &install.replace {
        if !texts.iter().any(|(_, text)| text.contains(from.as_str())) {
            bail!(
                "the text {from:?} that is to be replaced does not occur (hint: the manifest of this version says it in other words)"
            );
        }
        for (_, text) in texts.iter_mut() {
            *text = text.replace(from.as_str(), to);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn install() -> Install {
        Install {
            component: "multus".to_owned(),
            manifest: "daemonset".to_owned(),
            replace: BTreeMap::from([("--file=auto".to_owned(), "--file=/tmp/a.conf".to_owned())]),
        }
    }

    #[test]
    fn the_text_is_replaced_wherever_it_occurs() -> anyhow::Result<()> {
        let mut texts = [
            ("a".to_owned(), "x".to_owned()),
            ("b".to_owned(), "- --file=auto".to_owned()),
        ];
        replace(&install(), &mut texts)?;
        assert_eq!(texts[1].1, "- --file=/tmp/a.conf");
        Ok(())
    }

    #[test]
    fn a_text_that_does_not_occur_is_an_error() {
        let mut texts = [("a".to_owned(), "x".to_owned())];
        let error = replace(&install(), &mut texts)
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.starts_with("the text \"--file=auto\"")));
    }

    #[test]
    fn the_line_says_what_is_replaced() {
        assert_eq!(
            describe(&install()),
            "install daemonset of multus with --file=/tmp/a.conf in place of --file=auto"
        );
    }
}
