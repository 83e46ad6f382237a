//! Many made-up values, each judged once, with what is said of them: the seed, how long it took, and how often what
//! happened.

use std::cell::Cell;
use std::time::Instant;

use anyhow::{Context as _, Result};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::node;

/// As many folders as are judged where nothing else is said.
pub(crate) const CASES: u32 = 300;

pub(crate) fn number(variable: &str, default: u64) -> Result<u64> {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{variable}={text} is not a number")),
        Err(_) => Ok(default),
    }
}

pub(crate) fn cases() -> Result<u32> {
    let cases = number("REHEARSE_CASES", CASES.into())?;
    u32::try_from(cases).with_context(|| format!("REHEARSE_CASES={cases} is too large"))
}

/// Judges values of a strategy, and prints how long that took.
#[expect(
    clippy::print_stdout,
    reason = "the seed and the time are what somebody wants to see"
)]
pub(crate) fn judge<S: Strategy>(
    what: &str,
    strategy: &S,
    cases: u32,
    case: impl Fn(S::Value) -> Result<()>,
) -> Result<()>
where
    S::Value: std::fmt::Debug,
{
    let seed = number("REHEARSE_SEED", 1)?;
    println!("REHEARSE_SEED={seed} REHEARSE_CASES={cases}");
    let began = Instant::now();
    // A smaller case can't be sought without CRI-O.
    let has_ended = Cell::new(false);
    let judged = runner(seed, cases).run(strategy, |value| {
        if has_ended.get() {
            return Err(TestCaseError::reject("CRI-O has ended"));
        }
        case(value).map_err(|error| {
            let reason = format!("{error:#}");
            has_ended.set(reason.contains(node::ENDED));
            TestCaseError::fail(reason)
        })
    });
    let took = began.elapsed();
    match judged {
        Ok(()) => {
            let each = took.as_secs_f64() * 1000.0 / f64::from(cases);
            println!(
                "{cases} {what}: {:.1} s, {each:.0} ms each",
                took.as_secs_f64()
            );
            Ok(())
        }
        Err(TestError::Fail(reason, value)) => {
            anyhow::bail!("CRI-O disagrees (seed {seed}): {reason}\nsmallest case: {value:#?}")
        }
        Err(TestError::Abort(reason)) => anyhow::bail!("no values: {reason}"),
    }
}

pub(crate) fn runner(seed: u64, cases: u32) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// How often what happened, so that a judge who is never asked is noticed.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) with_default: Cell<u32>,
    pub(crate) given: Cell<u32>,
    pub(crate) refused_name: Cell<u32>,
    pub(crate) unread: Cell<u32>,
    pub(crate) deadly: Cell<u32>,
}

pub(crate) fn count(cell: &Cell<u32>) {
    cell.set(cell.get() + 1);
}

#[expect(clippy::print_stdout, reason = "shows what was compared")]
pub(crate) fn say(tally: &Tally) {
    println!("{tally:?}");
}
