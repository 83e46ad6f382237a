//! Which cells of a matrix go on with the cluster of the one before.

use std::rc::Rc;

use anyhow::{Context as _, Result};
use rehearse_core::matrix::{SharedSteps, shared_steps};
use rehearse_core::plan::Plan;
use tempfile::TempDir;

use crate::rehearsal::Handover;
use rehearse_stack::{self as stack, Stack};

/// How each cell comes by its cluster.
pub(super) struct Handovers {
    /// For each cell, how many steps the next one has in common with it.
    shares: Vec<Option<usize>>,
    /// For each cell that shares a cluster, the registry's contents for all that do.
    registries: Vec<Option<Rc<TempDir>>>,
}

impl Handovers {
    /// Cells that follow each other share a cluster where they have steps in common and every node can pull the images of
    /// all.
    ///
    /// # Errors
    /// Where the images of such cells can't be served together.
    pub(super) fn of(
        plans: &[&Plan],
        stacks: &[Stack],
        common: Option<&SharedSteps>,
    ) -> Result<Self> {
        let mut shares: Vec<Option<usize>> = plans
            .windows(2)
            .map(|two| {
                let until = &common?.until;
                shared_steps(until, two[0], two[1])
            })
            .collect();
        shares.push(None);
        let mut registries = Vec::new();
        while registries.len() < plans.len() {
            let first = registries.len();
            let last = first
                + shares[first..]
                    .iter()
                    .take_while(|one| one.is_some())
                    .count();
            let contents: Vec<_> = stacks[first..=last]
                .iter()
                .filter_map(|stack| stack.registry_data.as_deref())
                .collect();
            let registry = if last > first && contents.len() > last - first {
                Some(Rc::new(stack::together(&contents)?))
            } else {
                // Nothing that the nodes could pull from is shared, so neither is the cluster.
                shares[first..=last].fill(None);
                None
            };
            registries.extend(std::iter::repeat_n(registry, last - first + 1));
        }
        Ok(Self { shares, registries })
    }

    /// What a cell is given, but for the cluster that the one before it left.
    pub(super) fn of_cell(&self, index: usize) -> Handover {
        let later = self.shares[index..].iter().take_while(|one| one.is_some());
        Handover {
            received: None,
            shares: self.shares[index],
            later: u32::try_from(later.count()).unwrap_or(u32::MAX),
            registry: self.registries[index]
                .as_ref()
                .map(|folder| folder.path().to_owned()),
        }
    }

    /// Removes the registries' contents, when no cluster reads them any more.
    ///
    /// # Errors
    /// With the folder.
    pub(super) fn end(&mut self) -> Result<()> {
        for folder in self.registries.drain(..).flatten() {
            if let Some(folder) = Rc::into_inner(folder) {
                let path = folder.path().to_owned();
                let removed = folder.close();
                removed.with_context(|| format!("failed to remove {}", path.display()))?;
            }
        }
        Ok(())
    }
}
