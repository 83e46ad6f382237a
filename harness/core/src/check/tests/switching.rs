//! The default network before and after the switch.

use serde_json::{Value, json};

use super::fixture::{Cluster, Result};
use crate::check::Detail;

fn check(name: &str, after: &str, probe: &str) -> Value {
    json!({"default-network": {"name": name, "after": after, "probe": probe}})
}

#[test]
fn all_witnesses_agree_after_the_switch() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    let check = check("multus-cni-network", "step", "switched");
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: each node / default network / multus-cni-network
    fact: each node / default network's file / 00-multus.conf (multus)
    ");
    let details = cluster.evaluate(check)??.details;
    let Some(Detail::Witnesses { about, rows }) = details.into_iter().nth(1) else {
        return Err("no witnesses".into());
    };
    assert_eq!(about, "default network of doc-worker");
    insta::assert_debug_snapshot!(rows, @r#"
    [
        (
            "rule",
            "multus-cni-network (multus) of 00-multus.conf, passed over 70-multus.conf (network multus-cni-network is already that of 00-multus.conf)",
        ),
        (
            "CRI-O's last word",
            "multus-cni-network at 2026-11-23T21:33:16.028734626Z",
        ),
        (
            "new sandbox, by CRI-O's journal",
            "multus-cni-network",
        ),
        (
            "new sandbox, by its CNI result",
            "multus-cni-network",
        ),
    ]
    "#);
    Ok(())
}

#[test]
fn each_witness_that_disagrees_is_named() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    // The rule: Multus' file has a name that CRI-O does not read.
    cluster.remove("doc-control-plane", "/etc/cni/net.d/00-multus.conf");
    cluster.write("doc-control-plane", "/etc/cni/net.d/00-multus.conf.bak", "");
    // The last word: none since the step began.
    let journal = cluster.journals.entry("doc-worker".to_owned()).or_default();
    *journal = journal
        .lines()
        .filter(|line| !line.contains("name to multus-cni-network"))
        .collect::<Vec<_>>()
        .join("\n");
    // The new sandbox: what the runtime keeps is of another network.
    let result = include_str!("../../../testdata/cni/results/k8s-pod-network.json");
    cluster.write(
        "doc-worker2",
        "/var/lib/cni/results/switched-2-eth0",
        &result.replace("priority-1", "switched-2"),
    );
    insta::assert_snapshot!(cluster.report(check("multus-cni-network", "step", "switched"))?, @"
    failed: node doc-control-plane
      expected: default network multus-cni-network by all witnesses
      observed: rule: k8s-pod-network (calico) of 10-calico.conflist; CRI-O's last word: multus-cni-network at 2026-11-23T21:33:16.028734626Z; new sandbox, by CRI-O's journal: multus-cni-network; new sandbox, by its CNI result: multus-cni-network
      why: the witnesses disagree; not so: rule
    failed: node doc-worker
      expected: default network multus-cni-network by all witnesses
      observed: rule: multus-cni-network (multus) of 00-multus.conf, passed over 70-multus.conf (network multus-cni-network is already that of 00-multus.conf); CRI-O's last word: nothing since the step began at 2026-11-23T21:33:15Z; new sandbox, by CRI-O's journal: multus-cni-network; new sandbox, by its CNI result: multus-cni-network
      why: the witnesses disagree; not so: CRI-O's last word
    failed: node doc-worker2
      expected: default network multus-cni-network by all witnesses
      observed: rule: multus-cni-network (multus) of 00-multus.conf, passed over 70-multus.conf (network multus-cni-network is already that of 00-multus.conf); CRI-O's last word: multus-cni-network at 2026-11-23T21:33:16.028734626Z; new sandbox, by CRI-O's journal: multus-cni-network; new sandbox, by its CNI result: k8s-pod-network, but status.podIP: 10.244.182.150, CNI result: 10.244.19.7
      why: the witnesses disagree; not so: new sandbox, by its CNI result
    fact: each node / default network / k8s-pod-network | k8s-pod-network, not as the pod says | multus-cni-network | unknown
    fact: each node / default network's file / 00-multus.conf (multus) | 10-calico.conflist (calico)
    ");
    Ok(())
}

