//! Situations as a cluster shows them: which trouble is named first, and whether there is hope.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::observation::pods::Pod;

type Result<T = ()> = anyhow::Result<T>;

const NODENAME: &str = "Failed to create pod sandbox: plugin type=\"weft\" failed (add): stat /var/lib/weft/name: no such file";

const MESSAGES: &str = r#"
messages:
  - component: weft
    versions: ">=3.0.0"
    says: ["stat /var/lib/weft/name: no such file"]
    ends: by-itself
    because: the daemon is not up yet
    reference: "weft #1"
  - component: weft
    versions: ">=3.0.0"
    says: ["no network is named"]
    ends: never
    because: no configuration has that name
    reference: "weft #2"
"#;

/// A cluster of one ready node whose network plugin, `weft-system/weft`, is ready, and on which pods of `shop` are
/// waited for.
fn calm() -> Result<Situation> {
    let mut situation = Situation {
        namespaces: BTreeSet::from(["shop".to_owned()]),
        nodes: vec![node("lab-worker", "True", "False")?],
        components: BTreeMap::from([("weft".to_owned(), "3.2.0".parse()?)]),
        messages: KnownMessages::parse("messages.yaml", MESSAGES)?,
        ..Situation::default()
    };
    plugin(&mut situation, 1)?;
    situation
        .pods
        .push(host_pod("weft-a", true, &json!([running("weft")]))?);
    Ok(situation)
}

fn plugin(situation: &mut Situation, ready: u32) -> Result {
    situation.daemon_sets = vec![serde_json::from_value(json!({
        "metadata": {"namespace": "weft-system", "name": "weft", "generation": 1,
            "annotations": {"deprecated.daemonset.template.generation": "1"}},
        "spec": {"template": {"spec": {"volumes": [{"hostPath": {"path": "/etc/cni/net.d"}}]}}},
        "status": {"observedGeneration": 1, "desiredNumberScheduled": 1, "updatedNumberScheduled": 1,
            "numberReady": ready},
    }))?];
    Ok(())
}

fn node(
    name: &str,
    ready: &str,
    disk_pressure: &str,
) -> serde_json::Result<crate::observation::nodes::Node> {
    serde_json::from_value(json!({
        "metadata": {"name": name},
        "status": {"conditions": [
            {"type": "Ready", "status": ready, "reason": "KubeletNotReady", "message": "no CNI configuration file"},
            {"type": "DiskPressure", "status": disk_pressure, "message": "kubelet has disk pressure"},
        ]},
    }))
}

/// A pod of the network plugin, of its DaemonSet and in its node's network.
fn host_pod(name: &str, ready: bool, statuses: &Value) -> serde_json::Result<Pod> {
    serde_json::from_value(json!({
        "metadata": {"namespace": "weft-system", "name": name, "uid": name, "labels": {"pod-template-generation": "1"},
            "ownerReferences": [{"kind": "DaemonSet", "name": "weft"}]},
        "spec": {"nodeName": "lab-worker", "hostNetwork": true},
        "status": {"phase": "Running", "containerStatuses": statuses,
            "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}]},
    }))
}

/// A pod that is waited for.
fn pod(statuses: &Value) -> serde_json::Result<Pod> {
    serde_json::from_value(json!({
        "metadata": {"namespace": "shop", "name": "basket-1", "uid": "u1"},
        "spec": {"nodeName": "lab-worker"},
        "status": {"phase": "Pending", "containerStatuses": statuses},
    }))
}

fn running(container: &str) -> Value {
    json!({"name": container, "ready": true, "state": {"running": {}}})
}

fn waiting(reason: &str) -> Value {
    json!({"name": "tool", "state": {"waiting": {"reason": reason, "message": "because"}}})
}

fn crashing(container: &str, restarts: u32, exit_code: i32) -> Value {
    json!({"name": container, "restartCount": restarts,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
        "lastState": {"terminated": {"exitCode": exit_code, "reason": "Error"}}})
}

fn event(
    reason: &str,
    message: &str,
    count: u32,
) -> serde_json::Result<crate::observation::events::Event> {
    serde_json::from_value(json!({
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "basket-1", "uid": "u1"},
        "reason": reason, "message": message, "count": count, "lastTimestamp": "2026-11-30T12:00:10Z",
    }))
}

