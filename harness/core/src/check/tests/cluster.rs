//! Nodes, versions, programs and files on nodes.

use serde_json::{Value, json};

use super::fixture::{Cluster, Result};

#[test]
fn three_ready_nodes_pass() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    insta::assert_snapshot!(cluster.report(json!({"nodes": {"runtime": "cri-o", "ready": true}}))?, @"
    fact: each node / ready / True
    fact: each node / runtime / cri-o
    fact: each node with the control plane / schedulable / true
    fact: the cluster / nodes / 1 with the control plane, 2 without
    ");
    Ok(())
}

#[test]
fn a_missing_cordoned_or_unready_node_fails() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.objects.entry("Node").or_default().pop();
    let node = cluster.object("Node", "doc-control-plane")?;
    node["spec"]["taints"] =
        json!([{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]);
    let node = cluster.object("Node", "doc-worker")?;
    node["status"]["nodeInfo"]["containerRuntimeVersion"] = json!("containerd://2.1.4");
    node["status"]["conditions"][1] = json!({"type": "Ready", "status": "False",
        "message": "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:…"});
    insta::assert_snapshot!(cluster.report(json!({"nodes": {"runtime": "cri-o", "ready": true}}))?, @"
    failed: the cluster
      expected: 1 with the control plane, 2 without
      observed: 1 with the control plane, 1 without: doc-control-plane, doc-worker
      why: the plan asks for as many; a node that did not join is missing
    failed: node doc-control-plane
      expected: pods may run there
      observed: no pods: taint node-role.kubernetes.io/control-plane:NoSchedule
      why: the plan says on which nodes pods may run
    failed: node doc-worker
      expected: runtime cri-o
      observed: containerd://2.1.4
      why: the kubelet uses another container runtime
    failed: node doc-worker
      expected: Ready is True
      observed: Ready is False: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:…
      why: the kubelet says why in its message
    fact: each node / ready / False | True
    fact: each node / runtime / containerd | cri-o
    fact: each node with the control plane / schedulable / false
    fact: the cluster / nodes / 1 with the control plane, 1 without
    ");
    Ok(())
}

#[test]
fn nodes_wait_for_a_network_for_the_given_reason_only() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"nodes": {"runtime": "cri-o", "ready": false, "not-ready-reason": "NetworkPluginNotReady"}});
    for name in ["doc-control-plane", "doc-worker", "doc-worker2"] {
        cluster.object("Node", name)?["status"]["conditions"][1] = json!({"type": "Ready", "status": "False",
            "message": "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:…"});
    }
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: each node / ready / False, NetworkPluginNotReady
    fact: each node / runtime / cri-o
    fact: each node with the control plane / schedulable / true
    fact: the cluster / nodes / 1 with the control plane, 2 without
    ");
    cluster.object("Node", "doc-worker")?["status"]["conditions"][1] = json!({"type": "Ready", "status": "Unknown", "message": "Kubelet stopped posting node status."});
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: node doc-worker
      expected: Ready is False with 'NetworkPluginNotReady' in its message
      observed: Ready is Unknown: Kubelet stopped posting node status.
      why: nothing should have made the node ready yet, or something else keeps it from it
    fact: each node / ready / False, NetworkPluginNotReady | Unknown
    fact: each node / runtime / cri-o
    fact: each node with the control plane / schedulable / true
    fact: the cluster / nodes / 1 with the control plane, 2 without
    ");
    Ok(())
}

#[test]
fn no_nodes_fail() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.objects.insert("Node", Vec::new());
    for check in [
        json!({"nodes": {"runtime": "cri-o", "ready": true}}),
        json!({"versions": {"kubelet": true, "runtime": true}}),
        json!({"node-annotations": {"present": ["projectcalico.org/IPv4Address"]}}),
        json!({"blocks": {"pool": "10.244.0.0/16", "prefix-length": 24}}),
    ] {
        assert!(!cluster.evaluate(check)??.passed());
    }
    Ok(())
}