#[test]
fn another_network_fails_on_each_node() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let report = cluster.report(json!({"default-network": {"name": "k8s-pod-network"}}))?;
    insta::assert_snapshot!(report.lines().take(4).collect::<Vec<_>>().join("\n"), @"
    failed: node doc-control-plane
      expected: default network k8s-pod-network by all witnesses
      observed: rule: multus-cni-network (multus) of 00-multus.conf, passed over 70-multus.conf (network multus-cni-network is already that of 00-multus.conf); CRI-O's last word: multus-cni-network at 2026-11-23T21:33:16.028734626Z
      why: no witness says so
    ");
    cluster
        .journals
        .insert("doc-worker".to_owned(), "-- No entries --".to_owned());
    let failed = cluster.failed(json!({"default-network": {"name": "multus-cni-network"}}))?;
    let of_journal = "CRI-O's last word: nothing; not understood: invalid number at line 1 column 2: -- No entries --";
    assert_eq!(failed.lines().count(), 1, "{failed}");
    assert!(failed.ends_with(of_journal), "{failed}");
    Ok(())
}

#[test]
fn a_node_without_a_probe_pod_fails() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.object("Pod", "switched-0")?["spec"]["nodeName"] = json!("doc-worker");
    let evaluation = cluster.evaluate(check("multus-cni-network", "step", "switched"))??;
    let failure = evaluation.failures.first().ok_or("no failure")?;
    assert_eq!(failure.subject, "node doc-control-plane");
    assert!(failure.observed.contains("no probe pod on this node"));
    Ok(())
}

#[test]
fn older_pods_keep_their_network_and_address() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"kept-network": {"probe": "priority", "network": "k8s-pod-network"}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: pods rehearse.probe=priority / eth0 address / kept
    fact: pods rehearse.probe=priority / network / k8s-pod-network
    ");
    // What a restart of CRI-O 1.34 does to them: no result, no interface, the status as before.
    cluster.remove("doc-worker", "/var/lib/cni/results/priority-1-eth0");
    cluster.command(
        "default/priority-1",
        "ip -j address show",
        r#"[{"ifname": "lo"}]"#,
    );
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    failed: pod default/priority-1
      expected: a CNI result of network k8s-pod-network
      observed: none
      why: the runtime no longer has the attachment, or has another one
    failed: pod default/priority-1
      expected: one eth0 address by all witnesses
      observed: ip address in the pod: none; status.podIP: 10.244.19.7; CNI result: none
      why: the pod lost its interface or its address while its status still has it
    fact: pods rehearse.probe=priority / eth0 address / kept | not kept
    fact: pods rehearse.probe=priority / network / k8s-pod-network | none
    ");
    cluster.object("Pod", "priority-2")?["metadata"]["deletionTimestamp"] =
        json!("2026-11-23T21:34:00Z");
    insta::assert_snapshot!(cluster.report(check)?.lines().take(4).collect::<Vec<_>>().join("\n"), @"
    failed: pods rehearse.probe=priority
      expected: 3 pods, one on each node
      observed: default/priority-0, default/priority-1
      why: pods of before the switch are gone, or were never made
    ");
    Ok(())
}

#[test]
fn a_node_without_a_usable_file_has_no_default_network() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    for file in ["00-multus.conf", "10-calico.conflist", "70-multus.conf"] {
        cluster.remove("doc-worker", &format!("/etc/cni/net.d/{file}"));
    }
    // As when it started: the name that CRI-O tells is empty.
    let journal = cluster.journals.entry("doc-worker".to_owned()).or_default();
    *journal = journal.lines().take(2).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(cluster.report(json!({"default-network": {"name": "multus-cni-network"}}))?, @"
    failed: node doc-worker
      expected: default network multus-cni-network by all witnesses
      observed: rule: no usable file; CRI-O's last word: none, at 2026-11-23T21:25:20.33873553Z
      why: no witness says so
    fact: each node / default network / multus-cni-network | none
    fact: each node / default network's file / 00-multus.conf (multus) | none
    ");
    Ok(())
}

