//! Pods, their annotations, events and logs, and pods that hang.

use serde_json::{Value, json};

use super::fixture::{Cluster, Result};
use crate::check::Check;

const POD: &str = "normal-859c7fbdf5-gjllb";

fn selected(kind: &str, more: &Value) -> Value {
    let mut parameters = json!({"namespace": "default", "selector": "app=normal"});
    for (key, value) in more.as_object().into_iter().flatten() {
        parameters[key] = value.clone();
    }
    json!({ kind: parameters })
}

#[test]
fn three_ready_pods_on_two_nodes_pass() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    insta::assert_snapshot!(cluster.report(selected("pods", &json!({"ready": 3, "nodes": 2})))?, @"
    fact: pods app=normal / nodes / at least 2
    fact: pods app=normal / ready / 3 of 3
    ");
    Ok(())
}

#[test]
fn an_older_revision_one_node_or_an_unready_pod_fails() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = selected("pods", &json!({"ready": 3, "nodes": 2}));
    let pod = cluster.object("Pod", "normal-859c7fbdf5-sszf2")?;
    pod["spec"]["nodeName"] = json!("doc-worker");
    pod["metadata"]["labels"]["pod-template-hash"] = json!("57fbdf8d94");
    pod["status"]["conditions"] = json!([]);
    pod["status"]["containerStatuses"][0]["state"] =
        json!({"waiting": {"reason": "ContainerCreating"}});
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: pods app=normal
      expected: 3 pods, all ready
      observed: 3 pods, 2 ready: normal-859c7fbdf5-4jghl ready, normal-859c7fbdf5-gjllb ready, normal-859c7fbdf5-sszf2 Running, ContainerCreating
      why: the rollout has not ended, or it hangs
    failed: pods app=normal
      expected: pods of one revision
      observed: 2 revisions: normal-859c7fbdf5-4jghl ready, normal-859c7fbdf5-gjllb ready, normal-859c7fbdf5-sszf2 Running, ContainerCreating
      why: pods of an older revision are left
    failed: pods app=normal
      expected: pods on at least 2 nodes
      observed: doc-worker
      why: what is between nodes cannot be seen on one
    fact: pods app=normal / nodes / at least 1
    fact: pods app=normal / ready / 2 of 3
    ");
    Ok(())
}

#[test]
fn ready_pods_of_before_the_step_are_not_the_new_ones() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = selected("pods", &json!({"ready": 3, "nodes": 2, "after": "step"}));
    let times = cluster.objects["Pod"].iter();
    let times = times.filter_map(|pod| pod["metadata"]["creationTimestamp"].as_str());
    let newest: jiff::Timestamp = times.max().unwrap_or_default().parse()?;
    cluster.context.step_started = "2026-01-01T00:00:00Z".parse()?;
    assert!(!cluster.report(check.clone())?.contains("failed:"));
    // The server counts in whole seconds, so a pod of the same second is of the step.
    let times = cluster.objects["Pod"].iter();
    let times = times.filter_map(|pod| pod["metadata"]["creationTimestamp"].as_str());
    let oldest: jiff::Timestamp = times.min().unwrap_or_default().parse()?;
    cluster.context.step_started = oldest + jiff::SignedDuration::from_millis(900);
    assert_eq!(cluster.failed(check.clone())?, "");
    cluster.context.step_started = newest + jiff::SignedDuration::from_secs(1);
    let report = cluster.report(check)?;
    assert!(
        report.contains("expected: pods that were made in this step"),
        "{report}"
    );
    // Else the same pods pass.
    let any = selected("pods", &json!({"ready": 3, "nodes": 2}));
    assert!(!cluster.report(any)?.contains("failed:"));
    Ok(())
}

#[test]
fn pods_that_are_being_deleted_do_not_count() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let mut older = cluster.object("Pod", POD)?.clone();
    older["metadata"]["name"] = json!("normal-57fbdf8d94-254nc");
    older["metadata"]["labels"]["pod-template-hash"] = json!("57fbdf8d94");
    cluster
        .objects
        .entry("Pod")
        .or_default()
        .push(older.clone());
    let check = selected("pods", &json!({"ready": 3, "nodes": 2}));
    assert!(!cluster.evaluate(check.clone())??.passed());
    cluster.object("Pod", "normal-57fbdf8d94-254nc")?["metadata"]["deletionTimestamp"] =
        json!("2026-11-23T21:36:08Z");
    assert!(cluster.evaluate(check)??.passed());
    Ok(())
}