#[test]
fn the_planned_versions_pass_and_others_fail() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"versions": {"kubelet": true, "runtime": true}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: each node / kubelet / v1.34.4
    fact: each node / runtime / cri-o://1.34.0
    ");
    cluster.object("Node", "doc-worker")?["status"]["nodeInfo"]["kubeletVersion"] =
        json!("v1.34.5");
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    failed: node doc-worker
      expected: kubelet 1.34.4
      observed: v1.34.5
      why: the node runs another version than the plan asks for
    fact: each node / kubelet / v1.34.4 | v1.34.5
    fact: each node / runtime / cri-o://1.34.0
    ");
    cluster.context.components.clear();
    insta::assert_snapshot!(cluster.report(check)?, @"inability: failed to read component versions of the plan: it has no kubernetes");
    insta::assert_snapshot!(cluster.report(json!({"versions": {"kubelet": false, "runtime": false}}))?, @"
    failed: the check
      expected: kubelet or runtime
      observed: neither
      why: a check that compares nothing proves nothing
    ");
    Ok(())
}

#[test]
fn annotations_of_nodes_are_there_and_in_the_block() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"node-annotations": {
        "present": ["projectcalico.org/IPv4Address"], "in-block": "projectcalico.org/IPv4VXLANTunnelAddr"}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: each node / annotation projectcalico.org/IPv4Address / present
    fact: each node / annotation projectcalico.org/IPv4VXLANTunnelAddr / an address of the node's block
    ");
    cluster.object("Node", "doc-worker")?["metadata"]["annotations"] =
        json!({"projectcalico.org/IPv4VXLANTunnelAddr": "10.244.182.0"});
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: node doc-worker
      expected: annotation projectcalico.org/IPv4Address, an IPv4 address
      observed: absent
      why: calico-node has not written it on this node
    failed: node doc-worker
      expected: annotation projectcalico.org/IPv4VXLANTunnelAddr is an address in 10.244.19.0/24
      observed: 10.244.182.0
      why: a tunnel address outside the node's block is not routed to this node
    failed: node doc-worker
      expected: annotation projectcalico.org/IPv4VXLANTunnelAddr is an address of this node
      observed: 10.244.182.0, which node doc-worker2 has too, as the same annotation
      why: what is sent to it reaches one of them only
    fact: each node / annotation projectcalico.org/IPv4Address / absent | present
    fact: each node / annotation projectcalico.org/IPv4VXLANTunnelAddr / an address of the node's block | no address of the node's block
    ");
    Ok(())
}

#[test]
fn blocks_are_disjoint_and_of_the_pool() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"blocks": {"pool": "10.244.0.0/16", "prefix-length": 24}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"fact: each node / block / /24 in 10.244.0.0/16");
    cluster.object("BlockAffinity", "doc-worker-10-244-19-0-24")?["spec"]["cidr"] =
        json!("10.244.182.64/26");
    cluster.object("BlockAffinity", "doc-control-plane-10-244-185-0-24")?["spec"]["state"] =
        json!("pending");
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    failed: node doc-control-plane
      expected: a confirmed block inside 10.244.0.0/16
      observed: none
      why: ranges of addresses are taken from the node's block
    failed: node doc-worker
      expected: a block of /24
      observed: 10.244.182.64/26
      why: a block is as large as its pool's blockSize said when it was made
    failed: node doc-worker
      expected: a block of its own
      observed: 10.244.182.64/26 overlaps 10.244.182.0/24 of node doc-worker2
      why: an address in both is routed to one node only
    fact: each node / block / /24 in 10.244.0.0/16 | /26 in 10.244.0.0/16 | none
    ");
    cluster.object("BlockAffinity", "doc-worker-10-244-19-0-24")?["spec"]["cidr"] =
        json!("a block");
    let failed = cluster.failed(check)?;
    assert_eq!(failed.lines().count(), 3, "{failed}");
    assert!(failed.starts_with("the cluster: block affinities that are understood, not not understood: doc-worker-10-244-19-0-24: invalid IP address syntax"), "{failed}");
    Ok(())
}

#[test]
fn a_block_that_is_given_up_is_not_the_nodes() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"blocks": {"pool": "10.244.0.0/16", "prefix-length": 24}});
    let mut deleted = |deleted: Value| -> Result<String> {
        cluster.object("BlockAffinity", "doc-worker-10-244-19-0-24")?["spec"]["deleted"] = deleted;
        cluster.failed(check.clone())
    };
    assert_eq!(deleted(json!("false"))?, "");
    for value in [json!("true"), json!(true)] {
        assert_eq!(
            deleted(value)?,
            "node doc-worker: a confirmed block inside 10.244.0.0/16, not none"
        );
    }
    Ok(())
}

