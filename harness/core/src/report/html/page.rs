//! What the page shows, as plain values: texts that are not escaped yet, numbers, class names.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{drawing, timeline, witnesses};
use crate::check::{Fact, Failure};
use crate::record::{Check, Component, Outcome, Record, Step};
use crate::report::difference::{Side, difference};
use crate::report::overview::{self, State, Tally, Trouble, grouped, headline, reason, run_state};
use crate::report::text::{count, document_lines, duration, printable};

#[derive(Serialize)]
pub(super) struct Page<'record> {
    title: String,
    scenario: String,
    state: &'static str,
    mark: char,
    headline: String,
    checks: String,
    total: String,
    about: Vec<(&'static str, String)>,
    command: String,
    strip: Vec<Segment>,
    chips: Vec<Chip>,
    troubles: Vec<TroubleView>,
    steps: Vec<StepView<'record>>,
    remarks: Vec<(usize, String, String)>,
    retries: &'record [String],
    drawings: Vec<drawing::Drawing>,
    witnesses: Vec<witnesses::Section>,
    components: Vec<ComponentView<'record>>,
    machine: &'record BTreeMap<String, String>,
    nodes: NodeTable,
    timeline: timeline::Timeline,
    evidence: Vec<(String, Vec<Link>)>,
}

/// One step on the strip under the verdict.
#[derive(Serialize)]
struct Segment {
    index: usize,
    state: &'static str,
    label: String,
    /// In the strip's own unit; what took no time has a little, so that it can be seen.
    weight: u64,
}

#[derive(Serialize)]
struct Chip {
    name: String,
    version: String,
    has_notes: bool,
}

#[derive(Serialize)]
struct TroubleView {
    step: usize,
    id: String,
    that: String,
    state: &'static str,
    mark: char,
    lines: String,
    why: Option<String>,
    groups: Vec<FailureView>,
}

/// Failures that differ only in their subject.
#[derive(Serialize)]
struct FailureView {
    subjects: Vec<String>,
    expected: String,
    observed: String,
    why: String,
    /// Side and line, where both texts have several lines; empty otherwise.
    difference: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct StepView<'record> {
    index: usize,
    id: String,
    title: String,
    state: &'static str,
    mark: char,
    is_open: bool,
    lines: String,
    erratum: Option<&'record str>,
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
    evidence: Vec<Link>,
}

#[derive(Serialize)]
struct CheckView<'record> {
    that: String,
    kind: &'record str,
    state: &'static str,
    mark: char,
    time: Option<String>,
    why: Option<String>,
    facts: Vec<FactView>,
    remarks: Vec<String>,
    failures: Vec<FailureView>,
}

#[derive(Serialize)]
struct FactView {
    subject: String,
    name: String,
    value: String,
}

#[derive(Serialize)]
struct ComponentView<'record> {
    name: &'record str,
    version: &'record str,
    origin: &'record str,
    reason: Option<&'record str>,
    digests: &'record BTreeMap<String, String>,
    notes: &'record [String],
}

#[derive(Serialize)]
struct NodeTable {
    columns: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
}

#[derive(Serialize)]
struct Link {
    href: String,
    name: String,
}

impl<'record> Page<'record> {
    pub(super) fn new(record: &'record Record) -> Self {
        let canonical = &record.canonical;
        let state = run_state(record);
        let steps: Vec<_> = canonical
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| StepView::new(record, index, step))
            .collect();
        Self {
            title: text(&canonical.title),
            scenario: text(&canonical.scenario),
            state: state.word(),
            mark: state.mark(),
            headline: headline(record),
            checks: Tally::all_checks(record).words(),
            total: duration(record.timing.total),
            about: about(record),
            command: text(&record.run.command),
            strip: strip(record),
            chips: canonical.components.iter().map(chip).collect(),
            troubles: troubles(record),
            remarks: remarks(record),
            steps,
            retries: &record.run.retries,
            drawings: drawing::drawings(record),
            witnesses: witnesses::sections(record),
            components: canonical.components.iter().map(component).collect(),
            machine: &record.run.machine,
            nodes: nodes(record),
            timeline: timeline::timeline(record),
            evidence: other_evidence(record),
        }
    }
}

/// A text as the page may hold it, apart from escaping.
pub(super) fn text(text: &str) -> String {
    printable(text).into_owned()
}