#[test]
fn no_pods_fail_in_every_rule_about_pods() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.objects.insert("Pod", Vec::new());
    for (kind, more) in [
        ("pods", json!({"ready": 0, "nodes": 0})),
        ("pod-addresses", json!({"interfaces": []})),
        ("pod-routes", json!({"exactly": ["default dev eth0"]})),
        ("pod-annotations", json!({"absent": ["a"]})),
        ("network-status", json!({"annotation": "a", "entries": []})),
        (
            "pod-events",
            json!({"reason": "AddedInterface", "messages": ["a"]}),
        ),
        ("pod-logs", json!({"absent": ["a"]})),
        (
            "sandbox-failure",
            json!({"contains": ["a"], "still-ready": 0}),
        ),
        ("own-gateway", json!({})),
        (
            "bridge",
            json!({"name": "cni5", "address": "10.1.128.1/24", "hairpin": true}),
        ),
    ] {
        assert!(
            !cluster.evaluate(selected(kind, &more))??.passed(),
            "{kind}"
        );
    }
    Ok(())
}

#[test]
fn annotations_that_are_wanted_are_there_and_others_are_not() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = selected(
        "pod-annotations",
        &json!({
        "present": ["cni.projectcalico.org/podIP"], "absent": ["k8s.v1.cni.cncf.io/networks-status"]}),
    );
    let mut annotations = Vec::new();
    for pod in cluster.objects.entry("Pod").or_default() {
        annotations.push(pod["metadata"]["annotations"].take());
        let address = pod["status"]["podIP"].as_str().unwrap_or_default();
        pod["metadata"]["annotations"] =
            json!({"cni.projectcalico.org/podIP": format!("{address}/32")});
    }
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: pods app=normal / annotation cni.projectcalico.org/podIP / present
    fact: pods app=normal / annotation k8s.v1.cni.cncf.io/networks-status / absent
    ");
    let pod = cluster.object("Pod", POD)?;
    pod["metadata"]["annotations"] = json!({"k8s.v1.cni.cncf.io/networks-status": "[]"});
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: annotation cni.projectcalico.org/podIP present
      observed: absent
      why: which annotations are written depends on the versions of Multus and Calico
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: annotation k8s.v1.cni.cncf.io/networks-status absent
      observed: present: []
      why: which annotations are written depends on the versions of Multus and Calico
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: annotation k8s.v1.cni.cncf.io/networks-status as the pod's status has it: 10.244.19.51
      observed: []
      why: it is of another pod or of an older sandbox, or it is no address at all
    fact: pods app=normal / annotation cni.projectcalico.org/podIP / absent | present
    fact: pods app=normal / annotation k8s.v1.cni.cncf.io/networks-status / absent | present
    ");
    Ok(())
}

#[test]
fn each_pod_has_its_events() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = selected(
        "pod-events",
        &json!({"reason": "AddedInterface", "messages": [
        "Add eth0 [{{ pod.eth0 }}/32] from kube-system/default-calico",
        "Add net1 [{{ pod.net1 }}/24] from default/cfosdefaultcni5"]}),
    );
    insta::assert_snapshot!(cluster.report(check.clone())?, @"fact: pods app=normal / events AddedInterface / Add eth0 [{{ pod.eth0 }}/32] from kube-system/default-calico, Add net1 [{{ pod.net1 }}/24] from default/cfosdefaultcni5");
    let events = cluster.objects.entry("Event").or_default();
    events.retain(|event| {
        event["involvedObject"]["name"] != POD
            || !event["message"]
                .as_str()
                .unwrap_or_default()
                .contains("net1")
    });
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: event AddedInterface: Add net1 [10.1.128.2/24] from default/cfosdefaultcni5
      observed: Add eth0 [10.244.19.51/32] from kube-system/default-calico
      why: no event about the pod has this message
    fact: pods app=normal / events AddedInterface / Add eth0 [{{ pod.eth0 }}/32] from kube-system/default-calico | Add eth0 [{{ pod.eth0 }}/32] from kube-system/default-calico, Add net1 [{{ pod.net1 }}/24] from default/cfosdefaultcni5
    ");
    Ok(())
}

#[test]
fn events_that_name_no_address_need_none_and_others_do() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster
        .commands
        .remove(&(format!("default/{POD}"), "ip -j address show".to_owned()));
    let check = |message: &str| {
        selected(
            "pod-events",
            &json!({"reason": "Pulled", "messages": [message]}),
        )
    };
    for pod in ["normal-859c7fbdf5-4jghl", POD, "normal-859c7fbdf5-sszf2"] {
        cluster.objects.entry("Event").or_default().push(json!({
            "metadata": {"namespace": "default", "name": format!("{pod}.1")}, "reason": "Pulled", "message": "the image is there",
            "involvedObject": {"kind": "Pod", "namespace": "default", "name": pod}}));
    }
    assert_eq!(cluster.failed(check("the image is there"))?, "");
    let failed = cluster.failed(check("{{ pod.eth0 }}"))?;
    assert!(
        failed.contains(&format!(
            "pod default/{POD}: the addresses in the pod, not no output"
        )),
        "{failed}"
    );
    Ok(())
}

