//! Files of the right shape that break a rule.

use insta::assert_snapshot;

use super::{EXAMPLE, problems, told};

#[test]
fn names_that_are_none_or_not_unique() {
    assert_snapshot!(problems(&[("scenario: example", "scenario: Example 1"), ("id: pods", "id: calico"), ("that: the range of a is set", "that: blocks are inside the pool")]), @r"
    error: `Example 1` is no name
     --> scenarios/example/scenario.yaml:1:11
      |
    1 | scenario: Example 1
      |           ^^^^^^^^^
      |
      = hint: a name has 1 to 50 lower-case letters, digits and hyphens, and no hyphen at an end

    error: another expectation of this step has the sentence `blocks are inside the pool`
      --> scenarios/example/scenario.yaml:26:15
       |
    26 |       - that: blocks are inside the pool
       |               ^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: it is a key of the record: choose another

    error: another step has the id `calico`
      --> scenarios/example/scenario.yaml:38:9
       |
    38 |   - id: calico
       |         ^^^^^^
       |
       = hint: it is a key of the record: choose another
    ");
}

#[test]
fn nothing_expected_and_no_steps() {
    let head = |mark| EXAMPLE.split(mark).next().unwrap_or_default();
    let nothing = head("      - that: the address is from b");
    assert_snapshot!(told(&format!("{nothing}        []\n")), @r"
    error: a step that expects nothing proves nothing
      --> scenarios/example/scenario.yaml:42:5
       |
    42 |     expect:
       |     ^^^^^^
       |
       = hint: write at least one expectation
    ");
    assert_snapshot!(told(&format!("{}  []\n", head("  - id: calico"))), @r"
    error: a scenario without steps proves nothing
      --> scenarios/example/scenario.yaml:10:3
       |
    10 |   []
       |   ^
       |
       = hint: write at least one step
    ");
}

#[test]
fn times_that_are_none() {
    assert_snapshot!(problems(&[("deadline: 5m", "deadline: 5 minutes"), ("until: 90s", "until: 0s")]), @r"
    error: failed to read `5 minutes`: a time is a whole number and ms, s, m or h, such as `90s` or `5m`
      --> scenarios/example/scenario.yaml:13:15
       |
    13 |     deadline: 5 minutes
       |               ^^^^^^^^^

    error: failed to read `0s`: a time of nothing is never enough
      --> scenarios/example/scenario.yaml:23:16
       |
    23 |         until: 0s
       |                ^^
    ");
}

#[test]
fn lines_that_the_document_has_not() {
    assert_snapshot!(problems(&[("lines: [10, 20]", "lines: [20, 101]"), ("    title: Pods have", "    document: { lines: [9, 3] }\n    title: Pods have")]), @r"
    error: line 101 is beyond the document, which has 100
      --> scenarios/example/scenario.yaml:12:29
       |
    12 |     document: { lines: [20, 101] }
       |                             ^^^

    error: the first line 9 is after the last line 3
      --> scenarios/example/scenario.yaml:39:24
       |
    39 |     document: { lines: [9, 3] }
       |                        ^
    ");
}

#[test]
fn a_hash_that_is_none() {
    assert_snapshot!(problems(&[("7c3a", "7C3A")]), @r"
    error: `7C3A9623fded2b604a8e33fe30c72be5ead386c68864059b32985cd7485f2974` is no sha256
     --> scenarios/example/scenario.yaml:4:11
      |
    4 |   sha256: 7C3A9623fded2b604a8e33fe30c72be5ead386c68864059b32985cd7485f2974
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: a sha256 has 64 digits and letters from a to f, as `sha256sum` prints it
    ");
}

#[test]
fn a_path_that_leaves_the_folder() {
    assert_snapshot!(problems(&[("manifests/calico.yaml", "../other/calico.yaml"), ("files/a.conf", "/etc/passwd")]), @r"
    error: `../other/calico.yaml` leaves the scenario's folder
      --> scenarios/example/scenario.yaml:16:24
       |
    16 |       - apply: { file: ../other/calico.yaml }
       |                        ^^^^^^^^^^^^^^^^^^^^
       |
       = hint: a file of a scenario is named from its folder down, such as `manifests/calico.yaml`

    error: `/etc/passwd` leaves the scenario's folder
      --> scenarios/example/scenario.yaml:18:68
       |
    18 |       - node-file: { path: /etc/cni/multus/net.d/a.conf, template: /etc/passwd }
       |                                                                    ^^^^^^^^^^^
       |
       = hint: a file of a scenario is named from its folder down, such as `manifests/calico.yaml`
    ");
}

#[test]
fn a_path_on_a_node_that_is_not_absolute() {
    assert_snapshot!(problems(&[("{ path: /etc/cni/multus/net.d }", "{ path: cni/net.d }"), ("/b.bak", "/../b.bak")]), @r"
    error: `cni/net.d` is no absolute path
      --> scenarios/example/scenario.yaml:17:33
       |
    17 |       - node-directory: { path: cni/net.d }
       |                                 ^^^^^^^^^
       |
       = hint: a path on a node begins with `/` and has no `..`

    error: `/etc/cni/multus/net.d/../b.bak` is no absolute path
      --> scenarios/example/scenario.yaml:19:35
       |
    19 |       - rename-node-file: { from: /etc/cni/multus/net.d/../b.bak, to: /etc/cni/multus/net.d/b.conf }
       |                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: a path on a node begins with `/` and has no `..`
    ");
}

#[test]
fn a_pool_outside_the_pod_subnet() {
    assert_snapshot!(problems(&[("pool: 10.244.0.0/16", "pool: 10.245.0.0/16")]), @r"
    error: the pool 10.245.0.0/16 is outside the cluster's pod subnet
      --> scenarios/example/scenario.yaml:25:27
       |
    25 |           blocks: { pool: 10.245.0.0/16, prefix-length: 24 }
       |                           ^^^^^^^^^^^^^
       |
       = hint: `cluster.pod-subnet` is 10.244.0.0/16
    ");
}

#[test]
fn ranges_that_are_none() {
    assert_snapshot!(problems(&[("10.244.0.0/16, service", "10.244.3.0/16, service"), ("10.1.128.0/24", "10.1.128.1/24"), ("prefix-length: 24", "prefix-length: 8")]), @r"
    error: `10.244.3.0/16` is an address inside a range, not the range
     --> scenarios/example/scenario.yaml:7:24
      |
    7 | cluster: { pod-subnet: 10.244.3.0/16, service-subnet: 10.96.0.0/12 }
      |                        ^^^^^^^^^^^^^
      |
      = hint: write `10.244.0.0/16`

    error: a block of /8 does not fit into the pool 10.244.0.0/16
      --> scenarios/example/scenario.yaml:25:57
       |
    25 |           blocks: { pool: 10.244.0.0/16, prefix-length: 8 }
       |                                                         ^

    error: `10.1.128.1/24` is an address inside a range, not the range
      --> scenarios/example/scenario.yaml:53:78
       |
    53 |               - { name: net1, network: default/c, prefix-length: 24, subnet: 10.1.128.1/24 }
       |                                                                              ^^^^^^^^^^^^^
       |
       = hint: write `10.1.128.0/24`
    ");
}

#[test]
fn services_inside_the_pod_subnet() {
    assert_snapshot!(problems(&[("10.96.0.0/12", "10.244.128.0/20")]), @r"
    error: the Services' range 10.244.128.0/20 overlaps the pods' range 10.244.0.0/16
     --> scenarios/example/scenario.yaml:7:55
      |
    7 | cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.244.128.0/20 }
      |                                                       ^^^^^^^^^^^^^^^
    ");
}

#[test]
fn overlapping_ranges() {
    assert_snapshot!(problems(&[("first: 50, last: 100", "first: 50, last: 150")]), @r"
    error: the range 50-150 of /etc/cni/multus/net.d/b.conf overlaps 150-250 of /etc/cni/multus/net.d/a.conf
      --> scenarios/example/scenario.yaml:52:71
       |
    52 |                 range: { file: /etc/cni/multus/net.d/b.conf, block: { first: 50, last: 150 } }
       |                                                                       ^^^^^
       |
       = hint: two networks of one block would give the same address twice
    ");
}

#[test]
fn a_range_that_the_block_has_not() {
    assert_snapshot!(problems(&[("first: 150, last: 250", "first: 250, last: 150"), ("first: 50, last: 100", "first: 50, last: 256")]), @r"
    error: the range's first address 250 is after its last 150
      --> scenarios/example/scenario.yaml:32:22
       |
    32 |             range: { first: 250, last: 150 }
       |                      ^^^^^

    error: a block of /24 ends at 255, before 256
      --> scenarios/example/scenario.yaml:52:71
       |
    52 |                 range: { file: /etc/cni/multus/net.d/b.conf, block: { first: 50, last: 256 } }
       |                                                                       ^^^^^
    ");
}

#[test]
fn a_probe_that_nobody_starts() {
    assert_snapshot!(problems(&[("probe: before", "probe: befor")]), @r"
    error: no `probe-pods` of this step or an earlier one is named `befor`
      --> scenarios/example/scenario.yaml:37:73
       |
    37 |           default-network: { name: k8s-pod-network, after: step, probe: befor }
       |                                                                         ^^^^^
       |
       = hint: did you mean `before`? Known: before
    ");
}

#[test]
fn routes_and_placeholders_that_are_none() {
    assert_snapshot!(problems(&[("default via 169.254.1.1 dev eth0", "default gw 169.254.1.1"), ("{{ pod.net1 }}", "{{ node.name }}")]), @r"
    error: failed to read `default gw 169.254.1.1`: 'gw' is not understood
      --> scenarios/example/scenario.yaml:60:17
       |
    60 |               - default gw 169.254.1.1
       |                 ^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: write it as `ip route` prints it, such as `10.0.0.0/8 via 169.254.1.1 dev eth0`

    error: failed to read `10.1.128.0/24 dev net1 proto kernel scope link src {{ node.name }}`: unknown placeholder `node.name`
      --> scenarios/example/scenario.yaml:61:17
       |
    61 |               - 10.1.128.0/24 dev net1 proto kernel scope link src {{ node.name }}
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: the only one is `{{ pod.INTERFACE }}`, such as `{{ pod.net1 }}`, the pod's own address there, or with `.ipv4`, `.ipv6` or `.all`
    ");
}

#[test]
fn a_route_of_the_other_family() {
    assert_snapshot!(problems(&[("default via 169.254.1.1 dev eth0", "default via fe80::1 dev eth0")]), @r"
    error: `default via fe80::1 dev eth0` is a route of IPv6, and the table is that of IPv4
      --> scenarios/example/scenario.yaml:60:17
       |
    60 |               - default via fe80::1 dev eth0
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: each family has a table and a check of its own: `family: ipv6` names the other one
    ");
}

#[test]
fn no_node_for_pods() {
    assert_snapshot!(problems(&[("workers: 2, schedulable-control-planes: true", "workers: 0, schedulable-control-planes: false")]), @r"
    error: no node may run pods
     --> scenarios/example/scenario.yaml:6:38
      |
    6 | nodes: { control-planes: 1, workers: 0, schedulable-control-planes: false }
      |                                      ^
      |
      = hint: add a worker, or say `schedulable-control-planes: true`
    ");
}

#[test]
fn the_same_file_under_two_names_overlaps_nothing() {
    let second = "- that: the range of b is set
        check:
          cni-configuration:
            path: /etc/cni/multus/net.d/b.bak
            name: b
            plugin: calico
            range: { first: 50, last: 100 }
      - that: the older witness agrees";
    assert_eq!(
        problems(&[("- that: the older witness agrees", second)]),
        "no problem"
    );
}

#[test]
fn pods_on_more_nodes_than_there_are() {
    let pods = |ready, nodes| {
        let check = format!(
            "{{ namespace: default, selector: app=normal, ready: {ready}, nodes: {nodes} }}"
        );
        let old = "blocks: { pool: 10.244.0.0/16, prefix-length: 24 }";
        problems(&[(old, &format!("pods: {check}"))])
    };
    assert_eq!(pods(3, 3), "no problem");
    assert_snapshot!(pods(3, 4), @r"
    error: 3 pods cannot be on 4 nodes
      --> scenarios/example/scenario.yaml:25:78
       |
    25 |           pods: { namespace: default, selector: app=normal, ready: 3, nodes: 4 }
       |                                                                              ^

    error: pods cannot be on 4 nodes: 3 may run pods
      --> scenarios/example/scenario.yaml:25:78
       |
    25 |           pods: { namespace: default, selector: app=normal, ready: 3, nodes: 4 }
       |                                                                              ^
       |
       = hint: `nodes` says how many there are, and whether pods may run on control planes
    ");
}
