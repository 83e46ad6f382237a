//! Two texts line by line: which lines both have, which only one has.

use similar::{Algorithm, ChangeTag, capture_diff_slices};

/// Beyond so many pairs of lines the texts are simply shown one after the other.
const MOST_PAIRS: usize = 250_000;

/// Which text has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Expected,
    Observed,
}

/// The lines of both texts in order, as few as possible of them on one side only.
pub(super) fn difference<'text>(
    expected: &'text str,
    observed: &'text str,
) -> Vec<(Side, &'text str)> {
    let expected: Vec<_> = expected.lines().collect();
    let observed: Vec<_> = observed.lines().collect();
    if expected.len() * observed.len() > MOST_PAIRS {
        let expected = expected.iter().map(|line| (Side::Expected, *line));
        let observed = observed.iter().map(|line| (Side::Observed, *line));
        return expected.chain(observed).collect();
    }
    capture_diff_slices(Algorithm::Myers, &expected, &observed)
        .iter()
        .flat_map(|operation| operation.iter_changes(&expected, &observed))
        .map(|change| {
            let side = match change.tag() {
                ChangeTag::Equal => Side::Both,
                ChangeTag::Delete => Side::Expected,
                ChangeTag::Insert => Side::Observed,
            };
            (side, change.value())
        })
        .collect()
}
