//! What the page shows, as plain values.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::matrix::{CellVerdict, LeftOut, Merged, MergedCell};
use crate::record::compare::{self, Explanation, KnownChanges};
use crate::record::{Record, State, Step};
use crate::report::overview::Place;
use crate::report::text::{count, duration};

#[derive(Serialize)]
pub(super) struct Page<'merged> {
    title: &'merged str,
    scenario: &'merged str,
    source: String,
    state: &'static str,
    mark: char,
    headline: String,
    base: Option<&'merged str>,
    cells: Vec<CellView<'merged>>,
    rows: Vec<Row<'merged>>,
    left_out: &'merged [LeftOut],
    command: &'merged str,
}

/// One step over all cells.
#[derive(Serialize)]
struct Row<'merged> {
    id: &'merged str,
    title: &'merged str,
    squares: Vec<Option<Square>>,
}

/// One step of one cell, in the table.
#[derive(Serialize)]
struct Square {
    anchor: String,
    state: &'static str,
    mark: char,
    time: String,
    /// How many facts and verdicts are not those of the base, and nobody expected it.
    changed: usize,
    /// How many are not and are explained.
    expected: usize,
    /// Whether it is where a known defect stops the cell, as it should.
    is_known: bool,
    label: String,
}

#[derive(Serialize)]
struct CellView<'merged> {
    index: usize,
    name: &'merged str,
    versions: Vec<(&'merged str, &'merged str)>,
    state: &'static str,
    mark: char,
    word: &'static str,
    why: &'merged str,
    is_base: bool,
    total: String,
    changed: usize,
    expected: usize,
    report: Option<String>,
    command: Option<&'merged str>,
    steps: Vec<StepView<'merged>>,
}

#[derive(Serialize)]
struct StepView<'merged> {
    anchor: String,
    id: &'merged str,
    title: &'merged str,
    at: String,
    state: &'static str,
    mark: char,
    time: String,
    reason: Option<String>,
    checks: Vec<CheckView<'merged>>,
    changes: Vec<ChangeView>,
    not_comparable: Vec<(String, String)>,
}

/// One fact or verdict that is not the base's.
#[derive(Serialize)]
struct ChangeView {
    check: String,
    subject: String,
    fact: String,
    before: String,
    after: String,
    words: String,
    /// Which component did it, where that can be told.
    blamed: Option<String>,
    /// Why it is no surprise; none for what nobody expected.
    explanation: Option<String>,
}

#[derive(Serialize)]
struct CheckView<'merged> {
    that: &'merged str,
    at: String,
    state: &'static str,
    mark: char,
}

impl<'merged> Page<'merged> {
    pub(super) fn new(merged: &'merged Merged, known: &KnownChanges) -> Self {
        let base = merged.base_record();
        let cells: Vec<_> = merged
            .cells
            .iter()
            .enumerate()
            .map(|(index, cell)| CellView::new(index, cell, merged.base.as_deref(), base, known))
            .collect();
        let (state, mark) = state(worst(merged));
        Self {
            title: &merged.title,
            scenario: &merged.scenario,
            source: merged.source.to_string(),
            state,
            mark,
            headline: headline(merged),
            base: merged.base.as_deref(),
            rows: rows(merged, &cells),
            cells,
            left_out: &merged.left_out,
            command: &merged.command,
        }
    }
}

/// One line for the whole: `4 cells as expected, 1 unexpected`.
pub(super) fn headline(merged: &Merged) -> String {
    let verdicts = [
        CellVerdict::AsExpected,
        CellVerdict::Unexpected,
        CellVerdict::NotFoundOut,
        CellVerdict::Missing,
    ];
    let parts: Vec<_> = verdicts
        .into_iter()
        .filter_map(|verdict| {
            let cells = merged.cells.iter();
            let number = cells
                .filter(|cell| cell.judgement.verdict == verdict)
                .count();
            (number > 0).then(|| format!("{} {}", count(number, "cell"), word(verdict)))
        })
        .collect();
    if parts.is_empty() {
        "no cell".to_owned()
    } else {
        parts.join(", ")
    }
}

fn worst(merged: &Merged) -> CellVerdict {
    match merged.exit_code() {
        0 => CellVerdict::AsExpected,
        1 => CellVerdict::Unexpected,
        _ => CellVerdict::NotFoundOut,
    }
}

/// The class and the mark of a verdict, as the reports of runs have them.
pub(super) fn state(verdict: CellVerdict) -> (&'static str, char) {
    let state = match verdict {
        CellVerdict::AsExpected => State::Passed,
        CellVerdict::Unexpected => State::Failed,
        CellVerdict::NotFoundOut => State::Broken,
        CellVerdict::Missing => State::Skipped,
    };
    (state.word(), state.mark())
}

pub(super) fn word(verdict: CellVerdict) -> &'static str {
    match verdict {
        CellVerdict::AsExpected => "as expected",
        CellVerdict::Unexpected => "unexpected",
        CellVerdict::NotFoundOut => "not found out",
        CellVerdict::Missing => "missing",
    }
}

/// The steps of the scenario: those of the first record.
pub(super) fn steps(merged: &Merged) -> &[Step] {
    let mut records = merged.cells.iter().filter_map(|cell| cell.record.as_ref());
    records.next().map_or(&[], |record| &record.canonical.steps)
}

fn rows<'merged>(merged: &'merged Merged, cells: &[CellView<'_>]) -> Vec<Row<'merged>> {
    let row = |step: &'merged Step| Row {
        id: &step.id,
        title: &step.title,
        squares: cells
            .iter()
            .zip(&merged.cells)
            .map(|(view, cell)| Square::new(view, cell, &step.id))
            .collect(),
    };
    steps(merged).iter().map(row).collect()
}

