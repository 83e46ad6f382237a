//! States of a pod that waiting does not cure, so that a wait can end at once.

use std::collections::BTreeMap;

use super::events::Event;
use super::pods::Pod;

/// Why a container can never start as things are.
const HOPELESS_REASONS: [&str; 7] = [
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
];

/// How often the same sandbox failure is seen before it counts. While Multus or Calico restarts, one or two are usual.
const SANDBOX_FAILURES: u32 = 3;

/// How often a container has started again before its back-off counts. A program whose server is not there yet ends once
/// or twice where all is well.
const CRASHES: u32 = 3;

/// A pod that will not get ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hopeless {
    /// Such as `ErrImagePull` or `FailedCreatePodSandBox`.
    pub reason: String,
    /// The pod as `namespace/name`.
    pub pod: String,
    /// The last message about it.
    pub message: String,
}

/// The first pod, by name, that will not get ready; events of other pods do not count.
pub fn judge(pods: &[Pod], events: &[Event]) -> Option<Hopeless> {
    let mut pods: Vec<&Pod> = pods
        .iter()
        .filter(|pod| !pod.is_being_deleted() && !pod.is_ready())
        .collect();
    pods.sort_by_key(|pod| pod.full_name());
    pods.into_iter()
        .find_map(|pod| waiting(pod).or_else(|| sandbox(pod, events)))
}

fn waiting(pod: &Pod) -> Option<Hopeless> {
    let (status, waiting) = pod.waiting().find(|(status, waiting)| {
        HOPELESS_REASONS.contains(&waiting.reason.as_str())
            && (waiting.reason != "CrashLoopBackOff" || status.restart_count >= CRASHES)
    })?;
    let container = &status.name;
    let message = if waiting.message.is_empty() {
        format!("container {container} waits")
    } else {
        format!("container {container}: {}", waiting.message)
    };
    Some(Hopeless {
        reason: waiting.reason.clone(),
        pod: pod.full_name(),
        message,
    })
}

/// The kubelet makes one event of equal messages and counts; a message with the sandbox's id in it comes as an event of
/// its own each time.
fn sandbox(pod: &Pod, events: &[Event]) -> Option<Hopeless> {
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    let mut failures: Vec<&Event> = events
        .iter()
        .filter(|event| event.reason == "FailedCreatePodSandBox" && event.is_about(pod))
        .collect();
    failures.sort_by_key(|event| event.last_seen());
    for event in &failures {
        let seen = times.entry(without_ids(&event.message)).or_default();
        *seen = seen.saturating_add(event.times());
    }
    let last = failures.iter().rev().find(|event| {
        times
            .get(&without_ids(&event.message))
            .is_some_and(|&seen| seen >= SANDBOX_FAILURES)
    })?;
    Some(Hopeless {
        reason: last.reason.clone(),
        pod: pod.full_name(),
        message: last.message.clone(),
    })
}