#[test]
fn a_program_prints_its_lines_on_each_node() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let text = "Calico process is running.\n\nThe BGP backend process (BIRD) is not running.\n";
    for node in ["doc-control-plane", "doc-worker", "doc-worker2"] {
        cluster.command(node, "calicoctl node status", text);
    }
    let check = json!({"node-command": {"command": ["calicoctl", "node", "status"],
        "lines": ["Calico process is running.", "The BGP backend process (BIRD) is not running."], "absent": ["Established"]}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: each node / calicoctl node status: Calico process is running. / printed
    fact: each node / calicoctl node status: Established / not printed
    fact: each node / calicoctl node status: The BGP backend process (BIRD) is not running. / printed
    ");
    cluster.command(
        "doc-worker",
        "calicoctl node status",
        "Calico process is running.\n| 172.18.0.3 | up | Established |\n",
    );
    cluster
        .commands
        .remove(&("doc-worker2".to_owned(), "calicoctl node status".to_owned()));
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: the cluster
      expected: 3 nodes
      observed: 2 nodes
      why: what was not looked at proves nothing
    failed: calicoctl node status on node doc-worker
      expected: the line 'The BGP backend process (BIRD) is not running.'
      observed: Calico process is running.
    | 172.18.0.3 | up | Established |
      why: no line is this one
    failed: calicoctl node status on node doc-worker
      expected: 'Established' nowhere
      observed: | 172.18.0.3 | up | Established |
      why: a line contains it
    fact: each node / calicoctl node status: Calico process is running. / printed
    fact: each node / calicoctl node status: Established / not printed | printed
    fact: each node / calicoctl node status: The BGP backend process (BIRD) is not running. / not printed | printed
    ");
    Ok(())
}

#[test]
fn files_are_there_or_not_on_each_node() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"node-files": {"directory": "/etc/cni/multus/net.d",
        "contains": ["net-calico.conf"], "absent": ["default-calico.conf.bak"], "exactly": ["net-calico.conf", "default-calico.conf"]}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: each node / /etc/cni/multus/net.d/default-calico.conf.bak / absent
    fact: each node / /etc/cni/multus/net.d/net-calico.conf / present
    fact: each node / files of /etc/cni/multus/net.d / default-calico.conf, net-calico.conf
    ");
    cluster.remove("doc-worker", "/etc/cni/multus/net.d/net-calico.conf");
    cluster.write(
        "doc-worker",
        "/etc/cni/multus/net.d/default-calico.conf.bak",
        "",
    );
    cluster
        .folders
        .remove(&("doc-worker2".to_owned(), "/etc/cni/multus/net.d".to_owned()));
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: /etc/cni/multus/net.d on node doc-worker
      expected: net-calico.conf
      observed: default-calico.conf, default-calico.conf.bak
      why: the file is not there on this node
    failed: /etc/cni/multus/net.d on node doc-worker
      expected: no default-calico.conf.bak
      observed: default-calico.conf, default-calico.conf.bak
      why: the file should not be there on this node
    failed: /etc/cni/multus/net.d on node doc-worker
      expected: default-calico.conf, net-calico.conf
      observed: default-calico.conf, default-calico.conf.bak
      why: missing: net-calico.conf; unexpected: default-calico.conf.bak
    failed: /etc/cni/multus/net.d on node doc-worker2
      expected: a folder
      observed: absent
      why: nothing has made the folder on this node
    fact: each node / /etc/cni/multus/net.d/default-calico.conf.bak / absent | present
    fact: each node / /etc/cni/multus/net.d/net-calico.conf / absent | present
    fact: each node / files of /etc/cni/multus/net.d / default-calico.conf, default-calico.conf.bak | default-calico.conf, net-calico.conf | none
    ");
    Ok(())
}

#[test]
fn a_file_has_the_mode_that_it_should() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    let check = |mode: &str| json!({"node-files": {"directory": "/etc/cni/multus/net.d", "modes": {"net-calico.conf": mode}}});
    assert!(cluster.evaluate(check("0644"))??.passed());
    assert!(!cluster.evaluate(check("0600"))??.passed());
    let absent = json!({"node-files": {"directory": "/etc/cni/multus/net.d", "modes": {"none.conf": "0644"}}});
    assert!(!cluster.evaluate(absent)??.passed());
    Ok(())
}

