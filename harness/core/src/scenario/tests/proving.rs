//! Checks that can never pass, or never fail, and what else is known of them before a cluster is made.

use rstest::rstest;

use super::{example_with, told};

/// The first line of each problem of the example with another check in it.
fn errors(check: &str) -> Vec<String> {
    let old = "blocks: { pool: 10.244.0.0/16, prefix-length: 24 }";
    let told = told(&example_with(&[(old, check)]));
    let errors = told.lines().filter_map(|line| line.strip_prefix("error: "));
    errors.map(str::to_owned).collect()
}

#[rstest]
#[case("workloads: { namespace: kube-system, daemon-sets: [kube-proxy] }")]
#[case("versions: { kubelet: false, runtime: true }")]
#[case("nodes: { runtime: cri-o, ready: false, not-ready-reason: NetworkPluginNotReady }")]
#[case("node-files: { directory: /etc/cni/net.d, exactly: [] }")]
#[case("node-files: { directory: /opt, contains: [rehearse], absent: [cni.d, .hidden] }")]
#[case("node-files: { directory: /opt, modes: { key: \"0600\" } }")]
#[case("node-command: { command: [uname, -s], lines: [Linux], absent: [BSD] }")]
#[case("pod-logs: { namespace: kube-system, selector: app=multus, absent: [panic] }")]
#[case(
    "pod-annotations: { namespace: default, selector: \"app in (a, b)\", absent: [k8s.v1.cni.cncf.io/networks] }"
)]
#[case(
    "network-attachment: { namespace: default, name: macvlan, configuration: { plugin: macvlan } }"
)]
#[case("connectivity: { namespace: default, selector: app=normal, port: 80, service: web }")]
#[case(
    "bridge: { namespace: default, selector: app=normal, name: br0, address: 10.9.0.1/24, hairpin: true }"
)]
#[case(
    "pod-events: { namespace: default, selector: app=normal, reason: AddedInterface, messages: [\"Add eth0 [{{ pod.eth0.all }}]\"] }"
)]
fn a_check_that_can_pass_and_fail_is_taken(#[case] check: &str) {
    assert!(errors(check).is_empty(), "{:?}", errors(check));
}