#[test]
fn each_log_has_its_line() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = selected(
        "pod-logs",
        &json!({"contains": ["Entering sleep (success)"], "absent": ["panic"]}),
    );
    for pod in ["normal-859c7fbdf5-4jghl", POD, "normal-859c7fbdf5-sszf2"] {
        cluster.logs.insert(
            format!("default/{pod}"),
            "starting\nEntering sleep (success)...\n".to_owned(),
        );
    }
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: pods app=normal / log: Entering sleep (success) / present
    fact: pods app=normal / log: panic / absent
    ");
    cluster.logs.insert(
        format!("default/{POD}"),
        "starting\npanic: no kubeconfig\nexit\n".to_owned(),
    );
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: log of pod default/normal-859c7fbdf5-gjllb
      expected: 'Entering sleep (success)' present
      observed: exit
      why: no line has it; the last line is shown
    failed: log of pod default/normal-859c7fbdf5-gjllb
      expected: 'panic' absent
      observed: panic: no kubeconfig
      why: the line shown has it
    fact: pods app=normal / log: Entering sleep (success) / absent | present
    fact: pods app=normal / log: panic / absent | present
    ");
    Ok(())
}

#[test]
fn a_rollout_that_hangs_for_the_documents_reason_passes() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let waiting: Vec<Value> =
        serde_json::from_str(include_str!("../../../testdata/objects/waiting-pod.json"))?;
    cluster.objects.entry("Pod").or_default().extend(waiting);
    let check = |text: &str| {
        selected(
            "sandbox-failure",
            &json!({
        "contains": ["TryLoadPodDelegates", text], "still-ready": 3}),
        )
    };
    let reason = "no network available in the name default-calico";
    insta::assert_snapshot!(cluster.report(check(reason))?, @"
    fact: pods app=normal / sandbox failure / TryLoadPodDelegates; no network available in the name default-calico
    fact: pods app=normal / still ready / 3
    ");
    let other = "cannot find a network-attachment-definition";
    insta::assert_snapshot!(cluster.report(check(other))?, @r#"
    failed: pod default/normal-57fbdf8d94-7h7k4
      expected: a FailedCreatePodSandBox event with 'TryLoadPodDelegates', 'cannot find a network-attachment-definition'
      observed: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create pod network sandbox k8s_normal-57fbdf8d94-7h7k4_default_ec9421a4-16ae-45a8-917e-9c6f38b07e23_0(458e65cc97936ef792a3b8b3f434d1a7df94531a230a0050500cd8a9d3f75039): error adding pod default_normal-57fbdf8d94-7h7k4 to CNI network "multus-cni-network": plugin type="multus" name="multus-cni-network" failed (add): Multus: [default/normal-57fbdf8d94-7h7k4/ec9421a4-16ae-45a8-917e-9c6f38b07e23]: error loading k8s delegates k8s args: TryLoadPodDelegates: error in loading K8s cluster default network from pod annotation: tryLoadK8sPodDefaultNetwork: failed getting the delegate: GetCNIConfig: err in GetCNIConfigFromFile: no network available in the name default-calico in cni dir /etc/cni/multus/net.d
      why: the sandbox fails for another reason, or has not failed yet
    fact: pods app=normal / sandbox failure / another reason or none
    fact: pods app=normal / still ready / 3
    "#);
    // The erratum is gone: nothing hangs any more.
    cluster.objects.entry("Pod").or_default().pop();
    insta::assert_snapshot!(cluster.report(check(reason))?, @"
    failed: pods app=normal
      expected: a new pod that waits
      observed: none
      why: nothing hangs, or the new pod is not there yet
    fact: pods app=normal / still ready / 3
    ");
    Ok(())
}

#[test]
fn only_a_rule_about_pods_that_hang_expects_hopeless_ones() -> Result<()> {
    let hangs: Check = serde_json::from_value(selected(
        "sandbox-failure",
        &json!({"contains": [], "still-ready": 3}),
    ))?;
    let pods: Check = serde_json::from_value(selected("pods", &json!({"ready": 3, "nodes": 2})))?;
    assert!(hangs.expects_hopeless());
    assert!(!pods.expects_hopeless());
    Ok(())
}