#[test]
fn an_older_pod_that_only_lost_its_address_in_the_pod_is_not_kept() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"kept-network": {"probe": "priority", "network": "k8s-pod-network"}});
    cluster.replace(
        "default/priority-1",
        "ip -j address show",
        "10.244.19.7",
        "10.244.19.8",
    )?;
    insta::assert_snapshot!(cluster.failed(check)?, @"pod default/priority-1: one eth0 address by all witnesses, not ip address in the pod: 10.244.19.8; status.podIP: 10.244.19.7; CNI result: 10.244.19.7");
    Ok(())
}

#[test]
fn an_older_pod_that_was_made_again_is_told_by_its_sandbox() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"kept-network": {"probe": "priority", "network": "k8s-pod-network"}});
    let mut sandbox = |id: &str| -> Result<String> {
        cluster.object("Pod", "priority-1")?["metadata"]["annotations"] =
            json!({"cni.projectcalico.org/containerID": id});
        cluster.failed(check.clone())
    };
    assert_eq!(sandbox(&"5a".repeat(32))?, "");
    insta::assert_snapshot!(sandbox(&"b2".repeat(32))?, @"pod default/priority-1: the CNI result, the status and the annotations say the same, not the result is of another sandbox");
    Ok(())
}

#[test]
fn a_result_that_is_not_written_yet_and_a_folder_are_no_results() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"kept-network": {"probe": "priority", "network": "k8s-pod-network"}});
    let results = ("doc-worker".to_owned(), "/var/lib/cni/results".to_owned());
    for (kind, size) in [("file", 0), ("directory", 4096)] {
        let entries = cluster.folders.entry(results.clone()).or_default();
        entries.push(json!({"name": kind, "kind": kind, "mode": "0600", "size": size, "modified": "2026-11-23T21:33:15Z", "content": ""}));
        assert_eq!(cluster.failed(check.clone())?, "");
    }
    Ok(())
}

/// CRI-O takes the first file of a name, and a name alone does not tell whose it is.
#[test]
fn the_same_name_in_another_plugins_file_is_not_the_same_network() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check =
        |plugin: &str| json!({"default-network": {"name": "multus-cni-network", "plugin": plugin}});
    assert_eq!(cluster.failed(check("multus"))?, "");
    insta::assert_snapshot!(cluster.failed(check("calico"))?.lines().next().unwrap_or_default(), @"node doc-control-plane: network multus-cni-network of plugin calico, not rule: multus-cni-network (multus) of 00-multus.conf, passed over 70-multus.conf (network multus-cni-network is already that of 00-multus.conf)");
    let text = r#"{"cniVersion": "0.3.1", "name": "multus-cni-network", "type": "calico"}"#;
    cluster.write("doc-worker", "/etc/cni/net.d/20-rival.conf", text);
    let by_name = json!({"default-network": {"name": "multus-cni-network"}});
    assert_eq!(
        cluster.failed(by_name)?,
        "node doc-worker: one plugin for the network multus-cni-network, not multus of 00-multus.conf, and calico of 20-rival.conf"
    );
    Ok(())
}

#[test]
fn a_word_that_is_out_of_date_is_no_witness() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let journal = cluster.journals.entry("doc-worker".to_owned()).or_default();
    let event = json!({"__REALTIME_TIMESTAMP": "1795470000000000",
        "MESSAGE": "INFO[0009] CNI monitoring event CREATE        \"/etc/cni/net.d/x\""});
    *journal = format!("{journal}\n{event}");
    let failed = cluster.failed(json!({"default-network": {"name": "multus-cni-network"}}))?;
    assert_eq!(failed.lines().count(), 1, "{failed}");
    assert!(
        failed.contains("out of date: it read its folder again at 2026-11-2"),
        "{failed}"
    );
    Ok(())
}

