//! The engine: what touches a cluster, a process or a file to perform a plan. It is given options and gives a record; it
//! knows no command line. What can be known without a cluster is in `rehearse-core`, what a cluster is made of in
//! `rehearse-stack`.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "what a test writes no cluster said"
    )
)]

pub mod blame;
mod diagnosis;
pub mod doctor;
pub mod engine;
pub mod event;
pub mod failure;
pub mod folder;
pub mod home;
pub mod hopeless;
pub mod interrupt;
pub mod lock;
pub mod look;
pub mod machine;
pub mod matrix;
pub mod mutants;
pub mod observe;
pub mod options;
pub mod planted;
pub mod preflight;
pub mod prepare;
pub mod record_source;
pub mod rehearsal;
pub mod repeat;
pub mod repository;
pub mod run;
mod scenario_file;
pub mod scenario_folder;
pub mod setup;
pub mod stage;
pub mod step;
pub mod wait;