impl Square {
    fn new(view: &CellView<'_>, cell: &MergedCell, id: &str) -> Option<Self> {
        let step = view.steps.iter().find(|step| step.id == id)?;
        let is_known = cell.judgement.verdict == CellVerdict::AsExpected
            && cell.known.as_ref().is_some_and(|known| known.step == id)
            && step.state != State::Passed.word();
        let known = if is_known { ", as is known" } else { "" };
        Some(Self {
            anchor: step.anchor.clone(),
            state: step.state,
            mark: step.mark,
            time: step.time.clone(),
            changed: step.unexpected(),
            expected: step.expected(),
            is_known,
            label: format!("{id} of {}: {}{known}", cell.name, step.state),
        })
    }
}

impl<'merged> CellView<'merged> {
    fn new(
        index: usize,
        cell: &'merged MergedCell,
        base_name: Option<&str>,
        base: Option<&'merged Record>,
        known: &KnownChanges,
    ) -> Self {
        let is_base = base_name == Some(cell.name.as_str());
        let base = base.filter(|_| !is_base);
        let steps: Vec<_> = cell
            .record
            .as_ref()
            .map_or_else(Vec::new, |record| StepView::all(index, record, base, known));
        let (state, mark) = state(cell.judgement.verdict);
        Self {
            index,
            name: &cell.name,
            versions: cell
                .versions
                .iter()
                .map(|(name, version)| (name.as_str(), version.as_str()))
                .collect(),
            state,
            mark,
            word: word(cell.judgement.verdict),
            why: &cell.judgement.why,
            is_base,
            total: total(cell),
            changed: steps.iter().map(StepView::unexpected).sum(),
            expected: steps.iter().map(StepView::expected).sum(),
            report: cell.folder.as_deref().and_then(report),
            command: cell
                .record
                .as_ref()
                .map(|record| record.run.command.as_str()),
            steps,
        }
    }
}

/// How long a cell took, its cluster and teardown included.
pub(super) fn total(cell: &MergedCell) -> String {
    let timing = cell.record.as_ref().map(|record| &record.timing);
    timing.map_or_else(String::new, |timing| {
        duration(timing.total + timing.teardown.unwrap_or_default())
    })
}

/// The address of a cell's own report, where it is below the page's folder and needs no encoding.
fn report(folder: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.+".contains(&byte);
    let is_below = !folder.starts_with('/') && !folder.split('/').any(|part| part == "..");
    (is_below && folder.bytes().all(is_plain)).then(|| format!("./{folder}/report.html"))
}

impl<'merged> StepView<'merged> {
    fn unexpected(&self) -> usize {
        self.changes.len() - self.expected()
    }

    fn expected(&self) -> usize {
        let changes = self.changes.iter();
        changes
            .filter(|change| change.explanation.is_some())
            .count()
    }

    fn all(
        cell: usize,
        record: &'merged Record,
        base: Option<&Record>,
        known: &KnownChanges,
    ) -> Vec<Self> {
        let comparison = base.map(|base| compare::compare(base, record, known, &[]));
        let (changes, hidden) = comparison.map_or_else(Default::default, |comparison| {
            (comparison.changes, comparison.not_compared)
        });
        let mut of_step: BTreeMap<String, Vec<ChangeView>> = BTreeMap::new();
        for change in changes {
            let step = change.step.clone();
            of_step.entry(step).or_default().push(change.into());
        }
        let mut hidden_of_step: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for one in hidden {
            let what = one.check.unwrap_or_else(|| "the whole step".to_owned());
            let list = hidden_of_step.entry(one.step).or_default();
            list.push((what, one.why));
        }
        let steps = record.canonical.steps.iter().enumerate();
        steps
            .map(|(index, step)| {
                let state = State::from(&step.outcome);
                let timing = record.timing.steps.get(&step.id);
                Self {
                    anchor: format!("cell-{cell}-step-{index}"),
                    id: &step.id,
                    title: &step.title,
                    at: Place::of_step(record, step).scenario(),
                    state: state.word(),
                    mark: state.mark(),
                    time: timing.map_or_else(String::new, |timing| duration(timing.total)),
                    reason: step.outcome.reason(),
                    checks: step
                        .checks
                        .iter()
                        .map(|check| {
                            let state = State::from(&check.verdict);
                            CheckView {
                                that: &check.that,
                                at: Place::of_check(record, step, check).scenario(),
                                state: state.word(),
                                mark: state.mark(),
                            }
                        })
                        .collect(),
                    changes: of_step.remove(&step.id).unwrap_or_default(),
                    not_comparable: hidden_of_step.remove(&step.id).unwrap_or_default(),
                }
            })
            .collect()
    }
}

impl From<compare::Change> for ChangeView {
    fn from(change: compare::Change) -> Self {
        let words = change.words();
        let of = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
        let explanation = change.explanation.map(|explanation| match explanation {
            Explanation::Known {
                because, reference, ..
            } => format!("{because} ({reference})"),
            Explanation::Scenario { when } => format!("the scenario says so: {when}"),
            Explanation::Flickers { .. } => "runs of the same versions differ in it too".to_owned(),
        });
        Self {
            check: change.check.unwrap_or_default(),
            subject: change.subject,
            fact: change.fact,
            before: of(change.before),
            after: of(change.after),
            words,
            blamed: change.blame.blamed().map(str::to_owned),
            explanation,
        }
    }
}
