//! Mutants on the recorded cluster: each family turns a check red, and no mutant is without effect.

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::fixture::{Cluster as Recorded, Result};
use crate::capture::{Capture, CapturedLook, CapturedStep, FORMAT};
use crate::check::Check;
use crate::coverage::{Baseline, Trial, Trials, Unanswered};
use crate::observation::known_facts;
use crate::plan::{Choice, Plan, PlannedCheck, Reason, Step};
use crate::scenario::{self, Cluster, Scenario};

mod coverage;

const SCENARIO: &str = "\
scenario: recorded
title: The recorded cluster
document: { sha256: \"0000000000000000000000000000000000000000000000000000000000000000\", lines: 10 }
nodes: { control-planes: 1, workers: 2, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { calico: 3.28.4 }
steps:
  - id: last
    title: Everything is as recorded
    document: { lines: [1, 2] }
    expect:
      - that: it is so
        check: { versions: { kubelet: true, runtime: true } }
";

/// A plan of one step with checks as the scenario writes them, in JSON.
fn plan(scenario: &Scenario, checks: &[Value]) -> Result<Plan> {
    let versions = Recorded::at_the_last_step()?.context.components;
    let choice = |version| Choice {
        version,
        reason: Reason::Pinned { instead_of: None },
    };
    let components = versions.into_iter();
    let check = |check: &Value| -> Result<PlannedCheck> {
        let check: Check = serde_json::from_value(check.clone())?;
        Ok(PlannedCheck {
            that: "it is so".to_owned(),
            location: None,
            check,
            until: None,
            hold: None,
            skipped: None,
        })
    };
    Ok(Plan {
        scenario: scenario.scenario.clone(),
        title: scenario.title.clone(),
        document: scenario.document.clone(),
        nodes: scenario.nodes.clone(),
        pod_subnet: scenario.cluster.pod_subnet,
        service_subnet: scenario.cluster.service_subnet,
        source: crate::catalogue::Source::Module,
        components: components
            .map(|(name, version)| (name, choice(version)))
            .collect(),
        steps: vec![Step {
            id: "last".to_owned(),
            location: None,
            title: String::new(),
            document: None,
            deadline: Duration::from_secs(1),
            acts: Vec::new(),
            checks: checks.iter().map(check).collect::<Result<_>>()?,
        }],
        until: None,
    })
}

/// What the cluster answers to the plan's queries.
fn capture(cluster: &Recorded, plan: &Plan) -> Result<Capture> {
    let checks = plan.steps.iter().flat_map(|step| &step.checks);
    let queries: BTreeSet<_> = checks
        .flat_map(|check| check.check.queries(&cluster.context))
        .collect();
    let looks = queries.into_iter().map(|query| {
        let outputs = cluster.answer(&query);
        CapturedLook::of(query, outputs)
    });
    let versions = cluster.context.components.iter();
    let components = versions.map(|(name, version)| {
        json!({"name": name, "version": version.to_string(), "reason": "", "origin": "", "digests": {}, "notes": []})
    });
    Ok(Capture {
        format: FORMAT,
        scenario: plan.scenario.clone(),
        document: plan.document.clone(),
        source: plan.source,
        nodes: plan.nodes.clone(),
        cluster: Cluster {
            pod_subnet: plan.pod_subnet,
            service_subnet: plan.service_subnet,
        },
        components: serde_json::from_value(components.collect())?,
        steps: vec![CapturedStep {
            id: "last".to_owned(),
            started: cluster.context.step_started,
            acts: Vec::new(),
            act_digests: Vec::new(),
            looks: looks.collect(),
            others: Vec::new(),
            earlier: Vec::new(),
        }],
    })
}

fn recorded() -> Result<Recorded> {
    let mut cluster = Recorded::at_the_last_step()?;
    cluster.connect_all();
    cluster.logs.insert(
        "default/normal-859c7fbdf5-4jghl".to_owned(),
        "first\nsecond\n".to_owned(),
    );
    Ok(cluster)
}

fn trials(checks: &[Value]) -> Result<Trials> {
    let scenario = scenario::parse("scenario.yaml", SCENARIO)?;
    let plan = plan(&scenario, checks)?;
    let capture = capture(&recorded()?, &plan)?;
    let (mut trials, unanswered) = Trials::of(&plan, &capture);
    assert_eq!(unanswered, Unanswered::default());
    trials.pop().ok_or_else(|| "no step".into())
}

fn run(trials: &Trials) -> Vec<Trial> {
    let mut observations = trials.observations();
    let places = 0..trials.mutants.len();
    places
        .map(|index| trials.run(&mut observations, index))
        .collect()
}

fn of_pods(kind: &str, rest: &Value) -> Value {
    let mut parameters = json!({"namespace": "default", "selector": "app=normal"});
    if let (Some(all), Some(rest)) = (parameters.as_object_mut(), rest.as_object()) {
        all.extend(rest.clone());
    }
    json!({kind: parameters})
}

fn addresses() -> Value {
    of_pods(
        "pod-addresses",
        &json!({"interfaces": [
            {"name": "eth0", "network": "kube-system/default-calico", "prefix-length": 32, "lease": "default-calico",
             "range": {"file": "/etc/cni/multus/net.d/default-calico.conf", "block": {"first": 50, "last": 100}}},
            {"name": "net1", "network": "default/cfosdefaultcni5", "prefix-length": 24, "subnet": "10.1.128.0/24",
             "lease": "cfosdefaultcni5", "unique": "node"}]}),
    )
}

fn routes() -> Value {
    of_pods(
        "pod-routes",
        &json!({"exactly": [
            "default via 10.1.128.2 dev net1", "10.0.0.0/8 via 169.254.1.1 dev eth0", "10.0.0.2 via 10.1.128.1 dev net1",
            "10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}", "10.96.0.0/12 via 10.1.128.1 dev net1",
            "10.96.0.0/12 via 169.254.1.1 dev eth0", "169.254.1.1 dev eth0 scope link"]}),
    )
}

fn network_status() -> Value {
    of_pods(
        "network-status",
        &json!({"annotation": "k8s.v1.cni.cncf.io/network-status", "entries": [
            {"name": "kube-system/default-calico", "interface": "eth0", "names-interface": false, "default": true},
            {"name": "default/cfosdefaultcni5", "interface": "net1", "names-interface": true, "default": false}]}),
    )
}

fn default_network() -> Value {
    json!({"default-network": {"name": "multus-cni-network", "after": "step", "probe": "switched"}})
}

fn configuration() -> Value {
    json!({"cni-configuration": {"path": "/etc/cni/multus/net.d/net-calico.conf", "name": "net-calico",
        "plugin": "calico", "range": {"first": 150, "last": 250}}})
}

fn blocks() -> Value {
    json!({"blocks": {"pool": "10.244.0.0/16", "prefix-length": 24}})
}

fn workloads() -> Value {
    json!({"workloads": {"namespace": "calico-system", "daemon-sets": ["calico-node"]}})
}

fn events() -> Value {
    of_pods(
        "pod-events",
        &json!({"reason": "AddedInterface", "messages": ["Add eth0 [{{ pod.eth0 }}/32] from kube-system/default-calico",
            "Add net1 [{{ pod.net1 }}/24] from default/cfosdefaultcni5"]}),
    )
}

fn logs() -> Value {
    of_pods(
        "pod-logs",
        &json!({"contains": ["second"], "absent": ["third"]}),
    )
}

fn bridge() -> Value {
    of_pods(
        "bridge",
        &json!({"name": "cni5", "address": "10.1.128.1/24", "hairpin": true}),
    )
}

fn kept() -> Value {
    json!({"kept-network": {"probe": "priority", "network": "k8s-pod-network"}})
}

fn versions() -> Value {
    json!({"versions": {"kubelet": true, "runtime": true}})
}

#[rstest]
#[case::address(addresses(), "addresses.address", "address of another node's range")]
#[case::address(addresses(), "addresses.prefix-length", "other prefix length")]
#[case::pod_address(addresses(), "pods.addresses", "next address")]
#[case::route(routes(), "routes.gateway", "other gateway")]
#[case::route_order(routes(), "routes.order", "after the next one")]
#[case::annotation(addresses(), "annotations.value", "gone")]
#[case::network_status(network_status(), "network-status.interface", "other interface")]
#[case::malformed(network_status(), "network-status.present", "malformed JSON")]
#[case::file(default_network(), "files.others", "a file that sorts before")]
#[case::upper_case(configuration(), "files.present", "upper case")]
#[case::configuration(configuration(), "configuration.range", "next address")]
#[case::result(kept(), "results.network", "other network")]
#[case::lease(addresses(), "leases.sandbox", "other sandbox")]
#[case::block(blocks(), "blocks.cidr", "another node's block")]
#[case::readiness(workloads(), "workloads.ready", "one less")]
#[case::version(versions(), "nodes.kubelet-version", "other version")]
#[case::status(json!({"tigera-status": {"available": ["calico"]}}), "tigera-status.condition", "turned round")]
#[case::event(events(), "events.message", "other network")]
#[case::line(logs(), "logs.line", "gone")]
#[case::unwanted_line(logs(), "logs.others", "there")]
#[case::journal(default_network(), "journal.default-network", "older than the step")]
#[case::link(bridge(), "links.hairpin", "turned round")]
#[case::connection(of_pods("connectivity", &json!({"port": 80})), "connections.present", "not tried")]
#[case::output(json!({"nodes": {"runtime": "cri-o", "ready": true}}), "outputs.present", "an empty list")]
fn each_kind_of_fact_turns_its_check_red(
    #[case] check: Value,
    #[case] fact: &str,
    #[case] mutation: &str,
) -> Result<()> {
    let trials = trials(&[check])?;
    assert_eq!(trials.checks[0].baseline, Baseline::Passed);
    let outcomes = run(&trials);
    let mutants = trials.mutants.iter().zip(&outcomes);
    let mut of_kind =
        mutants.filter(|(mutant, _)| mutant.fact == fact && mutant.mutation == mutation);
    assert!(of_kind.any(|(_, trial)| !trial.red.is_empty()));
    Ok(())
}

#[test]
fn no_mutant_is_without_effect_or_without_a_name() -> Result<()> {
    let all = [
        addresses(),
        routes(),
        network_status(),
        default_network(),
        configuration(),
        blocks(),
        workloads(),
        events(),
        logs(),
        bridge(),
        kept(),
        versions(),
    ];
    let trials = trials(&all)?;
    let before = trials.observations();
    let mut observations = before.clone();
    let mut names = BTreeSet::new();
    for (index, mutant) in trials.mutants.iter().enumerate() {
        let trial = trials.run(&mut observations, index);
        assert_eq!(trial.not_made, None, "{mutant}");
        assert!(known_facts().any(|fact| fact == mutant.fact), "{mutant}");
        assert!(names.insert(mutant.to_string()), "{mutant} is there twice");
    }
    assert!(observations == before, "a mutant was not taken back");
    assert!(names.len() > 1000, "only {} mutants", names.len());
    Ok(())
}
