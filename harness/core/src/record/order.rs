//! Steps that contradict each other: one that is there twice, or an order that is not that of their times. What a step
//! says of its own checks is not looked at here.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// The first contradiction among steps, by their ids and when they began, where that is known.
pub(crate) fn contradiction<'a>(
    steps: impl IntoIterator<Item = (&'a str, Option<Timestamp>)>,
) -> Option<String> {
    let mut ids = BTreeSet::new();
    let mut latest: Option<(&str, Timestamp)> = None;
    for (id, started) in steps {
        if !ids.insert(id) {
            return Some(format!("step {id} is there twice"));
        }
        let Some(started) = started else { continue };
        if let Some((before, _)) = latest.filter(|(_, time)| started < *time) {
            return Some(format!(
                "step {id} comes after step {before}, and began before it"
            ));
        }
        latest = Some((id, started));
    }
    None
}
