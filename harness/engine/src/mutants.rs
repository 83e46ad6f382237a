//! Tries the mutants of captures on every processor. What a mutant is and what a check says of it is the core's.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rehearse_core::coverage::{Trial, Trials};
use rehearse_core::observation::Observations;

/// How many mutants a thread takes at once: few enough that both end together.
const BATCH: usize = 16;

/// What the checks say of each mutant of each step.
pub fn try_all(steps: &[Trials]) -> Vec<Vec<Trial>> {
    let places: Vec<(usize, usize)> = steps
        .iter()
        .enumerate()
        .flat_map(|(step, trials)| (0..trials.mutants.len()).map(move |mutant| (step, mutant)))
        .collect();
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut outcomes: Vec<Vec<Trial>> = steps
        .iter()
        .map(|trials| vec![Trial::default(); trials.mutants.len()])
        .collect();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| work(steps, &places, &next)))
            .collect();
        for worker in workers {
            // A panic in a worker is a panic here: there is no result without it.
            let done = worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            for ((step, mutant), trial) in done {
                outcomes[step][mutant] = trial;
            }
        }
    });
    outcomes
}

fn work(
    steps: &[Trials],
    places: &[(usize, usize)],
    next: &AtomicUsize,
) -> Vec<((usize, usize), Trial)> {
    let mut observations: BTreeMap<usize, Observations> = BTreeMap::new();
    let mut done = Vec::new();
    loop {
        let start = next.fetch_add(BATCH, Ordering::Relaxed);
        let Some(batch) = places.get(start..places.len().min(start + BATCH)) else {
            return done;
        };
        if batch.is_empty() {
            return done;
        }
        for &(step, mutant) in batch {
            let trials = &steps[step];
            let seen = observations
                .entry(step)
                .or_insert_with(|| trials.observations());
            done.push(((step, mutant), trials.run(seen, mutant)));
        }
    }
}
