//! What a rehearsal is asked for, and who asks for it. Nothing here knows how it was typed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use rehearse_core::record::DocumentUnderTest;

use crate::event::Listener;
use crate::prepare::{Prepared, Selection};
use crate::repository::Repository;
use crate::scenario_folder::ScenarioFolder;
use crate::setup::Piece;

/// One rehearsal on a real cluster, or several with the same options.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Which scenario, with which components.
    pub selection: Selection,
    /// Which cluster it is performed on.
    pub cluster: ClusterChoice,
    /// The folder of the record and all else; one of its own under [`RUNS`] where none is named.
    pub out: Option<PathBuf>,
    /// What was found in the document that the run was given.
    pub document: Option<DocumentUnderTest>,
}

/// Which cluster a rehearsal is performed on, and what becomes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClusterChoice {
    /// One that is made for it and removed at its end.
    #[default]
    OfItsOwn,
    /// One that is made for it and left at its end.
    Kept,
    /// The one of this name, which an earlier run kept, and which is left again.
    Reused(String),
}

impl ClusterChoice {
    /// Whether the cluster is there still when the run has ended.
    pub fn is_left(&self) -> bool {
        *self != Self::OfItsOwn
    }
}

/// Where runs go that name no folder; git ignores it.
pub const RUNS: &str = "rehearse-runs";

impl RunOptions {
    /// A run of this selection on a cluster of its own, with nothing else asked for.
    pub fn of(selection: Selection) -> Self {
        Self {
            selection,
            cluster: ClusterChoice::default(),
            out: None,
            document: None,
        }
    }

    /// The plan, with where it comes from and what was found in the document.
    ///
    /// # Errors
    /// As [`Selection::prepare`].
    pub fn prepare(&self) -> Result<Prepared> {
        Ok(Prepared {
            document: self.document.clone(),
            ..self.selection.prepare()?
        })
    }

    /// As [`RunOptions::prepare`], where the repository and the scenario's folder are read already.
    ///
    /// # Errors
    /// As [`Selection::prepare`].
    pub fn prepare_in(
        &self,
        repository: &Arc<Repository>,
        folder: &ScenarioFolder,
    ) -> Result<Prepared> {
        Ok(Prepared {
            document: self.document.clone(),
            ..self.selection.prepare_in(repository, folder)?
        })
    }

    /// The folder of a run of this id.
    pub fn folder(&self, id: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Path::new(RUNS).join(id))
    }
}

/// Who asks for a rehearsal: who is told what happens, and who answers.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// Who is told what happens.
    pub tell: Listener<'a>,
    /// Whether what is missing may be made; the error says what is missing and how to get it.
    pub agree: &'a dyn Fn(&Prepared, &[Piece]) -> Result<()>,
    /// How to do the same again, for the record: what was prepared, and the run's lock.
    pub again: &'a dyn Fn(&Prepared, &Path) -> String,
}
