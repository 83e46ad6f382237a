//! Whether a CNI result that the runtime keeps is what a pod says of itself: its address by each witness, its interface
//! and its sandbox.

use super::evaluation::list;
use crate::observation::cni_results::CachedResult;
use crate::observation::pods::{self, Pod};

/// The interface that the runtime asks the default network for.
pub(super) const INTERFACE: &str = "eth0";

/// What does not fit, a sentence fragment each. Annotations and `status.podIPs` count where they are there.
pub(super) fn contradictions(pod: &Pod, result: &CachedResult) -> Vec<String> {
    let mut contradictions = Vec::new();
    if !pod.is_ready() {
        contradictions.push("the pod is not ready".to_owned());
    }
    if result.interface != INTERFACE {
        contradictions.push(format!("the result is of {}", result.interface));
    }
    let address = list(&result.addresses);
    let mut differ = |name: &str, says: &str| {
        if says != address {
            contradictions.push(format!("{name}: {says}, CNI result: {address}"));
        }
    };
    differ("status.podIP", &pod.status.pod_ip);
    if !pod.status.pod_ips.is_empty() {
        let all = pod.status.pod_ips.iter().map(|address| &address.ip);
        differ("status.podIPs", &list(all));
    }
    for name in [pods::POD_IP, pods::POD_IPS] {
        if let Some(says) = pod.annotation(name) {
            differ(name, says.trim_end_matches("/32"));
        }
    }
    let sandbox = pod.annotation(pods::CONTAINER_ID);
    if sandbox.is_some_and(|sandbox| sandbox != result.container_id) {
        contradictions.push("the result is of another sandbox".to_owned());
    }
    contradictions
}