#[rstest]
#[case(
    "workloads: { namespace: kube-system }",
    "a check that names nothing proves nothing"
)]
#[case(
    "workloads: { namespace: kube-system, deployments: [] }",
    "`deployments` is empty"
)]
#[case(
    "workloads: { namespace: kube-system, deployments: [\"core dns\"] }",
    "no object can be named `core dns`"
)]
#[case(
    "workloads: { namespace: Kube_System, deployments: [coredns] }",
    "no object can be named `Kube_System`"
)]
#[case(
    "versions: { kubelet: false, runtime: false }",
    "a check that compares nothing proves nothing"
)]
#[case(
    "nodes: { runtime: cri-o, ready: true, not-ready-reason: NetworkPluginNotReady }",
    "a node that is ready has no reason not to be"
)]
#[case(
    "nodes: { runtime: \" \", ready: true }",
    "`runtime` has an empty text"
)]
#[case(
    "node-files: { directory: /etc/cni/net.d }",
    "a check that names nothing proves nothing"
)]
#[case(
    "node-files: { directory: /etc/cni/net.d, absent: [/etc/cni/net.d/a.conf] }",
    "`/etc/cni/net.d/a.conf` is a path, and no file has such a name"
)]
#[case(
    "node-files: { directory: /etc/cni/net.d, absent: [\"*.conf\"] }",
    "`*.conf` is taken to the letter, and no file has such a name"
)]
#[case(
    "node-files: { directory: /etc/cni/net.d, absent: [\"a.conf \"] }",
    "`a.conf ` is taken to the letter, and no file has such a name"
)]
#[case(
    "node-files: { directory: /opt, contains: [a, b], absent: [b] }",
    "`b` must be absent, and `contains` wants it"
)]
#[case(
    "node-files: { directory: /opt, exactly: [a], absent: [a] }",
    "`a` must be absent, and `exactly` wants it"
)]
#[case(
    "node-files: { directory: /opt, modes: { a: \"rw\" } }",
    "`rw` is no mode"
)]
#[case(
    "node-files: { directory: /opt, modes: { a: \"0888\" } }",
    "`0888` is no mode"
)]
#[case("node-command: { command: [], lines: [a] }", "`command` is empty")]
#[case(
    "node-command: { command: [uname], contains: [\"\"] }",
    "`contains` has an empty text"
)]
#[case(
    "node-command: { command: [uname], lines: [\"a\\nb\"] }",
    "no line contains several lines"
)]
#[case(
    "node-command: { command: [uname], lines: [not running], absent: [running] }",
    "`running` must be absent, and `lines` wants it"
)]
#[case(
    "pod-logs: { namespace: kube-system, selector: app=multus, contains: [] }",
    "`contains` is empty"
)]
#[case(
    "pod-logs: { namespace: kube-system, selector: app=multus }",
    "a check that names nothing proves nothing"
)]
#[case(
    "pod-logs: { namespace: kube-system, selector: app=multus, contains: [no error], absent: [error] }",
    "`error` must be absent, and `contains` wants it"
)]
#[case(
    "pod-annotations: { namespace: default, selector: app=normal, absent: [\"a b\"] }",
    "no annotation can be named `a b`"
)]
#[case(
    "pod-annotations: { namespace: default, selector: app=normal, absent: [a.io/*] }",
    "no annotation can be named `a.io/*`"
)]
#[case(
    "pod-annotations: { namespace: default, selector: app=normal, present: [a], absent: [a] }",
    "`a` must be absent, and `present` wants it"
)]
#[case(
    "pods: { namespace: default, selector: \"app==!x,,\", ready: 3, nodes: 2 }",
    "`app==!x,,` is no label selector: `!x` is no label's value"
)]
#[case(
    "pods: { namespace: default, selector: app=normal, ready: 0, nodes: 0 }",
    "no pods prove nothing: at least one is ready"
)]
#[case(
    "connectivity: { namespace: default, selector: app=normal, port: 0 }",
    "nothing listens on port 0: a port is 1 to 65535"
)]
#[case(
    "bridge: { namespace: default, selector: app=normal, name: br0, address: 10.9.0.0/24, hairpin: true }",
    "`10.9.0.0/24` is the range, not the bridge's address in it"
)]
#[case(
    "bridge: { namespace: default, selector: app=normal, name: a-name-of-16-letters, address: 10.9.0.1/24, hairpin: true }",
    "no interface can be named `a-name-of-16-letters`"
)]
#[case(
    "blocks: { pool: 10.244.8.0/24, prefix-length: 24 }",
    "the pool 10.244.8.0/24 has 1 blocks of /24, and there are 3 nodes"
)]
#[case(
    "installation: { bgp: enabled, container-ip-forwarding: Enabled, pool: 10.244.0.0/16, block-size: 24, encapsulation: VXLAN, nat-outgoing: Enabled }",
    "`enabled` is no value of this field"
)]
#[case(
    "pod-routes: { namespace: default, selector: app=normal, exactly: [] }",
    "`exactly` is empty"
)]
#[case(
    "pod-addresses: { namespace: default, selector: app=normal, interfaces: [{ name: eth0, network: a, prefix-length: 33 }] }",
    "an IPv4 address has no prefix of 33 bits"
)]
#[case(
    "network-status: { namespace: default, selector: app=normal, annotation: k8s.v1.cni.cncf.io/network-status, entries: [{ name: a, interface: eth0, names-interface: true, default: false }] }",
    "a pod has one default network, and 0 entries are the default"
)]
fn a_check_that_cannot_is_told(#[case] check: &str, #[case] error: &str) {
    assert_eq!(errors(check).first().map(String::as_str), Some(error));
}

#[rstest]
#[case(
    "until: 90s",
    "until: 90",
    "expected a time such as `90s` or `5m`, found the number 90"
)]
#[case(
    "until: 90s",
    "until: \"90\"",
    "failed to read `90`: a time is a whole number and ms, s, m or h, such as `90s` or `5m`"
)]
#[case(
    "\"<4.0.0\"",
    "3.9.3",
    "`3.9.3` is read as `^3.9.3`, and every later version with that first number is meant"
)]
#[case(
    "\"<4.0.0\"",
    "\">=3.0.0, 3.9.3\"",
    "`3.9.3` is read as `^3.9.3`, and every later version with that first number is meant"
)]
fn conditions_and_times_say_what_they_mean(
    #[case] old: &str,
    #[case] new: &str,
    #[case] error: &str,
) {
    let told = told(&example_with(&[(old, new)]));
    assert!(told.starts_with(&format!("error: {error}\n")), "{told}");
    assert_eq!(told.matches("error: ").count(), 1, "{told}");
}

#[rstest]
#[case("{ fact: \"*\", reason: x }", "`*` ignores facts of every kind")]
#[case("{ fact: \"**\", reason: x }", "`**` ignores facts of every kind")]
#[case("{ fact: \"*.*\", reason: x }", "`*.*` ignores facts of every kind")]
#[case(
    "{ fact: \"*s.present\", reason: x }",
    "`*s.present` ignores facts of every kind"
)]
#[case(
    "{ fact: \"files.*\", subject: \"*\", reason: x }",
    "this is everybody"
)]
fn what_ignores_everything_is_refused(#[case] entry: &str, #[case] error: &str) {
    let text = example_with(&[]) + &format!("ignore:\n  - {entry}\n");
    let told = told(&text);
    assert!(told.starts_with(&format!("error: {error}\n")), "{told}");
}