fn without_sandbox(message: &str, count: u32) -> Result<Situation> {
    let mut situation = calm()?;
    situation
        .pods
        .push(pod(&json!([waiting("ContainerCreating")]))?);
    situation
        .events
        .push(event("FailedCreatePodSandBox", message, count)?);
    Ok(situation)
}

fn vain(situation: &Situation) -> Option<String> {
    hopeless(&troubles(situation)).map(ToString::to_string)
}

fn first(situation: &Situation) -> Option<String> {
    troubles(situation).first().map(ToString::to_string)
}

#[test]
fn where_all_is_well_there_is_no_trouble() -> Result {
    assert_eq!(troubles(&calm()?), []);
    Ok(())
}

#[rstest]
#[case("ErrImagePull", true)]
#[case("ImagePullBackOff", true)]
#[case("ErrImageNeverPull", true)]
#[case("InvalidImageName", true)]
#[case("CreateContainerError", true)]
#[case("CreateContainerConfigError", true)]
#[case("RunContainerError", true)]
#[case("ContainerCreating", false)]
#[case("PodInitializing", false)]
fn some_waits_are_vain_at_once(#[case] reason: &str, #[case] is_vain: bool) -> Result {
    let mut situation = calm()?;
    situation.pods.push(pod(&json!([waiting(reason)]))?);
    let expected =
        is_vain.then(|| format!("{reason} of pod shop/basket-1: container tool: because"));
    assert_eq!(vain(&situation), expected);
    Ok(())
}

#[rstest]
#[case::once(1, 1, false)]
#[case::twice(2, 1, false)]
#[case::again_and_again(3, 1, true)]
#[case::killed_for_its_probe(7, 137, false)]
#[case::told_to_end_for_its_probe(7, 143, false)]
fn a_container_that_ends_by_itself_often_enough_is_vain(
    #[case] restarts: u32,
    #[case] exit_code: i32,
    #[case] is_vain: bool,
) -> Result {
    let mut situation = calm()?;
    situation
        .pods
        .push(pod(&json!([crashing("tool", restarts, exit_code)]))?);
    assert_eq!(vain(&situation).is_some(), is_vain);
    Ok(())
}

#[test]
fn a_crash_of_a_pod_whose_network_is_on_its_way_is_not_vain() -> Result {
    let mut situation = calm()?;
    plugin(&mut situation, 0)?;
    situation.pods.push(pod(&json!([crashing("tool", 9, 1)]))?);
    assert_eq!(vain(&situation), None);
    Ok(())
}

#[test]
fn a_pod_that_is_being_deleted_or_ready_is_no_trouble() -> Result {
    let mut situation = calm()?;
    let mut leaving = pod(&json!([waiting("ErrImagePull")]))?;
    leaving.metadata.deletion_timestamp = Some(jiff::Timestamp::UNIX_EPOCH);
    situation.pods.push(leaving);
    assert_eq!(troubles(&situation), []);
    Ok(())
}

#[test]
fn another_namespaces_pod_is_no_trouble_of_this_wait() -> Result {
    let mut situation = calm()?;
    let mut other = pod(&json!([waiting("ErrImagePull")]))?;
    other.metadata.namespace = "elsewhere".to_owned();
    situation.pods.push(other);
    assert_eq!(troubles(&situation), []);
    Ok(())
}

