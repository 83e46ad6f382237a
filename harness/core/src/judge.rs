//! The one judge and the one order of steps: live runs, captures, `recheck`, mutants and planted faults all come here.
//!
//! What a stage gives is data ([`Look`]: outputs, or why there are none); what comes out is a step of the record. It goes
//! up these stages of knowledge and no others: [`Look`] (what was seen) → [`Judgement`] (what came of a check) →
//! [`Conclusion`] (when, and whether later steps can still start) → [`JudgedStep`] → [`JudgedSteps`], of which a record
//! is made. Nothing here waits, fetches, or knows whether a cluster or a capture answers.

mod conclusion;
mod judgement;
mod look;
mod step;
mod steps;
#[cfg(test)]
mod tests;

pub use conclusion::{Conclusion, InVain};
pub use judgement::{Judgement, apply, judge};
pub use look::{Look, Unfetched};
pub use step::{JudgedStep, Performed};
pub use steps::{JudgedSteps, Next};
