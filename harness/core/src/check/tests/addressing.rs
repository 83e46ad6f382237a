//! Addresses of pods, by all witnesses.

use serde_json::{Value, json};

use super::fixture::{Cluster, Result};
use crate::check::Detail;

const POD: &str = "normal-859c7fbdf5-gjllb";
const STATUS: &str = "k8s.v1.cni.cncf.io/network-status";

fn addresses() -> Value {
    json!({"pod-addresses": {"namespace": "default", "selector": "app=normal", "interfaces": [
        {"name": "eth0", "network": "kube-system/default-calico", "prefix-length": 32, "lease": "default-calico",
         "range": {"file": "/etc/cni/multus/net.d/default-calico.conf", "block": {"first": 50, "last": 100}}},
        {"name": "net1", "network": "default/cfosdefaultcni5", "prefix-length": 24, "lease": "cfosdefaultcni5",
         "subnet": "10.1.128.0/24", "unique": "node"},
    ]}})
}

fn network_status() -> Value {
    json!({"network-status": {"namespace": "default", "selector": "app=normal", "annotation": STATUS, "entries": [
        {"name": "kube-system/default-calico", "interface": "eth0", "names-interface": false, "default": true},
        {"name": "default/cfosdefaultcni5", "interface": "net1", "names-interface": true, "default": false},
    ]}})
}

