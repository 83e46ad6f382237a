//! Whether a CNI result that the runtime keeps is what a pod says of itself: its address by each witness, its interface
//! and its sandbox.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

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
    let addresses: BTreeSet<IpAddr> = result.addresses.iter().copied().collect();
    let mut differ = |name: &str, says: String| {
        contradictions.push(format!("{name}: {says}, CNI result: {}", list(&addresses)));
    };
    let first = pod.status.pod_ip.parse();
    if !first.is_ok_and(|address| addresses.contains(&address)) {
        differ("status.podIP", pod.status.pod_ip.clone());
    }
    if !pod.status.pod_ips.is_empty() && pod.addresses() != addresses {
        differ("status.podIPs", list(pod.addresses()));
    }
    // One annotation names the first address, the other all of them.
    for (name, is_all) in [(pods::POD_IP, false), (pods::POD_IPS, true)] {
        match pod.annotated(name) {
            None => {}
            Some(Err(odd)) => differ(name, odd.to_string()),
            Some(Ok(nets)) => {
                let named: BTreeSet<IpAddr> = nets.iter().map(IpNet::addr).collect();
                let is_whole = |net: &IpNet| net.prefix_len() == net.max_prefix_len();
                let is_same = if is_all {
                    named == addresses
                } else {
                    nets.len() == 1 && named.is_subset(&addresses)
                };
                if !is_same || !nets.iter().all(is_whole) {
                    differ(name, list(&nets));
                }
            }
        }
    }
    let sandbox = pod.annotation(pods::CONTAINER_ID);
    if sandbox.is_some_and(|sandbox| sandbox != result.container_id) {
        contradictions.push("the result is of another sandbox".to_owned());
    }
    contradictions
}
