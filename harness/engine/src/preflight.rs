//! Whether this machine can carry a cluster, before anything is made on it.
//!
//! [`look`] gathers facts and changes nothing; [`judge`] is pure and turns them into one table, each failing line with
//! its cure.

mod facts;
mod judgement;
mod table;

pub use facts::Facts;
pub use judgement::judge;
pub use table::{Need, Preflight};

/// Looks at the machine and judges it. It makes nothing that stays.
pub async fn look(need: &Need) -> Preflight {
    judge(&Facts::now(need).await, need)
}
