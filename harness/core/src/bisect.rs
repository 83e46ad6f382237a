//! Finds the first of several ordered candidates with a change, with as few looks as a binary search needs.
//!
//! Pure: it says which candidate to look at next and takes the answer. A candidate that can't be compared is stepped
//! over, and where that leaves a doubt the result names every candidate that it may be. As any such search, it takes for
//! granted that the change, once there, stays.

use std::collections::BTreeMap;

use crate::matrix::{CellChange, CellChanges};

/// What a look at a candidate gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// As the first candidate is.
    Before,
    /// As the last candidate is.
    After,
    /// It can't be compared: blocked, broken, or not to be had.
    Unknown,
}

/// A search over candidates that are numbered from 0; the first is known to be before, the last after the change.
#[derive(Clone, Debug)]
pub struct Search {
    answers: BTreeMap<usize, Answer>,
    last: usize,
}

/// The end of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The last candidate that is known to be before the change.
    pub before: usize,
    /// The first candidate that is known to be after it.
    pub after: usize,
    /// Those between the two, which can't be compared: the change may have come with any of them.
    pub unknown: Vec<usize>,
}

impl Search {
    /// A search over so many candidates; none where there are fewer than two.
    pub fn over(candidates: usize) -> Option<Self> {
        let last = candidates.checked_sub(1).filter(|last| *last > 0)?;
        Some(Self {
            answers: BTreeMap::from([(0, Answer::Before), (last, Answer::After)]),
            last,
        })
    }

    /// The candidate to look at next; none when the search has ended.
    pub fn next(&self) -> Option<usize> {
        let (before, after) = self.bounds();
        let middle = before.midpoint(after);
        let open = (before + 1..after).filter(|place| !self.answers.contains_key(place));
        // The nearest to the middle halves best when the middle itself can't be compared.
        open.min_by_key(|place| (place.abs_diff(middle), *place))
    }

    /// Takes the answer of one candidate.
    pub fn take(&mut self, candidate: usize, answer: Answer) {
        self.answers.insert(candidate, answer);
    }

    /// How far the search is; final when [`Search::next`] gives nothing.
    pub fn found(&self) -> Found {
        let (before, after) = self.bounds();
        Found {
            before,
            after,
            unknown: (before + 1..after).collect(),
        }
    }

    fn bounds(&self) -> (usize, usize) {
        let of = |wanted: Answer| {
            let answers = self.answers.iter();
            answers
                .filter(move |(_, answer)| **answer == wanted)
                .map(|(place, _)| *place)
        };
        let after = of(Answer::After).min().unwrap_or(self.last);
        let before = of(Answer::Before)
            .filter(|place| *place < after)
            .max()
            .unwrap_or_default();
        (before, after)
    }
}

/// Whether a candidate, by how it differs from the first one, has a change.
pub fn answer(wanted: &CellChange, changes: &CellChanges) -> Answer {
    let is_hidden = changes.not_comparable.iter().any(|(step, check, _)| {
        *step == wanted.step && (check.is_empty() || *check == wanted.check)
    });
    if is_hidden {
        Answer::Unknown
    } else if changes
        .list
        .iter()
        .any(|change| change.is_of_the_same(wanted))
    {
        Answer::After
    } else if wanted.name != "verdict" && has_other_check(wanted, changes) {
        Answer::Unknown
    } else {
        Answer::Before
    }
}

/// Whether the check of a fact is not meant for the candidate, so that its facts are not there.
fn has_other_check(wanted: &CellChange, changes: &CellChanges) -> bool {
    changes.list.iter().any(|change| {
        change.step == wanted.step
            && change.check == wanted.check
            && change.name == "verdict"
            && change.after.as_deref() == Some("not meant")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// Runs a search against what each candidate really is; gives the result and the candidates looked at.
    fn run(truth: &[Answer]) -> (Option<Found>, usize) {
        let Some(mut search) = Search::over(truth.len()) else {
            return (None, 0);
        };
        let mut looks = 0;
        while let Some(candidate) = search.next() {
            search.take(candidate, truth[candidate]);
            looks += 1;
        }
        (Some(search.found()), looks)
    }

    #[rstest]
    #[case::neighbours("ba", (0, 1, vec![]), 0)]
    #[case::middle("bbbaa", (2, 3, vec![]), 2)]
    #[case::first("baaaaaaaa", (0, 1, vec![]), 3)]
    #[case::skipped_but_sure("b?baa", (2, 3, vec![]), 2)]
    #[case::in_doubt("b??a", (0, 3, vec![1, 2]), 2)]
    fn the_first_with_the_change_is_found(
        #[case] truth: &str,
        #[case] expected: (usize, usize, Vec<usize>),
        #[case] looks: usize,
    ) {
        let truth: Vec<_> = truth
            .chars()
            .map(|letter| match letter {
                'b' => Answer::Before,
                'a' => Answer::After,
                _ => Answer::Unknown,
            })
            .collect();
        let (before, after, unknown) = expected;
        let found = Found {
            before,
            after,
            unknown,
        };
        assert_eq!(run(&truth), (Some(found), looks));
    }

    proptest! {
        #[test]
        fn without_gaps_it_is_exact_and_takes_no_more_looks_than_a_binary_search(
            length in 2_usize..300,
            place in 0_usize..299,
        ) {
            let first = 1 + place % (length - 1);
            let truth: Vec<_> = (0..length)
                .map(|index| if index < first { Answer::Before } else { Answer::After })
                .collect();
            let (found, looks) = run(&truth);
            prop_assert_eq!(found.map(|found| found.after), Some(first));
            let bound = (usize::BITS - (length - 1).leading_zeros()) as usize;
            prop_assert!(looks <= bound, "{} looks of {}", looks, bound);
        }
    }
}