#[test]
fn a_node_that_is_not_ready_for_another_reason_fails() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"nodes": {"runtime": "cri-o", "ready": false, "not-ready-reason": "NetworkPluginNotReady"}});
    for (name, status, message) in [
        ("doc-control-plane", "False", "NetworkPluginNotReady"),
        ("doc-worker", "False", "PLEG is not healthy"),
        ("doc-worker2", "Unknown", "NetworkPluginNotReady"),
    ] {
        cluster.object("Node", name)?["status"]["conditions"][1] =
            json!({"type": "Ready", "status": status, "message": message});
    }
    insta::assert_snapshot!(cluster.failed(check)?, @"
    node doc-worker: Ready is False with 'NetworkPluginNotReady' in its message, not Ready is False: PLEG is not healthy
    node doc-worker2: Ready is False with 'NetworkPluginNotReady' in its message, not Ready is Unknown: NetworkPluginNotReady
    ");
    Ok(())
}

#[test]
fn only_the_control_plane_is_kept_free_of_pods_where_the_plan_says_so() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"nodes": {"runtime": "cri-o", "ready": true}});
    cluster.context.nodes.schedulable_control_planes = false;
    insta::assert_snapshot!(cluster.failed(check.clone())?, @"node doc-control-plane: no pods, not pods may run there: none");
    cluster.object("Node", "doc-control-plane")?["spec"]["taints"] =
        json!([{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]);
    assert_eq!(cluster.failed(check)?, "");
    Ok(())
}

#[test]
fn a_cordoned_or_tainted_node_takes_no_pods() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"nodes": {"runtime": "cri-o", "ready": true}});
    let mut failed = |node: &str, key: &str, effect: &str| -> Result<String> {
        cluster.object("Node", node)?["spec"]["taints"] = json!([{"key": key, "effect": effect}]);
        let failed = cluster.failed(check.clone())?;
        cluster.object("Node", node)?["spec"]["taints"] = json!([]);
        Ok(failed)
    };
    let control_plane = "node-role.kubernetes.io/control-plane";
    assert_eq!(
        failed("doc-control-plane", control_plane, "PreferNoSchedule")?,
        ""
    );
    // A ready node has lost what Kubernetes sets while it is not.
    for (node, key, effect) in [
        ("doc-control-plane", control_plane, "NoExecute"),
        ("doc-worker", "node.kubernetes.io/unreachable", "NoExecute"),
        ("doc-worker2", "harbour.example/dredging", "NoSchedule"),
    ] {
        assert_eq!(
            failed(node, key, effect)?,
            format!("node {node}: pods may run there, not no pods: taint {key}:{effect}")
        );
    }
    cluster.object("Node", "doc-worker")?["spec"]["unschedulable"] = json!(true);
    insta::assert_snapshot!(cluster.failed(check)?, @"node doc-worker: pods may run there, not no pods: cordoned");
    Ok(())
}

#[test]
fn a_node_that_is_not_ready_keeps_its_own_taints_and_no_others() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"nodes": {"runtime": "cri-o", "ready": false}});
    for node in ["doc-control-plane", "doc-worker", "doc-worker2"] {
        let object = cluster.object("Node", node)?;
        object["spec"]["taints"] =
            json!([{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]);
        object["status"]["conditions"] = json!([
            {"type": "Ready", "status": "False", "message": "no network yet"},
            {"type": "NetworkUnavailable", "status": "True"}
        ]);
    }
    assert_eq!(cluster.failed(check.clone())?, "");
    cluster.object("Node", "doc-worker")?["spec"]["taints"] =
        json!([{"key": "harbour.example/dredging", "effect": "NoSchedule"}]);
    assert_eq!(
        cluster.failed(check)?,
        "node doc-worker: pods may run there, not no pods: taint harbour.example/dredging:NoSchedule"
    );
    Ok(())
}

