//! What a user sees of a scenario file, good or bad.

use proptest::prelude::*;

use super::*;
use crate::problem::Problems;

mod proving;
mod rules;
mod shape;

const FILE: &str = "scenarios/example/scenario.yaml";

/// A small scenario with every kind of act, and with the checks that have rules.
pub(crate) const EXAMPLE: &str = "\
scenario: example
title: Calico gives every node a block
document:
  sha256: 7c3a9623fded2b604a8e33fe30c72be5ead386c68864059b32985cd7485f2974
  lines: 100
nodes: { control-planes: 1, workers: 2, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { calico: 3.25.0, multus: 3.9.3 }
steps:
  - id: calico
    title: Every node has a block
    document: { lines: [10, 20] }
    deadline: 5m
    act:
      - install: { component: calico, manifest: operator }
      - apply: { file: manifests/calico.yaml }
      - node-directory: { path: /etc/cni/multus/net.d }
      - node-file: { path: /etc/cni/multus/net.d/a.conf, template: files/a.conf }
      - rename-node-file: { from: /etc/cni/multus/net.d/b.bak, to: /etc/cni/multus/net.d/b.conf }
      - probe-pods: { name: before, image: praqma/network-multitool:latest }
    expect:
      - that: blocks are inside the pool
        until: 90s
        check:
          blocks: { pool: 10.244.0.0/16, prefix-length: 24 }
      - that: the range of a is set
        check:
          cni-configuration:
            path: /etc/cni/multus/net.d/a.conf
            name: a
            plugin: calico
            range: { first: 150, last: 250 }
      - that: the older witness agrees
        hold: 500ms
        when: { multus: \"<4.0.0\" }
        check:
          default-network: { name: k8s-pod-network, after: step, probe: before }
  - id: pods
    title: Pods have addresses of b
    act:
      - patch: { api-version: apps/v1, kind: Deployment, namespace: default, name: normal, file: patches/b.yaml }
    expect:
      - that: the address is from b
        check:
          pod-addresses:
            namespace: default
            selector: app=normal
            interfaces:
              - name: eth0
                network: kube-system/b
                prefix-length: 32
                range: { file: /etc/cni/multus/net.d/b.conf, block: { first: 50, last: 100 } }
              - { name: net1, network: default/c, prefix-length: 24, subnet: 10.1.128.0/24 }
      - that: the routes are these
        check:
          pod-routes:
            namespace: default
            selector: app=normal
            exactly:
              - default via 169.254.1.1 dev eth0
              - 10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}
";

/// The example with each text replaced by the other.
pub(crate) fn example_with(changes: &[(&str, &str)]) -> String {
    let mut text = EXAMPLE.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "the example has no `{old}`");
        text = text.replacen(old, new, 1);
    }
    text
}

fn problems(changes: &[(&str, &str)]) -> String {
    told(&example_with(changes))
}

fn told(text: &str) -> String {
    match parse(FILE, text) {
        Ok(_) => "no problem".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn the_example_is_a_scenario() -> Result<(), Problems> {
    let scenario = parse(FILE, EXAMPLE)?;
    let ids: Vec<_> = scenario.steps.iter().map(|step| &step.id).collect();
    assert_eq!(ids, ["calico", "pods"]);
    assert_eq!(scenario.steps[0].act.len(), 6);
    assert_eq!(scenario.source.file, FILE);
    Ok(())
}

#[test]
fn a_scenario_without_acts_and_options_is_one() -> Result<(), Problems> {
    let text = "\
scenario: least
title: A cluster
document: { sha256: 7c3a9623fded2b604a8e33fe30c72be5ead386c68864059b32985cd7485f2974, lines: 1 }
nodes: { control-planes: 1, workers: 0, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/16 }
components: {}
steps:
  - { id: cluster, title: It is there, expect: [{ that: nodes, check: { nodes: { runtime: cri-o, ready: false } } }] }
";
    parse(FILE, text).map(|scenario| assert!(scenario.components.is_empty()))
}

#[test]
fn an_empty_file_and_a_list_are_no_scenario() {
    for text in ["", "[]", "just text"] {
        assert!(
            parse(FILE, text).is_err(),
            "`{text}` was taken for a scenario"
        );
    }
}

#[test]
fn a_file_of_brackets_is_a_problem_and_no_overflow() {
    assert!(parse(FILE, &"[".repeat(100_000)).is_err());
    assert!(parse(FILE, &"{a: ".repeat(100_000)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_a_scenario_or_a_problem(text in "\\PC{0,200}") {
        if let Err(problems) = parse(FILE, &text) {
            prop_assert!(!problems.to_string().is_empty());
        }
    }

    #[test]
    fn a_damaged_scenario_is_a_scenario_or_a_problem(
        start in 0..EXAMPLE.len(),
        length in 0_usize..40,
        instead in "[ -~\n{}\\[\\]:&*é]{0,8}",
    ) {
        let end = (start + length).min(EXAMPLE.len());
        let text = format!("{}{instead}{}", &EXAMPLE[..start], &EXAMPLE[end..]);
        if let Err(problems) = parse(FILE, &text) {
            prop_assert!(!problems.is_empty());
            prop_assert!(!problems.to_string().is_empty());
        }
    }
}
