//! The steps with their checks, and what went wrong in them, as plain values.

use serde::Serialize;

use super::document::FindingView;
use super::link::Link;
use crate::check::{Fact, Failure};
use crate::record::{Check, Outcome, Record, State, Step, Tally};
use crate::report::difference::{Side, difference};
use crate::report::overview::{self, Place, Trouble, grouped};
use crate::report::text::duration;

#[derive(Serialize)]
pub(super) struct StepView<'record> {
    index: usize,
    id: &'record str,
    title: &'record str,
    state: &'static str,
    mark: char,
    is_open: bool,
    lines: String,
    /// In the scenario; empty where that is not known.
    at: String,
    erratum: Option<&'record str>,
    /// In the document's lines that the step is linked to.
    findings: Vec<FindingView<'record>>,
    reason: Option<String>,
    acts: &'record [String],
    checks: Vec<CheckView<'record>>,
    passed: usize,
    meant: usize,
    time: Option<String>,
    acts_time: Option<String>,
    /// Of the longest step, in percent.
    share: u64,
    /// Of the step's own time, in percent.
    acts_share: u64,
    evidence: Vec<Link<'record>>,
}

#[derive(Serialize)]
struct CheckView<'record> {
    that: &'record str,
    kind: &'record str,
    at: String,
    /// The last part of it, which tells checks of one file apart.
    at_line: String,
    state: &'static str,
    mark: char,
    time: Option<String>,
    why: Option<&'record str>,
    facts: Vec<&'record Fact>,
    remarks: Vec<&'record str>,
    failures: Vec<FailureView<'record>>,
}

/// One check that failed or broke, or a step that broke outside of its checks.
#[derive(Serialize)]
pub(super) struct TroubleView<'record> {
    step: usize,
    id: &'record str,
    that: &'record str,
    state: &'static str,
    mark: char,
    lines: String,
    at: String,
    why: Option<String>,
    failures: Vec<FailureView<'record>>,
}

/// Failures that differ only in their subject.
#[derive(Serialize)]
struct FailureView<'record> {
    subjects: Vec<&'record str>,
    expected: &'record str,
    observed: &'record str,
    why: &'record str,
    /// Side and line, where both texts have several lines; empty otherwise.
    difference: Vec<(&'static str, &'record str)>,
}

impl<'record> StepView<'record> {
    pub(super) fn new(record: &'record Record, index: usize, step: &'record Step) -> Self {
        let state = State::from(&step.outcome);
        let timing = record.timing.steps.get(&step.id);
        let totals = record.timing.steps.values().map(|timing| timing.total);
        let longest = totals.max().unwrap_or(0);
        let tally = Tally::checks(step);
        let document = step.document.as_ref();
        let place = Place::of_step(record, step);
        let checks = step.checks.iter();
        Self {
            index,
            id: &step.id,
            title: &step.title,
            state: state.word(),
            mark: state.mark(),
            is_open: matches!(state, State::Failed | State::Broken),
            lines: place.document(),
            at: place.scenario(),
            erratum: document.and_then(|document| document.erratum.as_deref()),
            findings: FindingView::of_step(record, &step.id),
            reason: step.outcome.reason(),
            acts: &step.acts,
            checks: checks
                .map(|check| CheckView::new(record, step, check))
                .collect(),
            passed: tally.passed,
            meant: tally.total() - tally.skipped,
            time: timing.map(|timing| duration(timing.total)),
            acts_time: timing.map(|timing| duration(timing.acts)),
            share: timing.map_or(0, |timing| percent(timing.total, longest)),
            acts_share: timing.map_or(0, |timing| percent(timing.acts, timing.total)),
            evidence: record
                .run
                .evidence
                .get(&step.id)
                .map_or_else(Vec::new, |paths| Link::all(paths)),
        }
    }
}

fn percent(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or(0).min(100)
}

impl<'record> CheckView<'record> {
    fn new(record: &'record Record, step: &'record Step, check: &'record Check) -> Self {
        let state = State::from(&check.verdict);
        let timing = record.timing.steps.get(&step.id);
        let took = timing.and_then(|timing| timing.checks.get(&check.that));
        let failures = record.run.failures.get(&step.id);
        let failures = failures.and_then(|failures| failures.get(&check.that));
        let at = Place::of_check(record, step, check).scenario();
        Self {
            that: &check.that,
            kind: &check.kind,
            at_line: at.rsplit('/').next().unwrap_or(&at).to_owned(),
            at,
            state: state.word(),
            mark: state.mark(),
            time: took.map(|took| duration(*took)),
            why: check.verdict.reason(),
            facts: check.facts.iter().collect(),
            remarks: check.remarks.iter().map(String::as_str).collect(),
            failures: failures.map_or_else(Vec::new, |failures| FailureView::all(failures)),
        }
    }
}

impl<'record> TroubleView<'record> {
    /// What went wrong, in the order of the steps and their checks.
    pub(super) fn all(record: &'record Record) -> Vec<Self> {
        let steps = record.canonical.steps.iter().enumerate();
        steps
            .flat_map(|(index, step)| Self::of_step(record, index, step))
            .collect()
    }

    fn of_step(record: &'record Record, index: usize, step: &'record Step) -> Vec<Self> {
        let troubles = overview::troubles(record, step);
        if troubles.is_empty() && matches!(step.outcome, Outcome::Broken { .. }) {
            let why = step.outcome.reason();
            let place = Place::of_step(record, step);
            let view = Self::new(index, &step.id, &step.title, State::Broken, place);
            return vec![Self { why, ..view }];
        }
        let view = |trouble: Trouble<'record>| {
            let that = &trouble.check.that;
            Self {
                why: trouble.why.map(str::to_owned),
                failures: FailureView::all(trouble.failures),
                ..Self::new(index, &step.id, that, trouble.state, trouble.place)
            }
        };
        troubles.into_iter().map(view).collect()
    }

    fn new(
        step: usize,
        id: &'record str,
        that: &'record str,
        state: State,
        place: Place<'_>,
    ) -> Self {
        Self {
            step,
            id,
            that,
            state: state.word(),
            mark: state.mark(),
            lines: place.document(),
            at: place.scenario(),
            why: None,
            failures: Vec::new(),
        }
    }
}

impl<'record> FailureView<'record> {
    fn all(failures: &'record [Failure]) -> Vec<Self> {
        grouped(failures)
            .into_iter()
            .map(|(subjects, failure)| Self {
                subjects,
                expected: &failure.expected,
                observed: &failure.observed,
                why: &failure.why,
                difference: Self::difference(failure),
            })
            .collect()
    }

    fn difference(failure: &'record Failure) -> Vec<(&'static str, &'record str)> {
        if !failure.expected.contains('\n') || !failure.observed.contains('\n') {
            return Vec::new();
        }
        difference(&failure.expected, &failure.observed)
            .into_iter()
            .map(|(side, line)| match side {
                Side::Both => ("both", line),
                Side::Expected => ("expected", line),
                Side::Observed => ("observed", line),
            })
            .collect()
    }
}
