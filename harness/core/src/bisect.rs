//! Finds the first of several ordered candidates with a change, with as few looks as a binary search needs.
//!
//! Pure: it says which candidate to look at next and takes the answer. A candidate that can't be compared is stepped
//! over, and where that leaves a doubt the result names every candidate that it may be. As any such search, it takes for
//! granted that the change, once there, stays.

use std::collections::BTreeMap;

use crate::record::compare::{Change, Comparison};

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
pub fn answer(wanted: &Change, comparison: &Comparison) -> Answer {
    let changes = comparison.changes.iter();
    let same: Vec<_> = changes
        .filter(|change| change.is_of_the_same(wanted))
        .collect();
    if same.iter().any(|change| change.after == wanted.after) {
        return Answer::After;
    }
    let is_hidden = comparison.incomparable.is_some()
        || comparison.not_compared.iter().any(|gap| {
            gap.step == wanted.step && (gap.check.is_none() || gap.check == wanted.check)
        });
    // The facts of a check that is not meant for the candidate are not there.
    let is_left_out = same.iter().any(|change| !change.is_unexpected());
    match same.is_empty() {
        _ if is_hidden || is_left_out => Answer::Unknown,
        true => Answer::Before,
        false => Answer::After,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::record::compare::{KnownChanges, compare};
    use crate::record::tests::passed;
    use crate::record::{Class, Outcome, ReadError, Record, Verdict};

    /// How records of other versions differ from the sample, by what was done to the check of the pods' routes.
    fn compared(change: impl Fn(&mut Record)) -> Result<Comparison, ReadError> {
        let mut record = passed()?;
        for component in &mut record.canonical.components {
            if component.name == "multus" {
                "9.9.9".clone_into(&mut component.version);
            }
        }
        change(&mut record);
        Ok(compare(&passed()?, &record, &KnownChanges::default(), &[]))
    }

    fn routes(record: &mut Record, change: impl Fn(&mut crate::record::Check)) {
        let steps = record.canonical.steps.iter_mut();
        let checks = steps.flat_map(|step| &mut step.checks);
        checks
            .filter(|check| check.kind == "pod-routes")
            .for_each(change);
    }

    fn another_gateway(record: &mut Record, gateway: &str) {
        routes(record, |check| {
            let facts = std::mem::take(&mut check.facts).into_iter();
            check.facts = facts
                .map(|mut fact| {
                    fact.value = fact.value.replace("169.254.1.1", gateway);
                    fact
                })
                .collect();
        });
    }

    #[test]
    fn a_candidate_is_before_or_after_or_cannot_be_told() -> Result<(), ReadError> {
        let last = compared(|record| another_gateway(record, "169.254.9.9"))?;
        let wanted = &last.changes[0];
        assert_eq!(wanted.fact, "routes");
        let as_first = compared(|_| {})?;
        let otherwise = compared(|record| another_gateway(record, "169.254.7.7"))?;
        let left_out = compared(|record| {
            routes(record, |check| {
                let why = "meant for multus <4.0.0, runs 9.9.9".to_owned();
                check.verdict = Verdict::Skipped { why };
            });
        })?;
        let broken = compared(|record| {
            routes(record, |check| {
                let why = "no answer".to_owned();
                check.verdict = Verdict::Broken { why };
            });
            for step in &mut record.canonical.steps {
                if step.id == wanted.step {
                    let why = "no answer".to_owned();
                    let class = Class::Cluster;
                    step.outcome = Outcome::Broken { class, why };
                }
            }
        })?;
        for (comparison, expected) in [
            (&last, Answer::After),
            (&as_first, Answer::Before),
            (&otherwise, Answer::After),
            (&left_out, Answer::Unknown),
            (&broken, Answer::Unknown),
        ] {
            assert_eq!(answer(wanted, comparison), expected, "{comparison:#?}");
        }
        // What a candidate broke in is itself a change.
        let broke = broken
            .changes
            .iter()
            .find(|change| change.fact == "verdict");
        assert_eq!(
            broke.map(|broke| answer(broke, &broken)),
            Some(Answer::After)
        );
        assert_eq!(
            broke.map(|broke| answer(broke, &as_first)),
            Some(Answer::Before)
        );
        Ok(())
    }

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
