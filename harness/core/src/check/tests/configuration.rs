//! A CNI configuration on each node.

use serde_json::json;

use super::fixture::{Cluster, Result};

#[test]
fn a_configuration_with_the_nodes_own_range_passes_and_others_fail() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let path = "/etc/cni/multus/net.d/net-calico.conf";
    let check = json!({"cni-configuration": {"path": path, "name": "net-calico", "plugin": "calico",
        "range": {"first": 150, "last": 250}}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: each node / net-calico.conf: name / net-calico
    fact: each node / net-calico.conf: plugins / calico
    fact: each node / net-calico.conf: range / .150-.250 of the node's block
    fact: each node / net-calico.conf: version / 0.3.1
    ");
    // As on the document's own cluster: another node's range.
    let text = include_str!("../../../testdata/cni/net-calico.conf");
    cluster.write("doc-worker2", path, text);
    cluster.write(
        "doc-control-plane",
        path,
        &text
            .replace("10.244.19.", "10.244.185.")
            .replace("net-calico", "default-calico"),
    );
    cluster.write("doc-worker", path, "{");
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: /etc/cni/multus/net.d/net-calico.conf on node doc-control-plane
      expected: name net-calico
      observed: name default-calico
      why: a network is known by the name in its file, not by the file's name
    failed: /etc/cni/multus/net.d/net-calico.conf on node doc-worker
      expected: a CNI configuration
      observed: not JSON: EOF while parsing an object at line 1 column 1
      why: no plugin can use it
    failed: /etc/cni/multus/net.d/net-calico.conf on node doc-worker2
      expected: 10.244.182.150-10.244.182.250 in 10.244.182.0/24
      observed: 10.244.19.150-10.244.19.250 in 10.244.19.0/24
      why: pods get their addresses from this range, and only those of the node's own block are routed to it
    fact: each node / net-calico.conf: name / default-calico | net-calico
    fact: each node / net-calico.conf: plugins / calico
    fact: each node / net-calico.conf: range / .150-.250 of the node's block | not .150-.250 of the node's block
    fact: each node / net-calico.conf: version / 0.3.1
    ");
    Ok(())
}

#[test]
fn a_range_beyond_the_block_or_without_a_block_fails() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let path = "/etc/cni/multus/net.d/default-calico.conf";
    let check = |last: u32| {
        json!({"cni-configuration": {"path": path, "name": "default-calico", "plugin": "calico",
            "range": {"first": 50, "last": last}}})
    };
    assert!(cluster.evaluate(check(100))??.passed());
    assert!(!cluster.evaluate(check(256))??.passed());
    cluster.objects.insert("BlockAffinity", Vec::new());
    insta::assert_snapshot!(cluster.report(check(100))?, @"
    failed: /etc/cni/multus/net.d/default-calico.conf on node doc-control-plane
      expected: a block of the node
      observed: blocks: none
      why: pods get their addresses from this range, and only those of the node's own block are routed to it
    failed: /etc/cni/multus/net.d/default-calico.conf on node doc-worker
      expected: a block of the node
      observed: blocks: none
      why: pods get their addresses from this range, and only those of the node's own block are routed to it
    failed: /etc/cni/multus/net.d/default-calico.conf on node doc-worker2
      expected: a block of the node
      observed: blocks: none
      why: pods get their addresses from this range, and only those of the node's own block are routed to it
    fact: each node / default-calico.conf: name / default-calico
    fact: each node / default-calico.conf: plugins / calico
    fact: each node / default-calico.conf: range / not .50-.100 of the node's block
    fact: each node / default-calico.conf: version / 0.3.1
    ");
    Ok(())
}