#[test]
fn all_witnesses_agree_on_each_address() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    insta::assert_snapshot!(cluster.report(addresses())?, @"
    fact: pods app=normal / eth0 MTU / 1450
    fact: pods app=normal / eth0 address / .50-.100 of the node's block, /32
    fact: pods app=normal / eth0 network / kube-system/default-calico
    fact: pods app=normal / interfaces / eth0, net1
    fact: pods app=normal / net1 MTU / 1500
    fact: pods app=normal / net1 address / in 10.1.128.0/24, /24
    fact: pods app=normal / net1 network / default/cfosdefaultcni5
    ");
    let details = cluster.evaluate(addresses())??.details;
    let of_pod = details.iter().filter(|detail| match detail {
        Detail::Witnesses { about, .. } => about.contains(POD),
        Detail::Interfaces { pod, .. } => pod.contains(POD),
        Detail::Routes { .. } | Detail::Block { .. } => false,
    });
    insta::assert_debug_snapshot!(of_pod.collect::<Vec<_>>(), @r#"
    [
        Interfaces {
            pod: "default/normal-859c7fbdf5-gjllb",
            node: "doc-worker",
            interfaces: [
                (
                    "eth0",
                    [
                        "10.244.19.51/32",
                        "fe80::b42e:c3ff:fe31:b774/64",
                    ],
                ),
                (
                    "net1",
                    [
                        "10.1.128.2/24",
                        "fe80::58cf:74ff:fe47:5b84/64",
                    ],
                ),
            ],
        },
        Witnesses {
            about: "eth0 address of default/normal-859c7fbdf5-gjllb",
            rows: [
                (
                    "ip address in the pod",
                    "10.244.19.51/32",
                ),
                (
                    "annotation cni.projectcalico.org/podIP",
                    "10.244.19.51/32",
                ),
                (
                    "network-status",
                    "10.244.19.51",
                ),
                (
                    "status.podIP",
                    "10.244.19.51",
                ),
                (
                    "lease of default-calico",
                    "10.244.19.51",
                ),
                (
                    "range in the node's file",
                    "10.244.19.50-10.244.19.100",
                ),
            ],
        },
        Witnesses {
            about: "net1 address of default/normal-859c7fbdf5-gjllb",
            rows: [
                (
                    "ip address in the pod",
                    "10.1.128.2/24",
                ),
                (
                    "network-status",
                    "10.1.128.2",
                ),
                (
                    "lease of cfosdefaultcni5",
                    "10.1.128.2",
                ),
                (
                    "subnet",
                    "10.1.128.0/24",
                ),
            ],
        },
    ]
    "#);
    Ok(())
}

#[test]
fn each_witness_that_disagrees_is_named() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let pod = cluster.object("Pod", POD)?;
    pod["metadata"]["annotations"]["cni.projectcalico.org/podIP"] = json!("10.244.19.51/24");
    pod["metadata"]["annotations"][STATUS] = json!("[]");
    pod["status"]["podIP"] = json!("10.244.19.52");
    cluster.write(
        "doc-worker",
        "/var/lib/cni/networks/default-calico/10.244.19.51",
        "b22676a462c013e2518b\r\neth0",
    );
    cluster.remove(
        "doc-worker",
        "/var/lib/cni/networks/cfosdefaultcni5/10.1.128.2",
    );
    let text = include_str!("../../../testdata/cni/default-calico.conf");
    cluster.write(
        "doc-worker",
        "/etc/cni/multus/net.d/default-calico.conf",
        &text.replace("19.50", "19.60"),
    );
    insta::assert_snapshot!(cluster.report(addresses())?, @"
    failed: eth0 of pod default/normal-859c7fbdf5-4jghl
      expected: .50-.100 of the node's block, /32 by all witnesses
      observed: ip address in the pod: 10.244.19.52/32; annotation cni.projectcalico.org/podIP: 10.244.19.52/32; network-status: 10.244.19.52; status.podIP: 10.244.19.52; lease of default-calico: 10.244.19.52; range in the node's file: 10.244.19.60-10.244.19.100 in 10.244.19.0/24 instead of 10.244.19.50-10.244.19.100 in 10.244.19.0/24
      why: the witnesses disagree; not so: range in the node's file
    failed: eth0 of pod default/normal-859c7fbdf5-gjllb
      expected: .50-.100 of the node's block, /32 by all witnesses
      observed: ip address in the pod: 10.244.19.51/32; annotation cni.projectcalico.org/podIP: 10.244.19.51/24, and cni.projectcalico.org/podIPs: 10.244.19.51/32; network-status: no entry for kube-system/default-calico; status.podIP: 10.244.19.52, and status.podIPs: 10.244.19.51; lease of default-calico: 10.244.19.51 for eth0 of sandbox b22676a462c0; range in the node's file: 10.244.19.60-10.244.19.100 in 10.244.19.0/24 instead of 10.244.19.50-10.244.19.100 in 10.244.19.0/24
      why: the witnesses disagree; not so: annotation cni.projectcalico.org/podIP, network-status, status.podIP, lease of default-calico, range in the node's file
    failed: net1 of pod default/normal-859c7fbdf5-gjllb
      expected: in 10.1.128.0/24, /24 by all witnesses
      observed: ip address in the pod: 10.1.128.2/24; network-status: no entry for default/cfosdefaultcni5; lease of cfosdefaultcni5: no lease of 10.1.128.2; leases: 10.1.128.3; subnet: 10.1.128.0/24
      why: the witnesses disagree; not so: network-status, lease of cfosdefaultcni5
    fact: pods app=normal / eth0 MTU / 1450
    fact: pods app=normal / eth0 address / .50-.100 of the node's block, /32 | /32, not as wanted by annotation cni.projectcalico.org/podIP, network-status, status.podIP, lease of default-calico, range in the node's file | /32, not as wanted by range in the node's file
    fact: pods app=normal / eth0 network / kube-system/default-calico | none
    fact: pods app=normal / interfaces / eth0, net1
    fact: pods app=normal / net1 MTU / 1500
    fact: pods app=normal / net1 address / /24, not as wanted by network-status, lease of cfosdefaultcni5 | in 10.1.128.0/24, /24
    fact: pods app=normal / net1 network / default/cfosdefaultcni5 | none
    ");
    Ok(())
}

#[test]
fn an_address_outside_its_range_or_an_interface_too_many_fails() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let name = format!("default/{POD}");
    cluster.replace(&name, "ip -j address show", "10.244.19.51", "10.244.19.7")?;
    cluster.replace(&name, "ip -j address show", "net1", "net2")?;
    insta::assert_snapshot!(cluster.report(addresses())?, @"
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: interfaces eth0, net1
      observed: eth0, net2
      why: an interface is missing, or one more network was attached
    failed: eth0 of pod default/normal-859c7fbdf5-gjllb
      expected: .50-.100 of the node's block, /32 by all witnesses
      observed: ip address in the pod: 10.244.19.7/32; annotation cni.projectcalico.org/podIP: 10.244.19.51/32; network-status: 10.244.19.51; status.podIP: 10.244.19.51; lease of default-calico: no lease of 10.244.19.7; leases: 10.244.19.51, 10.244.19.52; range in the node's file: 10.244.19.50-10.244.19.100
      why: the witnesses disagree; not so: annotation cni.projectcalico.org/podIP, network-status, status.podIP, lease of default-calico, range in the node's file
    failed: net1 of pod default/normal-859c7fbdf5-gjllb
      expected: one IPv4 address with /24
      observed: none
      why: the plugin gave no address, or more than one
    fact: pods app=normal / eth0 MTU / 1450
    fact: pods app=normal / eth0 address / .50-.100 of the node's block, /32 | /32, not as wanted by annotation cni.projectcalico.org/podIP, network-status, status.podIP, lease of default-calico, range in the node's file
    fact: pods app=normal / eth0 network / kube-system/default-calico
    fact: pods app=normal / interfaces / eth0, net1 | eth0, net2
    fact: pods app=normal / net1 MTU / 1500
    fact: pods app=normal / net1 address / in 10.1.128.0/24, /24 | none
    fact: pods app=normal / net1 network / default/cfosdefaultcni5
    ");
    Ok(())
}

#[test]
fn an_address_with_its_prefix_is_inside_its_subnet() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    let mut check = addresses();
    for (subnet, agrees) in [
        ("10.1.128.0/24", true),
        ("10.1.0.0/16", true),
        ("10.1.129.0/24", false),
        ("10.1.128.0/25", false),
    ] {
        check["pod-addresses"]["interfaces"][1]["subnet"] = json!(subnet);
        let evaluation = cluster.evaluate(check.clone())??;
        assert_eq!(evaluation.passed(), agrees, "{subnet}");
    }
    Ok(())
}