/// A message with each generated id (a run of at least eight hexadecimal digits) replaced, so that two tries are equal.
fn without_ids(message: &str) -> String {
    let mut result = String::new();
    let mut run = String::new();
    for character in message.chars().chain([' ']) {
        if character.is_ascii_hexdigit() {
            run.push(character);
            continue;
        }
        if run.len() >= 8 && run.contains(|digit: char| digit.is_ascii_digit()) {
            result.push_str("ID");
        } else {
            result.push_str(&run);
        }
        run.clear();
        result.push(character);
    }
    result.pop();
    result
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn pod(waiting: &Value) -> serde_json::Result<Pod> {
        serde_json::from_value(json!({
            "metadata": {"namespace": "default", "name": "normal-1", "uid": "u1"},
            "status": {"phase": "Pending", "containerStatuses": [{"name": "tool", "state": {"waiting": waiting}}]},
        }))
    }

    fn failure(sandbox: &str, count: u32, uid: &str) -> serde_json::Result<Event> {
        serde_json::from_value(json!({
            "involvedObject": {"kind": "Pod", "namespace": "default", "name": "normal-1", "uid": uid},
            "reason": "FailedCreatePodSandBox",
            "message": format!("failed to create pod network sandbox k8s_normal-1_0({sandbox}): no network available"),
            "count": count,
        }))
    }

    #[rstest]
    #[case("ErrImagePull", true)]
    #[case("ImagePullBackOff", true)]
    #[case("InvalidImageName", true)]
    #[case("CreateContainerError", true)]
    #[case("CreateContainerConfigError", true)]
    #[case("RunContainerError", true)]
    #[case("ContainerCreating", false)]
    #[case("PodInitializing", false)]
    fn some_waits_are_hopeless_at_once(
        #[case] reason: &str,
        #[case] is_hopeless: bool,
    ) -> serde_json::Result<()> {
        let pod = pod(&json!({"reason": reason, "message": "because"}))?;
        let expected = is_hopeless.then(|| Hopeless {
            reason: reason.to_owned(),
            pod: "default/normal-1".to_owned(),
            message: "container tool: because".to_owned(),
        });
        assert_eq!(judge(&[pod], &[]), expected);
        Ok(())
    }

    #[rstest]
    #[case(1, false)]
    #[case(2, false)]
    #[case(3, true)]
    fn a_container_that_ends_once_or_twice_may_still_run(
        #[case] restarts: u32,
        #[case] is_hopeless: bool,
    ) -> serde_json::Result<()> {
        let mut pod = pod(&json!({"reason": "CrashLoopBackOff", "message": "back-off 10s"}))?;
        for status in &mut pod.status.container_statuses {
            status.restart_count = restarts;
        }
        assert_eq!(judge(&[pod], &[]).is_some(), is_hopeless);
        Ok(())
    }

    #[test]
    fn a_pod_that_is_being_deleted_is_nobodys_hope() -> serde_json::Result<()> {
        let mut pod = pod(&json!({"reason": "ErrImagePull"}))?;
        pod.metadata.deletion_timestamp = Some(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(judge(&[pod], &[]), None);
        Ok(())
    }

    #[test]
    fn the_same_sandbox_failure_three_times_is_hopeless() -> serde_json::Result<()> {
        let pods = [pod(&json!({"reason": "ContainerCreating"}))?];
        let mut events = vec![
            failure("7398af55f17c0564", 1, "u1")?,
            failure("458e65cc97936ef7", 1, "u1")?,
        ];
        assert_eq!(judge(&pods, &events), None);
        // The failures of an older pod of the same name do not count.
        events.push(failure("0000000000000001", 5, "u0")?);
        assert_eq!(judge(&pods, &events), None);
        events.push(failure("b2ada65ad1e0c03e", 1, "u1")?);
        let hopeless = judge(&pods, &events).map(|hopeless| (hopeless.reason, hopeless.message));
        insta::assert_debug_snapshot!(hopeless, @r#"
        Some(
            (
                "FailedCreatePodSandBox",
                "failed to create pod network sandbox k8s_normal-1_0(b2ada65ad1e0c03e): no network available",
            ),
        )
        "#);
        Ok(())
    }

    #[test]
    fn one_event_that_was_counted_three_times_is_hopeless() -> serde_json::Result<()> {
        let pods = [pod(&json!({"reason": "ContainerCreating"}))?];
        assert!(judge(&pods, &[failure("7398af55f17c0564", 3, "u1")?]).is_some());
        Ok(())
    }

    #[rstest]
    #[case(
        "sandbox k8s_a_5c2d8f7a-e543-4123-aace-c6443199edc2_0(b7e019afe8da7f9e)",
        "sandbox k8s_a_ID-e543-4123-aace-ID_0(ID)"
    )]
    #[case(
        "no network available in the name default-calico",
        "no network available in the name default-calico"
    )]
    #[case("effaced defaced", "effaced defaced")]
    fn ids_are_taken_out(#[case] message: &str, #[case] without: &str) {
        assert_eq!(without_ids(message), without);
    }
}
