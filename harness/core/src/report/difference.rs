//! Two texts line by line: which lines both have, which only one has.

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
        return one_after_the_other(&expected, &observed);
    }
    let common = common_lengths(&expected, &observed);
    let mut lines = Vec::with_capacity(expected.len() + observed.len());
    let (mut left, mut right) = (0, 0);
    while left < expected.len() && right < observed.len() {
        if expected[left] == observed[right] {
            lines.push((Side::Both, expected[left]));
            left += 1;
            right += 1;
        } else if common[left + 1][right] >= common[left][right + 1] {
            lines.push((Side::Expected, expected[left]));
            left += 1;
        } else {
            lines.push((Side::Observed, observed[right]));
            right += 1;
        }
    }
    lines.extend(one_after_the_other(&expected[left..], &observed[right..]));
    lines
}

fn one_after_the_other<'text>(
    expected: &[&'text str],
    observed: &[&'text str],
) -> Vec<(Side, &'text str)> {
    let expected = expected.iter().map(|line| (Side::Expected, *line));
    expected
        .chain(observed.iter().map(|line| (Side::Observed, *line)))
        .collect()
}

/// At `[left][right]`, the length of the longest common subsequence of what follows.
fn common_lengths(expected: &[&str], observed: &[&str]) -> Vec<Vec<usize>> {
    let mut lengths = vec![vec![0; observed.len() + 1]; expected.len() + 1];
    for left in (0..expected.len()).rev() {
        for right in (0..observed.len()).rev() {
            lengths[left][right] = if expected[left] == observed[right] {
                lengths[left + 1][right + 1] + 1
            } else {
                lengths[left + 1][right].max(lengths[left][right + 1])
            };
        }
    }
    lengths
}
