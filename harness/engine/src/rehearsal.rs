//! One rehearsal, from its lock to its reports: on a cluster ([`on_kind`]), or on what an earlier run kept ([`on_capture`]).
//!
//! Steps are performed by [`run`](crate::run); how several rehearsals follow each other is not known here.

mod id;
pub mod log;
pub mod on_capture;
pub mod on_kind;
mod shared_cluster;
mod teardown;

pub use id::{cluster_name, run_id};
pub use shared_cluster::{Handover, SharedCluster};
