//! A comparison as one self-contained page, the two sides beside each other: no file, font or script from anywhere else,
//! and no script at all. The template only lays out what is prepared here; it decides nothing.

use crate::medium::Safe;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::words;
use crate::check::{Fact, Failure};
use crate::record::compare::{Change, Class, Comparison, Conclusion, Input, InputKind};
use crate::record::{Record, State, Step};
use crate::report::RenderError;
use crate::report::template::{Layout, fill};

use crate::report::text::{count, duration};

const LAYOUT: Layout<'static> = Layout {
    templates: &[("page", include_str!("html/page.html"))],
    styles: &[
        include_str!("../html/style.css"),
        include_str!("html/style.css"),
    ],
    script: "",
};

/// The page. It shows all facts of both records; the comparison must be theirs.
///
/// # Errors
/// [`RenderError::Html`], which nothing in a record causes.
pub fn render(
    comparison: &Comparison,
    base: &Record,
    candidate: &Record,
) -> Result<Safe, RenderError> {
    fill(&LAYOUT, Page::new(comparison, base, candidate))
}

#[derive(Serialize)]
struct Page<'a> {
    scenario: &'a str,
    title: &'a str,
    state: &'static str,
    mark: char,
    headline: String,
    sides: [SideView<'a>; 2],
    inputs: Vec<InputView<'a>>,
    unexpected: Vec<ChangeView<'a>>,
    steps: Vec<StepView<'a>>,
    gaps: Vec<String>,
    timings: Vec<String>,
    band: String,
    unmatched: Vec<String>,
}

#[derive(Serialize)]
struct SideView<'a> {
    label: &'static str,
    run: &'a str,
    started: &'a str,
    stage: &'a str,
    total: String,
    command: &'a str,
}

#[derive(Serialize)]
struct InputView<'a> {
    name: &'a str,
    kind: &'static str,
    base: &'a str,
    candidate: &'a str,
    of: &'a [String],
}

#[derive(Serialize)]
struct ChangeView<'a> {
    index: usize,
    step: &'a str,
    place: &'a str,
    /// In the scenario.
    at: Option<String>,
    subject: &'a str,
    fact: &'a str,
    class: &'static str,
    words: String,
    before: Option<&'a str>,
    after: Option<&'a str>,
    failures: &'a [Failure],
    blame: String,
    because: Option<String>,
    reference: Option<&'a str>,
}

#[derive(Serialize)]
struct StepView<'a> {
    id: &'a str,
    title: &'a str,
    states: [StateView; 2],
    is_open: bool,
    tally: String,
    changes: Vec<ChangeView<'a>>,
    same: Vec<FactView<'a>>,
    gaps: Vec<String>,
}

#[derive(Serialize)]
struct StateView {
    word: &'static str,
    mark: char,
    why: String,
    time: String,
}

#[derive(Serialize)]
struct FactView<'a> {
    check: &'a str,
    subject: &'a str,
    name: &'a str,
    value: &'a str,
}

impl<'a> Page<'a> {
    fn new(comparison: &'a Comparison, base: &'a Record, candidate: &'a Record) -> Self {
        let (state, mark) = match comparison.result() {
            Conclusion::NothingUnexpected => (State::Passed.word(), State::Passed.mark()),
            Conclusion::Unexpected => (State::Failed.word(), State::Failed.mark()),
            Conclusion::NotComparable => (State::Broken.word(), State::Broken.mark()),
        };
        let side = |label, record: &'a Record| SideView {
            label,
            run: &record.run.id,
            started: &record.timing.started,
            stage: &record.canonical.stage,
            total: duration(record.timing.total),
            command: &record.run.command,
        };
        let steps = if comparison.incomparable.is_some() {
            Vec::new()
        } else {
            steps(comparison, base, candidate)
        };
        Self {
            scenario: &candidate.canonical.scenario,
            title: &candidate.canonical.title,
            state,
            mark,
            headline: words::headline(comparison),
            sides: [side("base", base), side("candidate", candidate)],
            inputs: comparison.inputs.iter().map(InputView::new).collect(),
            unexpected: views(comparison, Change::is_unexpected),
            steps,
            gaps: comparison.not_compared.iter().map(words::gap).collect(),
            timings: comparison
                .timings
                .changes
                .iter()
                .map(words::timing)
                .collect(),
            band: words::band(&comparison.timings.band),
            unmatched: comparison.unmatched.iter().map(words::unmatched).collect(),
        }
    }
}

