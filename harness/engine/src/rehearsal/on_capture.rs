//! A plan played on what an earlier run kept. Nothing is started, no engine is asked.

use std::path::Path;

use anyhow::Result;
use rehearse_core::plan::Plan;
use rehearse_core::record::{DocumentUnderTest, Record};

use crate::folder::Folder;
use crate::prepare::{Prepared, Selection};
use crate::repository::Repository;
use crate::run::{played, reports};
use crate::stage::capture::{self, Stored};

/// A plan with the capture that it is played on, or why there is none.
#[derive(Debug)]
pub struct Chosen {
    plan: Plan,
    stored: Result<Stored, String>,
    /// Where the catalogue and the scenarios were taken from.
    home: String,
}

impl Chosen {
    /// A named capture gives its versions to the plan; without a name the plan's versions choose the capture.
    ///
    /// # Errors
    /// The problems of the scenario; a capture of this name that is not there or cannot be read.
    pub fn of(selection: &Selection, name: Option<&str>) -> Result<Self> {
        let Some(name) = name else {
            return Self::fitting(&selection.prepare()?);
        };
        let repository = Repository::read()?;
        let folder = selection.read(&repository)?;
        let stored = capture::named(&folder.path, name)?;
        let plan = selection.plan_for(&repository, &folder, &stored.capture)?;
        Ok(Self {
            plan,
            stored: Ok(stored),
            home: repository.home.origin(),
        })
    }

    /// The capture that fits a plan.
    ///
    /// # Errors
    /// One that is there and cannot be read.
    pub fn fitting(prepared: &Prepared) -> Result<Self> {
        Ok(Self {
            stored: capture::fitting(&prepared.folder, &prepared.plan)?,
            plan: prepared.plan.clone(),
            home: prepared.repository.home.origin(),
        })
    }

    /// The capture's name, where there is one.
    pub fn name(&self) -> Option<&str> {
        self.stored.as_ref().ok().map(|stored| stored.name.as_str())
    }

    /// The record of the plan played on the capture; where there is none, it says so of every step. `id` and `command` are
    /// the record's.
    pub fn play(&self, id: &str, command: String, document: Option<&DocumentUnderTest>) -> Record {
        let stored = self.stored.as_ref().map_err(String::as_str);
        let mut record = played::record(&self.plan, stored, id, command);
        record.document = document.cloned();
        record.run.home = Some(self.home.clone());
        record
    }
}

/// Writes the record and its reports.
///
/// # Errors
/// With the path.
pub fn write(out: &Path, record: &Record) -> Result<Folder> {
    let folder = Folder::create(out)?;
    reports::write(&folder, record)?;
    Ok(folder)
}
