//! What the repository knows of components, read once a command: its catalogue, and what they are known to say.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use rehearse_core::catalogue::Catalogue;
use rehearse_core::record::compare::KnownChanges;
use rehearse_core::trouble::KnownMessages;

use crate::failure::Usage;
use crate::home::Home;

/// The repository's data about components.
#[derive(Debug)]
pub struct Repository {
    /// Where it is.
    pub home: Home,
    /// Its catalogue.
    pub catalogue: Catalogue,
    /// What the components are known to say.
    pub messages: KnownMessages,
}

impl Repository {
    /// Finds it and reads it.
    ///
    /// # Errors
    /// [`Usage`] where there is none; when a file cannot be read, or the problems in it.
    pub fn read() -> anyhow::Result<Self> {
        let home = Home::find()?;
        let (file, text) = text(&home.messages())?;
        Ok(Self {
            catalogue: catalogue(&home)?,
            messages: KnownMessages::parse(&file, &text)?,
            home,
        })
    }

    /// The known changes of a file, or its own.
    ///
    /// # Errors
    /// [`Usage`] where the file cannot be read, or the problems in it.
    pub fn known_changes(&self, file: Option<&Path>) -> anyhow::Result<KnownChanges> {
        let path = file.map_or_else(|| self.home.changes(), Path::to_owned);
        let file = path.display().to_string();
        let components = self.catalogue.components.keys().cloned().collect();
        let text = fs::read_to_string(&path).map_err(|error| {
            Usage::new(
                format!("failed to read {file}: {error}"),
                "give the file of known changes with --changes",
            )
        })?;
        Ok(KnownChanges::parse(&file, &text, &components)?)
    }
}

/// The repository's catalogue.
///
/// # Errors
/// When it cannot be read, or the problems in it.
pub fn catalogue(home: &Home) -> anyhow::Result<Catalogue> {
    let (file, text) = text(&home.catalogue())?;
    Ok(Catalogue::parse(&file, &text)?)
}

fn text(path: &Path) -> anyhow::Result<(String, String)> {
    let file = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("failed to read {file}"))?;
    Ok((file, text))
}
