//! What this machine can do for a scenario, told before anybody runs it: the table that a run looks at before it makes a
//! cluster, with what the stack still takes. It makes and fetches nothing.

use anyhow::Result;
use rehearse_stack as stack;
use rehearse_stack::cache::Cache;

use crate::preflight::{self, Need, Preflight};
use crate::prepare::Prepared;
use crate::setup::{self, Piece};

/// What was found.
#[derive(Clone, Debug)]
pub struct Examination {
    /// What a run takes of this machine.
    pub table: Preflight,
    /// What of the stack is not built yet.
    pub missing: Vec<Piece>,
}

/// Looks at the machine for a plan.
///
/// # Errors
/// When the stack's recipes cannot be resolved, or its folder cannot be told.
pub async fn look(prepared: &Prepared) -> Result<Examination> {
    let request = setup::request(prepared);
    let missing = setup::parts(prepared, &request).await?.missing;
    let need = Need {
        builds_stack: !missing.is_empty(),
        ..Need::of(&prepared.plan, Cache::find()?.stack())
    };
    let mut table = preflight::look(&need).await;
    if need.builds_stack {
        let prerequisites = stack::prerequisites(&prepared.repository.catalogue, &request).await?;
        table.rows.extend(prerequisites);
    }
    Ok(Examination { table, missing })
}
