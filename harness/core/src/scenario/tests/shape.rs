//! Files that are no YAML, or have keys, kinds and types that a scenario has not.

use insta::assert_snapshot;
use strum::VariantNames as _;

use super::problems;
use crate::check::Check;

#[test]
fn an_unknown_key_and_the_key_it_was_meant_for() {
    assert_snapshot!(problems(&[("title: Calico gives", "titel: Calico gives"), ("    deadline: 5m", "    deadlines: 5m")]), @r"
    error: unknown key `titel`
     --> scenarios/example/scenario.yaml:2:1
      |
    2 | titel: Calico gives every node a block
      | ^^^^^
      |
      = hint: did you mean `title`? Known: scenario, title, document, nodes, cluster, components, steps, ignore

    error: unknown key `deadlines`
      --> scenarios/example/scenario.yaml:13:5
       |
    13 |     deadlines: 5m
       |     ^^^^^^^^^
       |
       = hint: did you mean `deadline`? Known: id, title, document, deadline, act, expect
    ");
}

#[test]
fn an_unknown_key_of_an_act_and_of_a_check() {
    assert_snapshot!(problems(&[("template: files", "content: files"), ("prefix-length: 24", "prefix_length: 24")]), @r"
    error: missing key `template`
      --> scenarios/example/scenario.yaml:18:22
       |
    18 |       - node-file: { path: /etc/cni/multus/net.d/a.conf, content: files/a.conf }
       |                      ^^^^

    error: unknown key `content`
      --> scenarios/example/scenario.yaml:18:58
       |
    18 |       - node-file: { path: /etc/cni/multus/net.d/a.conf, content: files/a.conf }
       |                                                          ^^^^^^^
       |
       = hint: known: path, template

    error: unknown key `prefix_length`
      --> scenarios/example/scenario.yaml:25:42
       |
    25 |           blocks: { pool: 10.244.0.0/16, prefix_length: 24 }
       |                                          ^^^^^^^^^^^^^
       |
       = hint: did you mean `prefix-length`? Known: pool, prefix-length
    ");
}

#[test]
fn an_unknown_act_and_an_unknown_check() {
    assert_snapshot!(problems(&[("- apply:", "- aply:"), ("blocks: {", "pools: {")]), @r"
    error: unknown act `aply`
      --> scenarios/example/scenario.yaml:16:9
       |
    16 |       - aply: { file: manifests/calico.yaml }
       |         ^^^^
       |
       = hint: did you mean `apply`? Known: apply, install, patch, node-directory, node-file, rename-node-file, probe-pods

    error: unknown check `pools`
      --> scenarios/example/scenario.yaml:25:11
       |
    25 |           pools: { pool: 10.244.0.0/16, prefix-length: 24 }
       |           ^^^^^
       |
       = hint: known: nodes, versions, tigera-status, workloads, installation, node-annotations, blocks, node-command, node-files, cni-configuration, default-network, network-attachment, kept-network, pods, pod-addresses, pod-routes, pod-annotations, network-status, pod-events, pod-logs, connectivity, sandbox-failure, bridge, own-gateway
    ");
}

#[test]
fn two_kinds_in_one_place() {
    assert_snapshot!(problems(&[("      - apply:", "        apply:")]), @r"
    error: a second kind `apply` in one place
      --> scenarios/example/scenario.yaml:16:9
       |
    16 |         apply: { file: manifests/calico.yaml }
       |         ^^^^^
       |
       = hint: one kind in one place: begin the next with `- `, or indent what belongs to the first
    ");
}

#[test]
fn a_wrong_type() {
    assert_snapshot!(problems(&[("workers: 2", "workers: two"), ("path: /etc/cni/multus/net.d }", "path: [/etc] }"), ("hold: 500ms", "hold: 5"), ("lines: [10, 20]", "lines: [10]")]), @r"
    error: expected a whole number up to 65535, found the text `two`
     --> scenarios/example/scenario.yaml:6:38
      |
    6 | nodes: { control-planes: 1, workers: two, schedulable-control-planes: true }
      |                                      ^^^

    error: expected a list of 2, found 1
      --> scenarios/example/scenario.yaml:12:24
       |
    12 |     document: { lines: [10] }
       |                        ^

    error: expected a text, found a list
      --> scenarios/example/scenario.yaml:17:33
       |
    17 |       - node-directory: { path: [/etc] }
       |                                 ^

    error: expected a time such as `90s` or `5m`, found the number 5
      --> scenarios/example/scenario.yaml:34:15
       |
    34 |         hold: 5
       |               ^
       |
       = hint: write its unit too: ms, s, m or h
    ");
}

#[test]
fn a_number_that_does_not_fit() {
    assert_snapshot!(problems(&[("prefix-length: 24", "prefix-length: 300"), ("workers: 2", "workers: -1")]), @r"
    error: expected a whole number up to 65535, found the number -1
     --> scenarios/example/scenario.yaml:6:38
      |
    6 | nodes: { control-planes: 1, workers: -1, schedulable-control-planes: true }
      |                                      ^^

    error: expected a whole number up to 255, found the number 300
      --> scenarios/example/scenario.yaml:25:57
       |
    25 |           blocks: { pool: 10.244.0.0/16, prefix-length: 300 }
       |                                                         ^^^
    ");
}

#[test]
fn text_that_is_no_version_requirement_or_range() {
    assert_snapshot!(problems(&[("calico: 3.25.0", "calico: 3.25"), ("\"<4.0.0\"", "\"<four\""), ("10.244.0.0/16, service", "10.244.0/16, service")]), @r#"
    error: failed to read `10.244.0/16`: invalid IP address syntax
     --> scenarios/example/scenario.yaml:7:24
      |
    7 | cluster: { pod-subnet: 10.244.0/16, service-subnet: 10.96.0.0/12 }
      |                        ^^^^^^^^^^^

    error: expected a version such as `3.28.4`, found the number 3.25
     --> scenarios/example/scenario.yaml:8:23
      |
    8 | components: { calico: 3.25, multus: 3.9.3 }
      |                       ^^^^
      |
      = hint: write all three numbers of the version, or put it in quotes

    error: failed to read `<four`: unexpected character 'f' while parsing major version number
      --> scenarios/example/scenario.yaml:35:25
       |
    35 |         when: { multus: "<four" }
       |                         ^^^^^^^
    "#);
}

#[test]
fn missing_keys() {
    assert_snapshot!(problems(&[("    title: Every node has a block\n", ""), ("that: the range of a is set\n        ", ""), (", manifest: operator", "")]), @r"
    error: missing key `title`
      --> scenarios/example/scenario.yaml:10:5
       |
    10 |   - id: calico
       |     ^^

    error: missing key `manifest`
      --> scenarios/example/scenario.yaml:14:20
       |
    14 |       - install: { component: calico }
       |                    ^^^^^^^^^

    error: missing key `that`
      --> scenarios/example/scenario.yaml:25:9
       |
    25 |       - check:
       |         ^^^^^
    ");
}

#[test]
fn a_mapping_where_a_list_belongs() {
    assert_snapshot!(problems(&[("    act:\n      - patch:", "    act:\n        patch:")]), @r"
    error: expected a list, found a mapping
      --> scenarios/example/scenario.yaml:41:9
       |
    41 |         patch: { api-version: apps/v1, kind: Deployment, namespace: default, name: normal, file: patches/b.yaml }
       |         ^^^^^
    ");
}

#[test]
fn text_that_is_no_yaml() {
    assert_snapshot!(problems(&[("  - id: pods", "  - id: \"pods")]), @r#"
    error: unclosed quote
      --> scenarios/example/scenario.yaml:38:9
       |
    38 |   - id: "pods
       |         ^
    "#);
}

#[test]
fn a_key_twice() {
    assert_snapshot!(problems(&[("title: Calico gives", "scenario: again\ntitle: Calico gives"), ("file: manifests", "file: a, file: manifests")]), @r"
    error: the key `scenario` is there twice
     --> scenarios/example/scenario.yaml:2:1
      |
    2 | scenario: again
      | ^^^^^^^^

    error: the key `file` is there twice
      --> scenarios/example/scenario.yaml:17:27
       |
    17 |       - apply: { file: a, file: manifests/calico.yaml }
       |                           ^^^^
    ");
}

#[test]
fn the_names_of_checks_are_those_that_a_scenario_writes() {
    let schema = schemars::schema_for!(Check);
    let written = schema.as_value()["oneOf"].as_array().into_iter().flatten();
    let written: Vec<_> = written
        .filter_map(|kind| kind["required"][0].as_str())
        .collect();
    assert!(!written.is_empty());
    assert_eq!(Check::VARIANTS, written);
}
