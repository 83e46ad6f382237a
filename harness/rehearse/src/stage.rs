//! Where a plan is performed.
//!
//! The stage `kind` is a real cluster on this machine. A stage gives access to nodes, pods and the API; it knows nothing
//! of steps and checks.

mod error;
pub mod kind;

pub use error::StageError;
pub use kind::{Cluster, Node, Wanted};
