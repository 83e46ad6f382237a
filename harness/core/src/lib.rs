//! What can be known without a cluster.
//!
//! ```text
//! scenario (as written) -> plan (all of it resolved) -> query -> observation -> check -> record -> report
//! ```
//!
//! The program performs a plan on a stage: it acts, fetches the raw output that each check's queries name, hands it to
//! this crate and keeps the record. This crate reads no file, clock, environment or network; what it needs of those is
//! an argument.

pub mod bisect;
pub mod capture;
pub mod catalogue;
pub mod check;
pub mod cluster;
pub mod coverage;
pub mod judge;
pub mod lock;
pub mod matrix;
pub mod medium;
pub mod mutant;
pub mod observation;
mod pattern;
pub mod plan;
pub mod planted;
pub mod problem;
pub mod query;
pub mod record;
pub mod report;
pub mod scenario;
pub mod template;
pub mod trouble;
mod version;
mod written;
pub mod yaml;

/// The gate between what was fetched and what is kept or shown.
pub use rehearse_redaction as redaction;