#[rstest]
#[case::seen_twice("no address is left", 2, 1, false)]
#[case::seen_three_times("no address is left", 3, 1, true)]
#[case::while_the_plugin_is_on_its_way("no address is left", 30, 0, false)]
#[case::that_passes_by_itself(NODENAME, 30, 1, false)]
#[case::that_never_ends("no network is named lanes", 1, 1, true)]
#[case::that_never_ends_whatever_else_is_on_its_way("no network is named lanes", 1, 0, true)]
fn a_sandbox_failure_is_vain_where_nothing_under_way_mends_it(
    #[case] message: &str,
    #[case] count: u32,
    #[case] ready_plugins: u32,
    #[case] is_vain: bool,
) -> Result {
    let mut situation = without_sandbox(message, count)?;
    plugin(&mut situation, ready_plugins)?;
    assert_eq!(
        vain(&situation).is_some(),
        is_vain,
        "{:?}",
        troubles(&situation)
    );
    Ok(())
}

#[rstest]
#[case::before_all_was_done("2026-11-30T12:00:11Z", false)]
#[case::after_all_was_done("2026-11-30T12:00:09Z", true)]
fn what_never_ends_counts_once_all_acts_are_done(
    #[case] acted: &str,
    #[case] is_vain: bool,
) -> Result {
    let mut situation = without_sandbox("no network is named lanes", 1)?;
    situation.acted = Some(acted.parse()?);
    assert_eq!(vain(&situation).is_some(), is_vain);
    Ok(())
}

#[test]
fn a_message_of_another_version_is_not_known() -> Result {
    let mut situation = without_sandbox(NODENAME, 3)?;
    situation.components = BTreeMap::from([("weft".to_owned(), "2.0.0".parse()?)]);
    assert!(vain(&situation).is_some());
    Ok(())
}

#[test]
fn failures_of_an_older_pod_of_the_same_name_do_not_count() -> Result {
    let mut situation = without_sandbox("no address is left", 2)?;
    let mut older = event("FailedCreatePodSandBox", "no address is left", 9)?;
    older.involved_object.uid = "u0".to_owned();
    situation.events.push(older);
    assert_eq!(vain(&situation), None);
    Ok(())
}

#[test]
fn failures_that_differ_by_generated_ids_are_one_failure() -> Result {
    let mut situation = without_sandbox("sandbox 7398af55f17c0564: no address is left", 1)?;
    for id in ["458e65cc97936ef7", "b2ada65ad1e0c03e"] {
        let message = format!("sandbox {id}: no address is left");
        situation
            .events
            .push(event("FailedCreatePodSandBox", &message, 1)?);
    }
    assert!(vain(&situation).is_some());
    Ok(())
}

#[test]
fn a_cluster_without_a_plugin_has_hope_while_an_operator_is_there() -> Result {
    let mut situation = without_sandbox("no address is left", 5)?;
    situation.daemon_sets.clear();
    assert!(vain(&situation).is_some());
    situation.statuses = vec![serde_json::from_value(
        json!({"metadata": {"name": "calico"}}),
    )?];
    assert_eq!(vain(&situation), None);
    Ok(())
}