/// The line that counts may be the one that is cut off.
#[test]
fn a_word_that_is_not_understood_leaves_the_last_one_open() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"default-network": {"name": "multus-cni-network"}});
    let whole = cluster
        .journals
        .get("doc-worker")
        .cloned()
        .unwrap_or_default();
    for (line, failures) in [
        (
            r#"{"__REALTIME_TIMESTAMP":"1","MESSAGE":"Updated default CNI network name to"#,
            1,
        ),
        (r#"{"__REALTIME_TIMESTAMP":"1","MESSAGE":"Pulled im"#, 0),
    ] {
        cluster
            .journals
            .insert("doc-worker".to_owned(), format!("{whole}\n{line}"));
        let failed = cluster.failed(check.clone())?;
        assert_eq!(failed.lines().count(), failures, "{failed}");
    }
    Ok(())
}

/// The version of the plan's CRI-O says whose libcni reads the folder.
#[test]
fn plugins_in_a_networks_own_folder_count_from_crio_1_33_on() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let path = "/etc/cni/net.d/00-a.conflist";
    cluster.write("doc-worker", path, r#"{"name": "multus-cni-network"}"#);
    let folder = json!({"name": "multus-cni-network", "kind": "directory", "mode": "0755", "size": 1,
        "modified": "2026-11-23T21:33:15Z", "entries": [{"name": "1.conf", "kind": "file", "mode": "0644", "size": 1,
            "modified": "2026-11-23T21:33:15Z", "content": r#"{"type": "calico"}"#}]});
    let key = ("doc-worker".to_owned(), "/etc/cni/net.d".to_owned());
    cluster.folders.entry(key).or_default().push(folder);
    let check = json!({"default-network": {"name": "multus-cni-network", "plugin": "multus"}});
    for (version, failures) in [("1.34.0", 3), ("1.32.4", 0)] {
        let components = &mut cluster.context.components;
        components.insert("cri-o".to_owned(), version.parse()?);
        let failed = cluster.failed(check.clone())?;
        assert_eq!(failed.lines().count(), failures, "{version}: {failed}");
    }
    Ok(())
}

/// CRI-O's own configuration, as one file of its folder.
fn configured(cluster: &mut Cluster, text: &str) {
    for node in ["doc-control-plane", "doc-worker", "doc-worker2"] {
        cluster.write(node, "/etc/crio/crio.conf", text);
    }
}

#[test]
fn a_network_that_crio_is_told_to_take_is_the_default_whatever_sorts_first() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    configured(
        &mut cluster,
        "[crio.network]\ncni_default_network = \"k8s-pod-network\"",
    );
    // CRI-O says no word then.
    for journal in cluster.journals.values_mut() {
        *journal = String::new();
    }
    let check = |name: &str| json!({"default-network": {"name": name, "after": "step"}});
    assert_eq!(cluster.failed(check("k8s-pod-network"))?, "");
    let failed = cluster.failed(check("multus-cni-network"))?;
    assert_eq!(failed.lines().count(), 3, "{failed}");
    cluster.remove("doc-worker", "/etc/cni/net.d/10-calico.conflist");
    let failed = cluster.failed(check("k8s-pod-network"))?;
    assert!(
        failed.contains("rule: no usable file of k8s-pod-network, by CRI-O's configuration"),
        "{failed}"
    );
    Ok(())
}

#[test]
fn folders_that_crio_does_not_read_say_nothing_of_its_default() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"default-network": {"name": "multus-cni-network"}});
    for (text, said) in [
        (
            "network_dir = \"/etc/cni/net.d\"\nplugin_dirs = [\"/usr/libexec/cni\", \"/opt/cni/bin/\"]",
            "",
        ),
        (
            "network_dir = \"/etc/harbour\"",
            "rule: unknown, as CRI-O reads /etc/harbour, and not /etc/cni/net.d",
        ),
        (
            "plugin_dirs = [\"/usr/libexec/cni\"]",
            "rule: unknown, as CRI-O looks for plugins in /usr/libexec/cni, and not in /opt/cni/bin",
        ),
        (
            "network_dir = 7",
            "rule: unknown, as CRI-O's configuration is not understood: crio.conf: invalid type",
        ),
    ] {
        configured(&mut cluster, &format!("[crio.network]\n{text}"));
        let failed = cluster.failed(check.clone())?;
        assert_eq!(failed.is_empty(), said.is_empty(), "{failed}");
        assert!(failed.contains(said), "{failed}");
    }
    Ok(())
}
