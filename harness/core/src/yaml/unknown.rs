//! Keys that a mapping has and nobody knows.

use super::{Node, Reading};
use crate::problem::{known_names, nearest};

/// Tells each unknown key of a mapping; gives the known keys that these were probably meant to be.
pub(super) fn report_unknown(
    node: &Node,
    known: &'static [&'static str],
    reading: &Reading<'_>,
) -> Vec<&'static str> {
    let unknown = node
        .entries()
        .iter()
        .filter(|entry| !known.contains(&entry.key.as_str()));
    unknown
        .filter_map(|entry| {
            reading.problem_with_hint(
                entry.key_span.clone(),
                format!("unknown key `{}`", entry.key),
                known_names(&entry.key, known.iter().copied()),
            );
            nearest(&entry.key, known.iter().copied())
        })
        .collect()
}