impl<'a> InputView<'a> {
    fn new(input: &'a Input) -> Self {
        let (kind, of): (_, &[String]) = match &input.kind {
            InputKind::Version => ("version", &[]),
            InputKind::Presence => ("on one side only", &[]),
            InputKind::Origin => ("made from something else", &[]),
            InputKind::Digests { of } => ("built again", of),
            InputKind::Machine => ("machine", &[]),
            InputKind::Plan { .. } => ("plan", &[]),
        };
        Self {
            name: &input.name,
            kind,
            base: &input.base,
            candidate: &input.candidate,
            of,
        }
    }
}

fn views(comparison: &Comparison, wanted: impl Fn(&Change) -> bool) -> Vec<ChangeView<'_>> {
    let changes = comparison.changes.iter().enumerate();
    changes
        .filter(|(_, change)| wanted(change))
        .map(|(index, change)| {
            let (because, reference) = match &change.explanation {
                Some(explanation) => {
                    let (because, reference) = words::explanation(explanation);
                    (Some(because), reference)
                }
                None => (None, None),
            };
            ChangeView {
                index,
                step: &change.step,
                place: words::place(change),
                at: change.location.as_ref().map(ToString::to_string),
                subject: &change.subject,
                fact: &change.fact,
                class: class(change.class),
                words: change.words(),
                before: change.before.as_deref(),
                after: change.after.as_deref(),
                failures: &change.failures,
                blame: words::blame(&change.blame),
                because,
                reference,
            }
        })
        .collect()
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Changed => "changed",
        Class::New => "new",
        Class::Gone => "gone",
        Class::Verdict => "verdict",
    }
}

/// The candidate's steps in order, then those that only the base has.
fn steps<'a>(
    comparison: &'a Comparison,
    base: &'a Record,
    candidate: &'a Record,
) -> Vec<StepView<'a>> {
    let by_id = |record: &'a Record| -> BTreeMap<&'a str, &'a Step> {
        let steps = record.canonical.steps.iter();
        steps.map(|step| (step.id.as_str(), step)).collect()
    };
    let (left, right) = (by_id(base), by_id(candidate));
    let only_base = base.canonical.steps.iter();
    let only_base = only_base.filter(|step| !right.contains_key(step.id.as_str()));
    let all = candidate.canonical.steps.iter().chain(only_base);
    all.map(|step| {
        let id = step.id.as_str();
        let (before, after) = (left.get(id).copied(), right.get(id).copied());
        let changes = views(comparison, |change| change.step == step.id);
        let same = match (before, after) {
            (Some(before), Some(after)) => same(before, after),
            _ => Vec::new(),
        };
        let gaps = comparison.not_compared.iter();
        let gaps = gaps.filter(|gap| gap.step == step.id);
        StepView {
            id,
            title: &step.title,
            states: [state(before, base), state(after, candidate)],
            is_open: changes.iter().any(|change| change.because.is_none()),
            tally: format!(
                "{}, {} the same",
                count(changes.len(), "change"),
                count(same.len(), "fact")
            ),
            changes,
            same,
            gaps: gaps.map(words::gap).collect(),
        }
    })
    .collect()
}

fn state(step: Option<&Step>, record: &Record) -> StateView {
    let Some(step) = step else {
        return StateView {
            word: "skipped",
            mark: State::Skipped.mark(),
            why: "not in this scenario".to_owned(),
            time: String::new(),
        };
    };
    let state = State::from(&step.outcome);
    let timing = record.timing.steps.get(&step.id);
    StateView {
        word: state.word(),
        mark: state.mark(),
        why: step.outcome.reason().unwrap_or_default(),
        time: timing.map_or_else(String::new, |timing| duration(timing.total)),
    }
}

/// The facts of a step that checks of one kind tell in both records, to the letter.
fn same<'a>(before: &'a Step, after: &'a Step) -> Vec<FactView<'a>> {
    let checks = before.checks.iter();
    let earlier: BTreeSet<(&str, &Fact)> = checks
        .flat_map(|check| check.facts.iter().map(|fact| (check.kind.as_str(), fact)))
        .collect();
    let mut same = Vec::new();
    for check in &after.checks {
        let facts = check.facts.iter();
        let both = facts.filter(|fact| earlier.contains(&(check.kind.as_str(), *fact)));
        same.extend(both.map(|fact| FactView {
            check: &check.that,
            subject: &fact.subject,
            name: &fact.name,
            value: &fact.value,
        }));
    }
    same
}
