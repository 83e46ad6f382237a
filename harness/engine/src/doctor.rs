//! What this machine can do for a scenario, told before anybody runs it: the table that a run looks at before it makes a
//! cluster, with what the stack still takes. It makes and fetches nothing.

use std::time::Duration;

use anyhow::Result;
use rehearse_stack::cache::Cache;
use rehearse_stack::{self as stack, Found, Prerequisite};

use crate::engine;
use crate::preflight::{self, Need, Preflight, Row};
use crate::prepare::Prepared;
use crate::setup;

/// What was found.
#[derive(Clone, Debug)]
pub struct Examination {
    /// What a run takes of this machine.
    pub table: Preflight,
    /// What of the stack is not built yet, such as `calico 3.28.4`, and about how long building takes on two processors.
    pub missing: Vec<(String, Duration)>,
}

/// Looks at the machine for a plan.
///
/// # Errors
/// When the stack's recipes cannot be resolved, or its folder cannot be told.
pub async fn look(prepared: &Prepared) -> Result<Examination> {
    let request = setup::request(prepared);
    let answers = engine::version().await?.is_some();
    let missing = match stack::find(&prepared.repository.catalogue, &request).await {
        Ok(Found::Ready(_)) => Vec::new(),
        Ok(Found::Missing(list)) => list
            .into_iter()
            .map(|one| (format!("{} {}", one.component, one.version), one.estimate))
            .collect(),
        // All pieces are there but the engine that should hold the images; the table says that it does not answer.
        Err(_) if !answers => Vec::new(),
        Err(error) => return Err(error),
    };
    let need = Need {
        builds_stack: !missing.is_empty(),
        ..Need::of(&prepared.plan, Cache::find()?.stack())
    };
    let mut table = preflight::look(&need).await;
    let prerequisites = stack::prerequisites(&prepared.repository.catalogue, &request).await?;
    table.rows.extend(prerequisites.into_iter().map(row));
    Ok(Examination { table, missing })
}

fn row(prerequisite: Prerequisite) -> Row {
    Row {
        what: prerequisite.what,
        found: prerequisite.found,
        needed: prerequisite.needed,
        cure: prerequisite.cure,
    }
}