#[test]
fn a_pod_without_output_or_with_output_without_sense_fails_and_the_others_are_judged() -> Result<()>
{
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.command(
        &format!("default/{POD}"),
        "ip -j address show",
        "sh: ip: not found",
    );
    insta::assert_snapshot!(cluster.report(addresses())?, @"
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: addresses that can be read
      observed: failed to read addresses of pod default/normal-859c7fbdf5-gjllb: not understood: no JSON was printed: sh: ip: not found
      why: what cannot be read proves nothing; the others were judged
    fact: pods app=normal / eth0 MTU / 1450
    fact: pods app=normal / eth0 address / .50-.100 of the node's block, /32
    fact: pods app=normal / eth0 network / kube-system/default-calico
    fact: pods app=normal / interfaces / eth0, net1
    fact: pods app=normal / net1 MTU / 1500
    fact: pods app=normal / net1 address / in 10.1.128.0/24, /24
    fact: pods app=normal / net1 network / default/cfosdefaultcni5
    ");
    cluster
        .commands
        .remove(&(format!("default/{POD}"), "ip -j address show".to_owned()));
    insta::assert_snapshot!(cluster.report(addresses())?.lines().take(4).collect::<Vec<_>>().join("\n"), @"
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: the addresses in the pod
      observed: no output
      why: the pod came or went while it was looked at
    ");
    Ok(())
}

#[test]
fn network_status_is_as_wanted() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    insta::assert_snapshot!(cluster.report(network_status())?, @"fact: pods app=normal / k8s.v1.cni.cncf.io/network-status / kube-system/default-calico (default), default/cfosdefaultcni5 net1");
    Ok(())
}

#[test]
fn a_missing_entry_another_address_or_no_annotation_fails() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    // As Multus 4.1.0 with Calico before 3.31: the default entry is missing.
    cluster.object("Pod", POD)?["metadata"]["annotations"][STATUS] = json!(
        r#"[{"name": "default/cfosdefaultcni5", "interface": "net1", "ips": ["10.1.128.2"], "dns": {}}]"#
    );
    let annotations =
        &mut cluster.object("Pod", "normal-859c7fbdf5-4jghl")?["metadata"]["annotations"];
    annotations[STATUS] = json!(
        annotations[STATUS]
            .as_str()
            .unwrap_or_default()
            .replace("10.244.19.52", "10.244.19.53")
    );
    cluster.object("Pod", "normal-859c7fbdf5-sszf2")?["metadata"]["annotations"] = json!({});
    insta::assert_snapshot!(cluster.report(network_status())?, @"
    failed: pod default/normal-859c7fbdf5-4jghl
      expected: kube-system/default-calico has the addresses of eth0: 10.244.19.52
      observed: 10.244.19.53
      why: the annotation and the interface in the pod disagree
    failed: pod default/normal-859c7fbdf5-4jghl
      expected: kube-system/default-calico has the addresses of status.podIPs: 10.244.19.52
      observed: 10.244.19.53
      why: the annotation and the pod's status disagree
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: kube-system/default-calico (default), default/cfosdefaultcni5 net1
      observed: default/cfosdefaultcni5 net1
      why: the entries, their order or their fields changed with the version of Multus or Calico
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: one default entry
      observed: 0: default/cfosdefaultcni5 net1
      why: a pod has one default network
    failed: pod default/normal-859c7fbdf5-sszf2
      expected: annotation k8s.v1.cni.cncf.io/network-status
      observed: absent
      why: Multus writes it after the last interface is there
    fact: pods app=normal / k8s.v1.cni.cncf.io/network-status / absent | default/cfosdefaultcni5 net1 | kube-system/default-calico (default), default/cfosdefaultcni5 net1
    ");
    Ok(())
}
