//! Whether green means anything: the mutants of captures, which checks turn red for which of them, and which facts are
//! watched.
//!
//! A capture of a good run is green. Each of its mutants has one fact changed, so that each witness is changed alone. A
//! check that could not judge a mutant has not noticed it: an output that cannot be read shows nothing about the fact in it.

mod ignored;
mod surroundings;
mod table;
mod tally;
mod trial;

pub use ignored::stale;
pub use table::render;
pub use tally::{CheckRow, Coverage, FactRow, Reds, Watch};
pub use trial::{Baseline, Trial, Trials, TriedCheck, Unanswered};