#[test]
fn the_plugins_crash_is_named_before_the_sandboxes_that_lack_it() -> Result {
    let mut situation = without_sandbox(NODENAME, 5)?;
    plugin(&mut situation, 0)?;
    situation.nodes = vec![node("lab-worker", "False", "False")?];
    situation.pods[0] = host_pod("weft-a", false, &json!([crashing("weft", 1, 1)]))?;
    insta::assert_snapshot!(
        troubles(&situation).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        @r#"
    CrashLoopBackOff of pod weft-system/weft-a: container weft ended with exit code 1 and was started again once
    NotReady of daemonset weft-system/weft: 0 of 1 pods are ready, 1 are up to date
    NotReady of node lab-worker: no CNI configuration file
    FailedCreatePodSandBox of pod shop/basket-1: Failed to create pod sandbox: plugin type="weft" failed (add): stat /var/lib/weft/name: no such file (the daemon is not up yet; weft #1)
    "#
    );
    assert_eq!(vain(&situation), None, "it has ended only once");
    situation.pods[0] = host_pod("weft-a", false, &json!([crashing("weft", 3, 1)]))?;
    assert_eq!(vain(&situation), first(&situation));
    let ended = troubles(&situation)
        .into_iter()
        .find_map(|trouble| trouble.ended);
    assert_eq!(
        ended.map(|ended| (ended.pod, ended.container, ended.was_restarted)),
        Some(("weft-a".to_owned(), "weft".to_owned(), true))
    );
    Ok(())
}

#[test]
fn the_plugins_image_is_named_first() -> Result {
    let mut situation = without_sandbox("no address is left", 1)?;
    plugin(&mut situation, 0)?;
    situation.pods[0] = host_pod("weft-a", false, &json!([waiting("ImagePullBackOff")]))?;
    assert_eq!(
        first(&situation).as_deref(),
        Some("ImagePullBackOff of pod weft-system/weft-a: container tool: because")
    );
    assert_eq!(vain(&situation), first(&situation));
    Ok(())
}

#[test]
fn a_crash_of_a_pod_that_a_rolling_update_replaces_is_not_vain() -> Result {
    let mut situation = calm()?;
    plugin(&mut situation, 0)?;
    let mut old = host_pod("weft-a", false, &json!([crashing("weft", 9, 1)]))?;
    let labels = &mut old.metadata.labels;
    labels.insert("pod-template-generation".to_owned(), "0".to_owned());
    situation.pods[0] = old;
    assert_eq!(vain(&situation), None);
    Ok(())
}

#[rstest]
#[case::that_starts(waiting("ContainerCreating"), false)]
#[case::that_crashes_itself(crashing("hub", 5, 2), true)]
fn a_daemons_crash_is_vain_unless_its_server_is_on_its_way(
    #[case] hub: Value,
    #[case] is_vain: bool,
) -> Result {
    let mut situation = calm()?;
    situation.namespaces.insert("weft-system".to_owned());
    plugin(&mut situation, 0)?;
    situation.pods[0] = host_pod("weft-a", false, &json!([crashing("weft", 9, 1)]))?;
    let mut server = host_pod("hub-1", false, &json!([hub]))?;
    server.metadata.owner_references[0].kind = "ReplicaSet".to_owned();
    situation.pods.push(server);
    assert_eq!(vain(&situation).is_some(), is_vain);
    Ok(())
}

#[rstest]
#[case::of_a_node(node("lab-worker", "True", "True")?, json!([waiting("ContainerCreating")]), "DiskPressure of node lab-worker: kubelet has disk pressure")]
#[case::that_the_runtime_meets(
    node("lab-worker", "True", "False")?,
    json!([{"name": "tool", "state": {"waiting": {"reason": "CreateContainerError", "message": "write /var/lib/x: no space left on device"}}}]),
    "CreateContainerError of pod shop/basket-1: container tool: write /var/lib/x: no space left on device"
)]
fn a_full_disk_comes_before_all_else(
    #[case] node: crate::observation::nodes::Node,
    #[case] statuses: Value,
    #[case] expected: &str,
) -> Result {
    let mut situation = calm()?;
    plugin(&mut situation, 0)?;
    situation.nodes = vec![node];
    situation.pods[0] = host_pod("weft-a", false, &json!([crashing("weft", 4, 1)]))?;
    situation.pods.push(pod(&statuses)?);
    assert_eq!(first(&situation).as_deref(), Some(expected));
    Ok(())
}

#[test]
fn an_evicted_pod_tells_of_its_node() -> Result {
    let mut situation = calm()?;
    let mut evicted = pod(&json!([]))?;
    evicted.status.reason = "Evicted".to_owned();
    evicted.status.message = "The node was low on resource: ephemeral-storage.".to_owned();
    situation.pods.push(evicted);
    assert_eq!(
        first(&situation).as_deref(),
        Some("Evicted of pod shop/basket-1: The node was low on resource: ephemeral-storage.")
    );
    Ok(())
}

