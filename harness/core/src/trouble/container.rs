//! Containers that do not come up: their images, what the runtime says of them, and how they ended.

use super::situation::Situation;
use super::{EndedContainer, Level, Trouble};
use crate::observation::objects;
use crate::observation::pods::{ContainerStatus, Pod, Terminated};

/// Why a container can never start as things are, besides those of [`IMAGE_REASONS`].
const START_REASONS: [&str; 3] = [
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

/// Why an image is not there.
const IMAGE_REASONS: [&str; 4] = [
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
];

/// How often a container has started again before that counts. A program whose server is not there yet ends once or
/// twice where all is well.
const CRASHES: u32 = 3;

/// The exit codes of SIGKILL and SIGTERM: the kubelet ended a container whose probes failed, which on a slow node is no
/// sign that it never runs.
const ENDED_BY_THE_KUBELET: [i32; 2] = [137, 143];

/// What is wrong with the containers of the pods that are waited for, and of the network plugins'.
pub(super) fn troubles(situation: &Situation) -> Vec<Trouble> {
    let pods = situation.relevant_pods().filter(|pod| !pod.is_ready());
    let mut troubles: Vec<Trouble> = Vec::new();
    for pod in pods {
        let found = pod
            .containers()
            .find_map(|status| of_container(situation, pod, status));
        troubles.extend(found.or_else(|| without_containers(situation, pod)));
    }
    troubles
}

/// Whether a pod's containers cannot come up by themselves, whatever it needs of others.
fn is_stuck(pod: &Pod) -> bool {
    pod.containers().any(|status| match &status.state.waiting {
        Some(waiting) => {
            IMAGE_REASONS.contains(&waiting.reason.as_str())
                || START_REASONS.contains(&waiting.reason.as_str())
                || has_crashed(status)
        }
        None => has_crashed(status),
    })
}

fn of_container(situation: &Situation, pod: &Pod, status: &ContainerStatus) -> Option<Trouble> {
    let container = &status.name;
    if let Some(waiting) = &status.state.waiting {
        let is_image = IMAGE_REASONS.contains(&waiting.reason.as_str());
        if is_image || START_REASONS.contains(&waiting.reason.as_str()) {
            let message = if waiting.message.is_empty() {
                format!("container {container} waits")
            } else {
                format!("container {container}: {}", waiting.message)
            };
            let no_space = waiting.message.contains("no space left on device");
            return Some(Trouble {
                level: match (no_space, is_image) {
                    (true, _) => Level::NodeResources,
                    (false, true) => image_level(pod),
                    (false, false) => container_level(pod),
                },
                subject: pod.subject(),
                reason: waiting.reason.clone(),
                message,
                ended: None,
                is_hopeless: !is_outdated(situation, pod),
            });
        }
    }
    let ended = last_end(status)?;
    if ended.reason == "Completed" {
        return None;
    }
    let (reason, waits) = match &status.state.waiting {
        Some(waiting) => (waiting.reason.clone(), true),
        None => (ended.reason.clone(), status.state.terminated.is_none()),
    };
    let mut message = format!(
        "container {container} ended with exit code {}",
        ended.exit_code
    );
    if ended.reason != "Error" {
        message = format!("{message} ({})", ended.reason);
    }
    if status.restart_count > 0 {
        message = format!(
            "{message} and was started again {}",
            times(status.restart_count)
        );
    }
    if !ended.message.is_empty() {
        message = format!("{message}: {}", ended.message.trim());
    }
    Some(Trouble {
        level: container_level(pod),
        subject: pod.subject(),
        reason,
        message,
        ended: Some(EndedContainer {
            namespace: pod.metadata.namespace.clone(),
            pod: pod.metadata.name.clone(),
            container: container.clone(),
            was_restarted: waits && status.state.terminated.is_none(),
        }),
        is_hopeless: has_crashed(status)
            && !is_outdated(situation, pod)
            && !is_helped_by_another(situation, pod),
    })
}

/// A pod that has no container yet: it was refused a node, evicted, or lacks something that it mounts.
fn without_containers(situation: &Situation, pod: &Pod) -> Option<Trouble> {
    let trouble = |level: Level, reason: &str, message: &str| Trouble {
        level,
        subject: pod.subject(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        ended: None,
        is_hopeless: false,
    };
    if pod.status.reason == "Evicted" {
        return Some(trouble(
            Level::NodeResources,
            "Evicted",
            &pod.status.message,
        ));
    }
    let scheduled = objects::condition(&pod.status.conditions, "PodScheduled");
    if let Some(condition) = scheduled
        && condition.status == "False"
    {
        return Some(trouble(
            Level::Sandbox,
            &condition.reason,
            &condition.message,
        ));
    }
    let mount = situation
        .events
        .iter()
        .filter(|event| event.reason == "FailedMount" && event.is_about(pod))
        .max_by_key(|event| event.last_seen())?;
    Some(trouble(container_level(pod), &mount.reason, &mount.message))
}

/// Whether a container has ended by itself so often that it will again.
fn has_crashed(status: &ContainerStatus) -> bool {
    status.restart_count >= CRASHES
        && last_end(status).is_none_or(|ended| {
            ended.reason == "OOMKilled" || !ENDED_BY_THE_KUBELET.contains(&ended.exit_code)
        })
        && status
            .state
            .waiting
            .as_ref()
            .is_some_and(|waiting| waiting.reason == "CrashLoopBackOff")
}

fn last_end(status: &ContainerStatus) -> Option<&Terminated> {
    let now = status.state.terminated.as_ref();
    now.or(status.last_state.terminated.as_ref())
}

/// Whether a rolling update still replaces the pod.
fn is_outdated(situation: &Situation, pod: &Pod) -> bool {
    let mut sets = situation.daemon_sets.iter();
    sets.any(|set| set.owns(pod) && set.has_outdated(pod))
}

/// Whether something that the pod needs is still on its way: for a pod with a network of its own the network plugins, for
/// a DaemonSet's pod in its node's network the servers of its namespace, as Typha is calico-node's.
fn is_helped_by_another(situation: &Situation, pod: &Pod) -> bool {
    if !pod.spec.host_network {
        return !situation.plugins_are_ready();
    }
    let mut pods = situation.pods.iter();
    pod.is_owned_by("DaemonSet")
        && pods.any(|other| {
            other.metadata.namespace == pod.metadata.namespace
                && other.spec.host_network
                && !other.is_owned_by("DaemonSet")
                && !other.is_ready()
                && !is_stuck(other)
        })
}

fn image_level(pod: &Pod) -> Level {
    if pod.spec.host_network {
        Level::HostImage
    } else {
        Level::PodImage
    }
}

fn container_level(pod: &Pod) -> Level {
    if pod.spec.host_network {
        Level::HostContainer
    } else {
        Level::PodContainer
    }
}

fn times(count: u32) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}
