//! Pods made before a switch keep the network and the address that they were given: the CNI result that the runtime
//! keeps, the interface in the pod, and the pod's status still agree.

use std::collections::BTreeSet;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::default_network::{PROBE_NAMESPACE, probe_selector};
use super::evaluation::{list, pods_subject};
use super::own_result::{self, INTERFACE};
use super::pod_outputs;
use super::unique_addresses::UniqueAddresses;
use super::{Context, Evaluation, Rule};
use crate::observation::addresses::Interface;
use crate::observation::cni_results::{self, CachedResult};
use crate::observation::pods::Pod;
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeptNetwork {
    /// The name of the probe pods.
    pub probe: String,
    /// The network that they were given, such as `k8s-pod-network`.
    pub network: String,
}

impl Rule for KeptNetwork {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let selector = probe_selector(&self.probe);
        let outputs = pod_outputs::with_addresses(PROBE_NAMESPACE, &selector);
        let mut queries = outputs.queries();
        queries.push(cni_results::query());
        queries
    }

    fn problems(&self, written: Written<'_>) {
        written.key("probe").probe(&self.probe);
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let selector = probe_selector(&self.probe);
        let results = cni_results::read(observations)?;
        let mut evaluation = Evaluation::default();
        let outputs = pod_outputs::with_addresses(PROBE_NAMESPACE, &selector);
        let pods = outputs.read(observations, &mut evaluation)?;
        evaluation.require_nodes(results.len(), context);
        if pods.pods().count() != context.nodes.count() {
            evaluation.fail(
                pods_subject(&selector),
                format!("{} pods, one on each node", context.nodes.count()),
                list(pods.pods().map(Pod::full_name)),
                "pods of before the switch are gone, or were never made",
            );
        }
        let mut unique = UniqueAddresses::on(&self.network);
        let mut networks = Vec::new();
        let mut addresses = Vec::new();
        for (pod, [output]) in pods.with_outputs() {
            let interfaces = pod_outputs::interfaces(&mut evaluation, pod, output);
            let Some(interfaces) = interfaces else {
                continue;
            };
            let interface = interfaces
                .iter()
                .find(|interface| interface.name == INTERFACE);
            let in_pod = sorted(interface.into_iter().flat_map(Interface::usable));
            let of_node = results.get(&pod.spec.node_name);
            let of_pod: Vec<&CachedResult> = of_node
                .iter()
                .flat_map(|results| &results.entries)
                .filter(|result| result.pod == pod.full_name() && result.interface == INTERFACE)
                .collect();
            unique.add(pod, "", interfaces.iter().flat_map(Interface::usable));
            if let Some(down) = interface.and_then(Interface::down) {
                evaluation.fail(
                    pod.subject(),
                    format!("{INTERFACE} with a link that is up"),
                    down,
                    "nothing can be reached over it, whatever its addresses are",
                );
            }
            networks.push(list(of_pod.iter().map(|result| &result.network)));
            judge_others(&mut evaluation, pod, &interfaces, &of_pod);
            let is_kept = self.judge(&mut evaluation, pod, &in_pod, &of_pod);
            addresses.push(if is_kept { "kept" } else { "not kept" });
        }
        unique.judge(&mut evaluation);
        let subject = pods_subject(&selector);
        evaluation.fact(&subject, "network", networks);
        evaluation.fact(&subject, format!("{INTERFACE} address"), addresses);
        Ok(evaluation)
    }
}

impl KeptNetwork {
    fn judge(
        &self,
        evaluation: &mut Evaluation,
        pod: &Pod,
        in_pod: &str,
        results: &[&CachedResult],
    ) -> bool {
        let networks = list(results.iter().map(|result| &result.network));
        if networks != self.network {
            evaluation.fail(
                pod.subject(),
                format!("a CNI result of network {}", self.network),
                networks,
                "the runtime no longer has the attachment, or has another one",
            );
        }
        let of_results = results.iter().flat_map(|result| &result.addresses);
        let in_result = sorted(of_results.copied());
        let in_status = sorted(pod.addresses());
        evaluation.witnesses(
            format!("{INTERFACE} address of {}", pod.full_name()),
            vec![
                ("ip address in the pod".to_owned(), in_pod.to_owned()),
                ("status.podIP".to_owned(), in_status.clone()),
                ("CNI result".to_owned(), in_result.clone()),
            ],
        );
        let is_kept = in_status != "none" && in_pod == in_status && in_result == in_status;
        if !is_kept {
            evaluation.fail(
                pod.subject(),
                format!("one {INTERFACE} address by all witnesses"),
                format!("ip address in the pod: {in_pod}; status.podIP: {in_status}; CNI result: {in_result}"),
                "the pod lost its interface or its address while its status still has it",
            );
        }
        is_kept
    }
}

/// Addresses as one text, IPv4 before IPv6, so that the same ones of two witnesses are equal.
fn sorted(addresses: impl IntoIterator<Item = IpAddr>) -> String {
    list(addresses.into_iter().collect::<BTreeSet<_>>())
}

/// What else the pod says of itself: that it is ready, its other addresses, its sandbox, and no interface besides.
fn judge_others(
    evaluation: &mut Evaluation,
    pod: &Pod,
    interfaces: &[Interface],
    results: &[&CachedResult],
) {
    let others = interfaces.iter().map(|interface| &interface.name);
    let others: Vec<&String> = others.filter(|name| *name != INTERFACE).collect();
    if !others.is_empty() {
        evaluation.fail(
            pod.subject(),
            format!("{INTERFACE} and no other interface"),
            format!("also {}", list(others)),
            "a pod of before the switch was given one network",
        );
    }
    // A result with another address is told with the address itself.
    let in_status = sorted(pod.addresses());
    let is_it = |result: &&&CachedResult| sorted(result.addresses.iter().copied()) == in_status;
    for result in results.iter().filter(is_it) {
        let contradictions = own_result::contradictions(pod, result);
        if !contradictions.is_empty() {
            evaluation.fail(
                pod.subject(),
                "the CNI result, the status and the annotations say the same",
                contradictions.join("; "),
                "the pod was made again, or something wrote over what Calico had written",
            );
        }
    }
}