#[test]
fn a_node_without_network_takes_no_pods_and_one_listed_twice_counts_once() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"nodes": {"runtime": "cri-o", "ready": true}});
    let conditions = &mut cluster.object("Node", "doc-worker")?["status"]["conditions"];
    if let Some(conditions) = conditions.as_array_mut() {
        conditions.push(json!({"type": "NetworkUnavailable", "status": "False"}));
        conditions.push(json!({"type": "NetworkUnavailable", "status": "True"}));
    }
    assert_eq!(
        cluster.failed(check.clone())?,
        "node doc-worker: pods may run there, not no pods: NetworkUnavailable is True"
    );
    let mut cluster = Cluster::at_the_last_step()?;
    let nodes = cluster.objects.entry("Node").or_default();
    nodes[2] = nodes[1].clone();
    insta::assert_snapshot!(cluster.failed(check)?, @"
    node doc-worker: one node of this name, not listed twice
    the cluster: 1 with the control plane, 2 without, not 1 with the control plane, 1 without: doc-control-plane, doc-worker
    ");
    Ok(())
}

#[test]
fn an_annotation_must_be_an_address_of_its_own_node() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let name = "projectcalico.org/IPv4Address";
    let check = json!({"node-annotations": {"present": [name]}});
    let mut failed = |value: Value, addresses: Value| -> Result<String> {
        cluster.object("Node", "doc-worker")?["metadata"]["annotations"][name] = value;
        cluster.object("Node", "doc-worker2")?["status"]["addresses"] = addresses;
        cluster.failed(check.clone())
    };
    for nonsense in ["soon", "10.5.0", "fd07::9/64", "10.5.0.9/33"] {
        assert_eq!(
            failed(json!(nonsense), json!([]))?,
            format!("node doc-worker: annotation {name}, an IPv4 address, not {nonsense}")
        );
    }
    assert_eq!(failed(json!("10.5.0.9"), json!([]))?, "");
    let others = json!([{"type": "Hostname", "address": "doc-worker2"}, {"type": "InternalIP", "address": "10.5.0.9"}]);
    assert_eq!(
        failed(json!("10.5.0.9/24"), others)?,
        format!(
            "node doc-worker: annotation {name} is an address of this node, not 10.5.0.9, which node doc-worker2 has too, as its own address"
        )
    );
    Ok(())
}

/// What is told of a thousand nodes that share an address is as long as that of a dozen.
#[test]
fn an_address_that_many_nodes_share_is_told_once() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let name = "projectcalico.org/IPv4Address";
    let nodes = cluster.objects.entry("Node").or_default();
    let shared = nodes[0].clone();
    nodes.clear();
    for number in 0..1000 {
        let mut node = shared.clone();
        node["metadata"]["name"] = json!(format!("node{number}"));
        node["metadata"]["annotations"][name] = json!("10.5.0.9/24");
        node["status"]["addresses"] = json!([{"type": "InternalIP", "address": "10.5.0.9"}]);
        nodes.push(node);
    }
    let failed = cluster.failed(json!({"node-annotations": {"present": [name]}}))?;
    let told: Vec<&str> = failed
        .lines()
        .filter(|line| line.contains("10.5.0.9"))
        .collect();
    let names: Vec<String> = (1..=10)
        .map(|number| format!("node node{number}"))
        .collect();
    assert_eq!(
        told,
        [format!(
            "node node0: annotation {name} is an address of this node, not 10.5.0.9, which {} and 989 others have too, as the same annotation",
            names.join(", ")
        )]
    );
    Ok(())
}

/// A node of two families has a block of each, and one that has used up its first has another.
#[test]
fn several_blocks_of_a_node_are_right_and_one_that_is_left_over_is_not() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"blocks": {"pool": "10.244.0.0/16", "prefix-length": 24}});
    let affinity = |node: &str, block: &str| json!({"metadata": {"name": block}, "spec": {"cidr": block, "node": node, "state": "confirmed", "deleted": false}});
    let blocks = cluster.objects.entry("BlockAffinity").or_default();
    blocks.push(affinity("doc-worker", "10.244.7.0/24"));
    blocks.push(affinity("doc-worker2", "fd07:1::/122"));
    assert_eq!(cluster.failed(check.clone())?, "");
    let blocks = cluster.objects.entry("BlockAffinity").or_default();
    blocks.push(affinity("doc-worker9", "10.244.8.0/24"));
    blocks.push(affinity("doc-worker2", "10.9.8.0/24"));
    insta::assert_snapshot!(cluster.failed(check)?, @"
    node doc-worker2: a block inside 10.244.0.0/16, not 10.9.8.0/24
    block 10.244.8.0/24: a node that is there, not node doc-worker9
    ");
    Ok(())
}
