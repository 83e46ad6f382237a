//! Every cell of a matrix one after the other, on a cluster of its own or on that of the cell before it.
//!
//! The stack of all cells is made first, each piece once; what cells have in common (node image, Kubernetes, Calico) is
//! the same piece. Cells are not run side by side: two clusters at once would need twice the inotify instances that
//! preflight asks for, and their waits would disturb each other's timing.

pub mod cells;
mod handovers;
mod rehearsals;

pub use rehearsals::{Cost, PlannedCell, on_capture, on_kind, plan};
