//! Faults on a real cluster: the scenario is replayed once, and in the state that each step leaves its faults are planted
//! one after the other, watched until their checks are red, and undone again.
//!
//! What a fault is and what it must do is data beside the scenario ([`rehearse_core::planted`]). Mutants of recorded
//! output are not made here.

mod act;
mod node_files;
mod objects;
mod one_fault;
mod planting;
mod pod;
mod undo;
mod undoing;

pub use planting::Planting;
