//! Where a plan is performed.
//!
//! The stage `kind` is a real cluster on this machine: it gives access to nodes, pods and the API. The stage `capture`
//! gives the outputs that an earlier run kept. Neither knows anything of steps and checks.

pub mod capture;
mod error;
pub mod kind;
mod on;

pub use error::StageError;
pub use kind::{Cluster, Node, Wanted};
pub use on::On;
