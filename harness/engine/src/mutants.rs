//! Tries the mutants of captures on every processor. What a mutant is and what a check says of it is the core's.

use rayon::prelude::*;
use rehearse_core::coverage::{Trial, Trials};

/// The fewest mutants that a thread takes at once: each taking makes the step's outputs anew.
const BATCH: usize = 16;

/// What the checks say of each mutant of each step.
pub fn try_all(steps: &[Trials]) -> Vec<Vec<Trial>> {
    let of_step = |trials: &Trials| {
        let mutants = (0..trials.mutants.len()).into_par_iter();
        let mutants = mutants.with_min_len(BATCH);
        let tried = mutants.map_init(
            || trials.observations(),
            |seen, mutant| trials.run(seen, mutant),
        );
        tried.collect()
    };
    steps.par_iter().map(of_step).collect()
}
