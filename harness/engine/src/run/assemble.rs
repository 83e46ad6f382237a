//! The record, made of the plan, the stack, and what the replay and the stage found. Pure.

use std::collections::BTreeMap;

use rehearse_core::plan::Plan;
use rehearse_core::record::{
    Canonical, Component, DocumentUnderTest, FORMAT, Moment, Record, Run, Shared, Timing,
};

use super::Replayed;

/// What the record says of this one run besides its steps.
#[derive(Debug, Default)]
pub struct Circumstances {
    /// The run's id.
    pub id: String,
    /// The cluster's name.
    pub cluster: String,
    /// How to do the same again.
    pub command: String,
    /// Where the catalogue and the scenarios were taken from.
    pub home: Option<String>,
    /// What is found in the document's text.
    pub document: Option<DocumentUnderTest>,
    /// The machine.
    pub machine: BTreeMap<String, String>,
    /// Node name to its facts.
    pub node_facts: BTreeMap<String, BTreeMap<String, String>>,
    /// Events, journals, configuration and marks, by time.
    pub timeline: Vec<Moment>,
    /// Retries outside the steps, a line each.
    pub retries: Vec<String>,
    /// The steps that another run performed.
    pub shared: Option<Shared>,
    /// Times outside the steps; the steps' are filled in.
    pub timing: Timing,
}

/// The record of a run.
pub fn record(
    plan: &Plan,
    components: &[Component],
    replayed: Replayed,
    circumstances: Circumstances,
) -> Record {
    let mut retries = circumstances.retries;
    retries.extend(replayed.retries);
    Record {
        format: FORMAT,
        canonical: Canonical {
            scenario: plan.scenario.clone(),
            title: plan.title.clone(),
            document: plan.document.clone(),
            stage: "kind".to_owned(),
            capture: None,
            source: plan.source,
            nodes: plan.nodes.clone(),
            components: with_reasons(plan, components),
            steps: replayed.judged.steps,
        },
        document: circumstances.document,
        timing: Timing {
            steps: replayed.timing,
            ..circumstances.timing
        },
        run: Run {
            id: circumstances.id,
            cluster: circumstances.cluster,
            command: circumstances.command,
            home: circumstances.home,
            machine: circumstances.machine,
            node_facts: circumstances.node_facts,
            failures: replayed.judged.failures,
            details: replayed.judged.details,
            locations: plan.locations(),
            timeline: circumstances.timeline,
            retries,
            evidence: replayed.evidence,
            shared: circumstances.shared,
        },
    }
}

/// The components, sorted by name, each with why it has this version where that is not the scenario's.
fn with_reasons(plan: &Plan, components: &[Component]) -> Vec<Component> {
    let mut components: Vec<Component> = components
        .iter()
        .map(|component| Component {
            reason: plan
                .components
                .get(&component.name)
                .and_then(|choice| choice.why(plan.source))
                .or_else(|| component.reason.clone()),
            ..component.clone()
        })
        .collect();
    components.sort_by(|left, right| left.name.cmp(&right.name));
    components
}
