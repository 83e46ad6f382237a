//! What comes from outside, broken on purpose: no reader panics, hangs, or takes memory without bound.
//!
//! A target is a plain function of a text, which any engine can call. Here each gets a fixed number of inputs from fixed
//! seeds, the recorded outputs of `testdata`, with a plain mutator: an engine that is led by coverage needs a nightly
//! compiler, and those for the stable one draw from the machine's entropy or pin other versions of what we use.
//! `FUZZ_INPUTS=200000 FUZZ_SEED=7` asks for more, and for others.

mod cluster;
mod mutation;
mod targets;

use std::fs;
use std::panic::{self, RefUnwindSafe};
use std::time::{Duration, Instant};

use mutation::{Numbers, mutated};

/// The longest that one input may take; a reader takes milliseconds.
const LONGEST: Duration = Duration::from_secs(20);

/// The most memory of a target's whole process in KiB; the largest one takes a third.
const MOST_MEMORY: u64 = 256 * 1024;

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Gives a target its seeds as they are, then so many broken ones.
fn fuzz(seeds: &[String], inputs: u64, target: impl Fn(&str) + RefUnwindSafe) {
    assert!(!seeds.is_empty(), "no seeds");
    for seed in seeds {
        target(seed);
    }
    let first = setting("FUZZ_SEED").unwrap_or(1) << 32;
    for number in first..first + setting("FUZZ_INPUTS").unwrap_or(inputs) {
        let input = mutated(seeds, &mut Numbers::new(number));
        let started = Instant::now();
        let panicked = panic::catch_unwind(|| target(&input)).is_err();
        let took = started.elapsed();
        assert!(
            !panicked,
            "input {number} panics; in short: {:?}",
            shortened(&input, &target)
        );
        assert!(took < LONGEST, "input {number} took {took:?}: {input:?}");
    }
    let most = peak_memory();
    assert!(most < MOST_MEMORY, "it took {most} KiB");
}

/// A shorter input that panics too: halves, quarters and so on are left out as long as it does.
fn shortened(input: &str, target: &(impl Fn(&str) + RefUnwindSafe)) -> String {
    let mut characters: Vec<char> = input.chars().collect();
    let mut piece = characters.len() / 2;
    while piece > 0 {
        let mut start = 0;
        while start < characters.len() {
            let mut shorter = characters.clone();
            shorter.drain(start..(start + piece).min(characters.len()));
            let text: String = shorter.iter().collect();
            if panic::catch_unwind(|| target(&text)).is_err() {
                characters = shorter;
            } else {
                start += piece;
            }
        }
        piece /= 2;
    }
    characters.into_iter().collect()
}

/// The most memory that this process ever had, in KiB; 0 where the machine does not say.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