fn about(record: &Record) -> Vec<(&'static str, String)> {
    let canonical = &record.canonical;
    let nodes = &canonical.nodes;
    let schedulable = if nodes.schedulable_control_planes {
        ", takes pods"
    } else {
        ""
    };
    let mut about = vec![
        ("Stage", canonical.stage.clone()),
        ("Components from", canonical.source.to_string()),
        (
            "Nodes",
            format!(
                "{}{schedulable}; {}",
                count(nodes.control_planes.into(), "control plane"),
                count(nodes.workers.into(), "worker"),
            ),
        ),
        ("Began", record.timing.started.clone()),
        ("Cluster was there after", duration(record.timing.cluster)),
    ];
    if let Some(teardown) = record.timing.teardown {
        about.push(("Tearing down took", duration(teardown)));
    }
    about.push(("Run", record.run.id.clone()));
    about.push(("Document", format!("{} lines", canonical.document.lines)));
    about.push(("Document sha256", canonical.document.sha256.clone()));
    about
        .into_iter()
        .map(|(name, value)| (name, text(&value)))
        .collect()
}

fn strip(record: &Record) -> Vec<Segment> {
    let took = |step: &Step| {
        record
            .timing
            .steps
            .get(&step.id)
            .map_or(0, |timing| timing.total)
    };
    let steps = &record.canonical.steps;
    let sum: u64 = steps.iter().map(took).sum();
    // A fiftieth of the strip is the least that can be seen and clicked.
    let least = (sum / 50).max(1);
    steps
        .iter()
        .enumerate()
        .map(|(index, step)| Segment {
            index,
            state: State::from(&step.outcome).word(),
            label: format!(
                "{}: {}, {}",
                text(&step.id),
                State::from(&step.outcome).word(),
                duration(took(step))
            ),
            weight: took(step).max(least),
        })
        .collect()
}

fn chip(component: &Component) -> Chip {
    Chip {
        name: text(&component.name),
        version: text(&component.version),
        has_notes: !component.notes.is_empty(),
    }
}

fn troubles(record: &Record) -> Vec<TroubleView> {
    let steps = record.canonical.steps.iter().enumerate();
    steps
        .flat_map(|(index, step)| {
            let troubles = overview::troubles(record, step);
            let mut views: Vec<_> = troubles
                .iter()
                .map(|trouble| TroubleView::new(index, trouble))
                .collect();
            if views.is_empty() && matches!(step.outcome, Outcome::Broken { .. }) {
                views.push(TroubleView {
                    step: index,
                    id: text(&step.id),
                    that: text(&step.title),
                    state: State::Broken.word(),
                    mark: State::Broken.mark(),
                    lines: lines(step),
                    why: reason(&step.outcome).map(|why| text(&why)),
                    groups: Vec::new(),
                });
            }
            views
        })
        .collect()
}

fn lines(step: &Step) -> String {
    step.document
        .as_ref()
        .map(document_lines)
        .unwrap_or_default()
}

impl TroubleView {
    fn new(index: usize, trouble: &Trouble<'_>) -> Self {
        Self {
            step: index,
            id: text(&trouble.step.id),
            that: text(&trouble.check.that),
            state: trouble.state.word(),
            mark: trouble.state.mark(),
            lines: lines(trouble.step),
            why: trouble.why.map(text),
            groups: FailureView::all(trouble.failures),
        }
    }
}

impl FailureView {
    fn all(failures: &[Failure]) -> Vec<Self> {
        grouped(failures)
            .into_iter()
            .map(|(subjects, failure)| Self {
                subjects: subjects.into_iter().map(text).collect(),
                expected: text(&failure.expected),
                observed: text(&failure.observed),
                why: text(&failure.why),
                difference: Self::difference(failure),
            })
            .collect()
    }

    fn difference(failure: &Failure) -> Vec<(&'static str, String)> {
        if !failure.expected.contains('\n') || !failure.observed.contains('\n') {
            return Vec::new();
        }
        difference(&failure.expected, &failure.observed)
            .into_iter()
            .map(|(side, line)| {
                let side = match side {
                    Side::Both => "both",
                    Side::Expected => "expected",
                    Side::Observed => "observed",
                };
                (side, text(line))
            })
            .collect()
    }
}

fn remarks(record: &Record) -> Vec<(usize, String, String)> {
    let steps = record.canonical.steps.iter().enumerate();
    steps
        .flat_map(|(index, step)| {
            let remarks = step.checks.iter().flat_map(|check| &check.remarks);
            remarks.map(move |remark| (index, text(&step.id), text(remark)))
        })
        .collect()
}

