//! The subcommands, one a file. Each reads its arguments, calls what does the work, and says how it ended.

pub mod bisect;
pub mod capture;
pub mod check;
pub mod cluster;
pub mod compare;
pub mod completions;
pub mod doctor;
pub mod document;
pub mod faults;
pub mod merge;
pub mod plan;
pub mod recheck;
pub mod report;
pub mod run;
pub mod schema;
pub mod stack;
