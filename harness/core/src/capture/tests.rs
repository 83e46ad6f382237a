//! A small scenario, what a run of it saw, and what is said when it is played again.

use std::collections::BTreeMap;

use super::*;
use crate::judge::{Conclusion, Performed};
use crate::observation::Observations;
use crate::plan::{self, Available, Options, Plan};
use crate::query::Subject;
use crate::record::{Class, Outcome, THE_CAPTURE, Verdict};
use crate::scenario;

mod file;
mod others;
mod playing;
mod trim;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SCENARIO: &str = r#"
scenario: small
title: Two steps
document: { sha256: "0000000000000000000000000000000000000000000000000000000000000000", lines: 10 }
nodes: { control-planes: 1, workers: 0, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { multus: 4.2.1 }
steps:
  - id: first
    title: The word is there
    act:
      - node-directory: { path: /etc/cni/multus/net.d }
    expect:
      - that: the word comes
        until: 10s
        check:
          node-command: { command: [word], contains: [yes] }
      - that: and it is the only one
        check:
          node-command: { command: [word], contains: [yes], absent: [maybe] }
      - that: meant for another version
        when: { multus: "<4.0.0" }
        check:
          node-command: { command: [older], contains: [yes] }
  - id: second
    title: The other word is there
    act:
      - rename-node-file: { from: /etc/a, to: /etc/b }
    expect:
      - that: the other word is there
        check:
          node-command: { command: [other], contains: [yes] }
"#;

fn plan_with(text: &str, multus: &str) -> Result<Plan> {
    let draft = scenario::read("scenario.yaml", text);
    let version: Version = multus.parse()?;
    let available = Available {
        source: Source::Module,
        versions: BTreeMap::from([("multus".to_owned(), [version.clone()].into())]),
        pins: BTreeMap::from([("multus".to_owned(), version)]),
        ..Available::default()
    };
    Ok(plan::resolve(
        &draft,
        &BTreeMap::new(),
        &available,
        &Options::default(),
    )?)
}

fn plan() -> Result<Plan> {
    plan_with(SCENARIO, "4.2.1")
}

fn query(command: &str) -> Query {
    Query::NodeCommand {
        command: vec![command.to_owned()],
    }
}

fn outputs(text: &str) -> Vec<Output> {
    let subject = Subject::Node("doc-control-plane".to_owned());
    vec![Output::fetched(subject, 0, text, "")]
}

fn seen(looks: &[(&str, &str)]) -> Observations {
    let mut observations = Observations::default();
    for (command, text) in looks {
        observations.insert(query(command), outputs(text));
    }
    observations
}

/// What a run keeps of one step: `last` are its last outputs, `own` those that a check saw before.
fn kept(plan: &Plan, index: usize, last: &[(&str, &str)], own: &[(&str, Look)]) -> CapturedStep {
    let step = &plan.steps[index];
    let context = plan.context(Timestamp::UNIX_EPOCH);
    let all = Look::from(seen(last));
    let meant = step.checks.iter().filter(|check| check.skipped.is_none());
    let concluded = meant.map(|check| {
        let own = own.iter().find(|(that, _)| *that == check.that);
        let saw = own.map_or(&all, |(_, seen)| seen);
        let saw = saw.only(&check.check.queries(&context));
        (check.that.clone(), Conclusion::of(check, saw, &context))
    });
    let performed = Performed {
        acts: step.acts.iter().map(|_| "an act".to_owned()).collect(),
        broken: None,
        concluded: concluded.collect(),
    };
    keep(step, &context, &performed, &all, &Look::default())
}

fn capture(plan: &Plan, steps: Vec<CapturedStep>) -> Capture {
    Capture {
        format: FORMAT,
        scenario: plan.scenario.clone(),
        document: plan.document.clone(),
        source: plan.source,
        nodes: plan.nodes.clone(),
        cluster: Cluster {
            pod_subnet: plan.pod_subnet,
            service_subnet: plan.service_subnet,
        },
        components: vec![Component {
            name: "multus".to_owned(),
            version: "4.2.1".to_owned(),
            reason: None,
            origin: "a module".to_owned(),
            digests: BTreeMap::new(),
            notes: Vec::new(),
        }],
        steps,
    }
}

fn good() -> Result<(Plan, Capture)> {
    let plan = plan()?;
    let steps = vec![
        kept(&plan, 0, &[("word", "yes\n")], &[]),
        kept(&plan, 1, &[("other", "yes\n")], &[]),
    ];
    let capture = capture(&plan, steps);
    Ok((plan, capture))
}

fn outcomes(plan: &Plan, capture: &Capture) -> Vec<Outcome> {
    let steps = play(plan, capture).steps.into_iter();
    steps.map(|step| step.outcome).collect()
}

fn unanswered(why: &str) -> Outcome {
    Outcome::Blocked {
        by: THE_CAPTURE.to_owned(),
        why: Some(why.to_owned()),
    }
}

fn parted(by: &str) -> Outcome {
    Outcome::Blocked {
        by: by.to_owned(),
        why: Some(format!(
            "what {by} does now is not what the captured run did, so that what it saw from there on is of another cluster"
        )),
    }
}
