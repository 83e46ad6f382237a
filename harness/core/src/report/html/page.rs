//! What the page shows, as plain values: texts that are not escaped yet, numbers, class names.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::DocumentView;
use super::link::Link;
use super::steps::{StepView, TroubleView};
use super::{drawing, timeline, witnesses};
use crate::record::{Component, Record, Shared, State, Step, Tally};
use crate::report::overview::{headline, played, remarks, run_state};
use crate::report::text::{count, duration};

#[derive(Serialize)]
pub(super) struct Page<'record> {
    title: &'record str,
    scenario: &'record str,
    state: &'static str,
    mark: char,
    headline: String,
    checks: String,
    total: String,
    played: Option<String>,
    about: Vec<(&'static str, String)>,
    command: &'record str,
    strip: Vec<Segment>,
    troubles: Vec<TroubleView<'record>>,
    steps: Vec<StepView<'record>>,
    remarks: Vec<RemarkView<'record>>,
    retries: &'record [String],
    shared: Option<String>,
    document: Option<DocumentView<'record>>,
    drawings: Vec<drawing::Drawing<'record>>,
    witnesses: Vec<witnesses::Section<'record>>,
    components: &'record [Component],
    machine: &'record BTreeMap<String, String>,
    nodes: NodeTable<'record>,
    timeline: timeline::Timeline<'record>,
    evidence: Vec<(&'record str, Vec<Link<'record>>)>,
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
struct RemarkView<'record> {
    step: usize,
    id: &'record str,
    at: String,
    text: &'record str,
}

#[derive(Serialize)]
struct NodeTable<'record> {
    columns: Vec<&'record str>,
    rows: Vec<(&'record str, Vec<&'record str>)>,
}

impl<'record> Page<'record> {
    pub(super) fn new(record: &'record Record) -> Self {
        let canonical = &record.canonical;
        let state = run_state(record);
        let steps = canonical.steps.iter().enumerate();
        Self {
            title: &canonical.title,
            scenario: &canonical.scenario,
            state: state.word(),
            mark: state.mark(),
            headline: headline(record),
            checks: Tally::all_checks(record).words(),
            total: duration(record.timing.total),
            played: played(record),
            about: about(record),
            command: &record.run.command,
            strip: strip(record),
            troubles: TroubleView::all(record),
            steps: steps
                .map(|(index, step)| StepView::new(record, index, step))
                .collect(),
            remarks: remark_views(record),
            retries: &record.run.retries,
            shared: record.run.shared.as_ref().map(Shared::sentence),
            document: DocumentView::new(record),
            drawings: drawing::drawings(record),
            witnesses: witnesses::sections(record),
            components: &canonical.components,
            machine: &record.run.machine,
            nodes: nodes(record),
            timeline: timeline::timeline(record),
            evidence: other_evidence(record),
        }
    }
}

fn about(record: &Record) -> Vec<(&'static str, String)> {
    let canonical = &record.canonical;
    let nodes = &canonical.nodes;
    let takes_pods = if nodes.schedulable_control_planes {
        " that takes pods"
    } else {
        ""
    };
    let control_planes = count(nodes.control_planes.into(), "control plane");
    let workers = count(nodes.workers.into(), "worker");
    let mut about = vec![
        ("stage", canonical.stage.clone()),
        ("components from", canonical.source.to_string()),
        ("nodes", format!("{control_planes}{takes_pods}, {workers}")),
        ("began", record.timing.started.clone()),
        (
            "until the cluster was there",
            duration(record.timing.cluster),
        ),
    ];
    if let Some(teardown) = record.timing.teardown {
        about.push(("tearing it down", duration(teardown)));
    }
    about.push(("run", record.run.id.clone()));
    about.push(("cluster", record.run.cluster.clone()));
    about.extend(
        record
            .run
            .home
            .iter()
            .map(|home| ("scenarios and catalogue of", home.clone())),
    );
    let document = &canonical.document;
    about.push((
        "document",
        format!("{} lines, sha256 {}", document.lines, document.sha256),
    ));
    about
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
    let segment = |(index, step): (usize, &Step)| {
        let state = State::from(&step.outcome).word();
        Segment {
            index,
            state,
            label: format!("{}: {state}, {}", step.id, duration(took(step))),
            weight: took(step).max(least),
        }
    };
    steps.iter().enumerate().map(segment).collect()
}

fn remark_views(record: &Record) -> Vec<RemarkView<'_>> {
    let steps = record.canonical.steps.iter();
    let indices: BTreeMap<_, _> = steps
        .enumerate()
        .map(|(index, step)| (&step.id, index))
        .collect();
    remarks(record)
        .map(|remark| RemarkView {
            step: indices[&remark.step.id],
            id: &remark.step.id,
            at: remark.place.scenario(),
            text: remark.text,
        })
        .collect()
}

fn nodes(record: &Record) -> NodeTable<'_> {
    let facts = &record.run.node_facts;
    let mut columns: Vec<_> = facts
        .values()
        .flat_map(BTreeMap::keys)
        .map(String::as_str)
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let rows = facts.iter().map(|(node, facts)| {
        let cells = columns
            .iter()
            .map(|column| facts.get(*column).map_or("–", String::as_str));
        (node.as_str(), cells.collect())
    });
    NodeTable {
        rows: rows.collect(),
        columns: columns.clone(),
    }
}

/// Evidence that belongs to no step.
fn other_evidence(record: &Record) -> Vec<(&str, Vec<Link<'_>>)> {
    let steps = &record.canonical.steps;
    let others = record.run.evidence.iter();
    others
        .filter(|(id, _)| !steps.iter().any(|step| step.id == **id))
        .map(|(id, paths)| (id.as_str(), Link::all(paths)))
        .collect()
}