impl<'record> StepView<'record> {
    fn new(record: &'record Record, index: usize, step: &'record Step) -> Self {
        let state = State::from(&step.outcome);
        let timing = record.timing.steps.get(&step.id);
        let longest = record
            .timing
            .steps
            .values()
            .map(|timing| timing.total)
            .max();
        let checks = Tally::checks(step);
        let evidence = record.run.evidence.get(&step.id);
        Self {
            index,
            id: text(&step.id),
            title: text(&step.title),
            state: state.word(),
            mark: state.mark(),
            is_open: matches!(state, State::Failed | State::Broken),
            lines: lines(step),
            erratum: step
                .document
                .as_ref()
                .and_then(|document| document.erratum.as_deref()),
            reason: reason(&step.outcome).map(|why| text(&why)),
            acts: &step.acts,
            checks: step
                .checks
                .iter()
                .map(|check| CheckView::new(record, step, check))
                .collect(),
            passed: checks.passed,
            meant: checks.total() - checks.skipped,
            time: timing.map(|timing| duration(timing.total)),
            acts_time: timing.map(|timing| duration(timing.acts)),
            share: percent(
                timing.map_or(0, |timing| timing.total),
                longest.unwrap_or(0),
            ),
            acts_share: timing.map_or(0, |timing| percent(timing.acts, timing.total)),
            evidence: evidence.map_or_else(Vec::new, |paths| {
                paths.iter().map(|path| link(path)).collect()
            }),
        }
    }
}

fn percent(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or(0).min(100)
}

impl<'record> CheckView<'record> {
    fn new(record: &'record Record, step: &'record Step, check: &'record Check) -> Self {
        use crate::record::Verdict;
        let state = State::from(&check.verdict);
        let timing = record.timing.steps.get(&step.id);
        let took = timing.and_then(|timing| timing.checks.get(&check.that));
        let failures = record.run.failures.get(&step.id);
        let failures = failures.and_then(|failures| failures.get(&check.that));
        Self {
            that: text(&check.that),
            kind: &check.kind,
            state: state.word(),
            mark: state.mark(),
            time: took.map(|took| duration(*took)),
            why: match &check.verdict {
                Verdict::Skipped { why } | Verdict::Broken { why } => Some(text(why)),
                Verdict::Passed | Verdict::Failed | Verdict::Blocked => None,
            },
            facts: check.facts.iter().map(fact).collect(),
            remarks: check.remarks.iter().map(|remark| text(remark)).collect(),
            failures: failures.map_or_else(Vec::new, |failures| FailureView::all(failures)),
        }
    }
}

fn fact(fact: &Fact) -> FactView {
    FactView {
        subject: text(&fact.subject),
        name: text(&fact.name),
        value: text(&fact.value),
    }
}

fn component(component: &Component) -> ComponentView<'_> {
    ComponentView {
        name: &component.name,
        version: &component.version,
        origin: &component.origin,
        reason: component.reason.as_deref(),
        digests: &component.digests,
        notes: &component.notes,
    }
}

fn nodes(record: &Record) -> NodeTable {
    let facts = &record.run.node_facts;
    let mut columns: Vec<_> = facts.values().flat_map(BTreeMap::keys).cloned().collect();
    columns.sort_unstable();
    columns.dedup();
    let rows = facts.iter().map(|(node, facts)| {
        let cells = columns.iter().map(|column| {
            facts
                .get(column)
                .map(|value| text(value))
                .unwrap_or_default()
        });
        (text(node), cells.collect())
    });
    NodeTable {
        rows: rows.collect(),
        columns: columns.clone(),
    }
}

/// Evidence that belongs to no step.
fn other_evidence(record: &Record) -> Vec<(String, Vec<Link>)> {
    let steps = &record.canonical.steps;
    let others = record.run.evidence.iter();
    others
        .filter(|(id, _)| !steps.iter().any(|step| step.id == **id))
        .map(|(id, paths)| (text(id), paths.iter().map(|path| link(path)).collect()))
        .collect()
}

/// A link that stays inside the record's folder: `./` before the path, and everything special percent-encoded, so that no
/// path can be read as another scheme.
fn link(path: &str) -> Link {
    let mut href = "./".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            href.push(char::from(byte));
        } else {
            href.push_str(&format!("%{byte:02X}"));
        }
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    Link {
        href,
        name: text(name),
    }
}