#[test]
fn an_operators_word_is_the_cause_only_where_it_has_made_no_plugin() -> Result {
    let mut situation = calm()?;
    situation.nodes = vec![node("lab-worker", "False", "False")?];
    situation.statuses = vec![serde_json::from_value(json!({
        "metadata": {"name": "calico"},
        "status": {"conditions": [{"type": "Degraded", "status": "True", "message": "the pool is not within the pod network"}]},
    }))?];
    assert_eq!(
        first(&situation).as_deref(),
        Some("NotReady of node lab-worker: no CNI configuration file")
    );
    situation.daemon_sets.clear();
    assert_eq!(
        first(&situation).as_deref(),
        Some("Degraded of tigerastatus calico: the pool is not within the pod network")
    );
    Ok(())
}

#[test]
fn an_api_that_does_not_answer_is_told_with_why() -> Result {
    let mut situation = calm()?;
    situation.api_services = vec![serde_json::from_value(json!({
        "metadata": {"name": "v3.example.org"},
        "status": {"conditions": [{"type": "Available", "status": "False", "reason": "FailedDiscoveryCheck", "message": "x509: certificate signed by unknown authority"}]},
    }))?];
    assert_eq!(
        first(&situation).as_deref(),
        Some(
            "FailedDiscoveryCheck of apiservice v3.example.org: x509: certificate signed by unknown authority"
        )
    );
    Ok(())
}

#[rstest]
#[case::what_it_mounts(
    "FailedMount",
    "configmap \"shop\" not found",
    "FailedMount of pod shop/basket-1: configmap \"shop\" not found"
)]
#[case::nothing("Pulling", "pulling", "")]
fn a_pod_without_containers_tells_what_it_lacks(
    #[case] reason: &str,
    #[case] message: &str,
    #[case] expected: &str,
) -> Result {
    let mut situation = calm()?;
    situation
        .pods
        .push(pod(&json!([waiting("ContainerCreating")]))?);
    situation.events.push(event(reason, message, 2)?);
    assert_eq!(first(&situation).unwrap_or_default(), expected);
    assert_eq!(vain(&situation), None);
    Ok(())
}

#[test]
fn a_pod_that_no_node_takes_tells_why() -> Result {
    let mut situation = calm()?;
    let mut refused = pod(&json!([]))?;
    refused.status.conditions = serde_json::from_value(json!([
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"},
    ]))?;
    situation.pods.push(refused);
    assert_eq!(
        first(&situation).as_deref(),
        Some("Unschedulable of pod shop/basket-1: 0/1 nodes are available")
    );
    Ok(())
}

#[test]
fn the_cause_is_told_with_its_last_words_and_what_follows_from_it() -> Result {
    let mut situation = without_sandbox(NODENAME, 5)?;
    plugin(&mut situation, 0)?;
    situation.pods[0] = host_pod("weft-a", false, &json!([crashing("weft", 4, 1)]))?;
    let troubles = troubles(&situation);
    let words =
        crate::redaction::RawText::from("starting\nno address of this node is known\n".to_owned());
    let told = cause(&troubles, Some(&words.redacted()))
        .map(|failure| format!("{}\n{}\n{}", failure.subject, failure.observed, failure.why));
    insta::assert_snapshot!(told.unwrap_or_default(), @r#"
    pod weft-system/weft-a
    CrashLoopBackOff: container weft ended with exit code 1 and was started again 4 times
    its last words: starting | no address of this node is known; then: NotReady of daemonset weft-system/weft: 0 of 1 pods are ready, 1 are up to date; FailedCreatePodSandBox of pod shop/basket-1: Failed to create pod sandbox: plugin type="weft" failed (add): stat /var/lib/weft/name: no such file (the daemon is not up yet; weft #1)
    "#);
    assert_eq!(cause(&[], None), None);
    let alone = cause(&troubles[..1], None).map(|failure| failure.why);
    assert_eq!(alone.as_deref(), Some("nothing else is wrong"));
    Ok(())
}
