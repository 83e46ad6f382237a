//! The `network-status` annotation, typed: its entries in order, one `default`, addresses as in the pod and in its status.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::pod_outputs::{self, PodOutputs};
use super::{Context, Evaluation, Rule};
use crate::observation::addresses::Interface;
use crate::observation::network_status;
use crate::observation::pods::Pod;
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkStatus {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The annotation: `k8s.v1.cni.cncf.io/network-status`, or the older `k8s.v1.cni.cncf.io/networks-status`.
    pub annotation: String,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    /// The network's name, such as `kube-system/net-calico`.
    pub name: String,
    /// The interface whose address the entry must hold, such as `eth0`.
    pub interface: String,
    /// Whether the entry itself names that interface.
    pub names_interface: bool,
    /// Whether it is the default network.
    pub default: bool,
    /// Whether the network gives no address, as one of Ethernet alone: then neither the entry nor the interface has one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_address: bool,
}

impl Rule for NetworkStatus {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        self.outputs().queries()
    }

    fn problems(&self, written: Written<'_>) {
        written.key("annotation").annotation(&self.annotation);
        for (index, entry) in self.entries.iter().enumerate() {
            let written = written.key("entries").item(index);
            written.key("interface").interface(&entry.interface);
        }
        let defaults = self.entries.iter().filter(|entry| entry.default).count();
        if defaults != 1 && !self.entries.is_empty() {
            written.key("entries").problem(format!(
                "a pod has one default network, and {defaults} entries are the default"
            ));
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let pods = self.outputs().read(observations, &mut evaluation)?;
        let subject = pods_subject(&self.selector);
        let mut facts = Vec::new();
        let mut fields = BTreeMap::new();
        for (pod, [output]) in pods.with_outputs() {
            let interfaces = pod_outputs::interfaces(&mut evaluation, pod, output);
            let Some(interfaces) = interfaces else {
                continue;
            };
            let expected = format!("annotation {}", self.annotation);
            let entries = match network_status::read(pod, &self.annotation) {
                Ok(Some(entries)) => {
                    let subject = pod.subject();
                    evaluation.understood(&subject, "entries of network-status", entries)
                }
                Ok(None) => {
                    let why = "Multus writes it after the last interface is there";
                    evaluation.fail(pod.subject(), expected, "absent", why);
                    facts.push("absent".to_owned());
                    continue;
                }
                Err(inability) => {
                    let why = "the pod has it, and nobody can read it";
                    evaluation.fail(pod.subject(), expected, inability.to_string(), why);
                    facts.push("unreadable".to_owned());
                    continue;
                }
            };
            self.judge_outline(&mut evaluation, pod, &entries);
            let pairs = self.entries.iter().zip(&entries);
            for (wanted, entry) in pairs.filter(|(wanted, entry)| wanted.name == entry.name) {
                judge_addresses(&mut evaluation, pod, wanted, entry, &interfaces);
            }
            for entry in &entries {
                judge_values(&mut evaluation, pod, entry);
                for (name, value) in told(entry) {
                    let values: &mut Vec<String> = fields.entry(name).or_default();
                    values.push(format!("{}: {value}", entry.name()));
                }
            }
            facts.push(outline(&entries));
        }
        evaluation.fact(&subject, &self.annotation, facts);
        for (name, values) in fields {
            evaluation.fact(&subject, format!("{}, {name}", self.annotation), values);
        }
        Ok(evaluation)
    }
}

impl NetworkStatus {
    fn outputs(&self) -> PodOutputs<'_, 1> {
        pod_outputs::with_addresses(&self.namespace, &self.selector)
    }

    fn judge_outline(
        &self,
        evaluation: &mut Evaluation,
        pod: &Pod,
        entries: &[network_status::Entry],
    ) {
        let wanted = self.entries.iter().map(|entry| network_status::Entry {
            name: entry.name.clone(),
            interface: entry.names_interface.then(|| entry.interface.clone()),
            default: entry.default,
            ..network_status::Entry::default()
        });
        let expected = outline(&wanted.collect::<Vec<_>>());
        let observed = outline(entries);
        if observed != expected {
            evaluation.fail(
                pod.subject(),
                expected,
                observed,
                "the entries, their order or their fields changed with the version of Multus or Calico",
            );
        }
        let defaults = entries.iter().filter(|entry| entry.default).count();
        if defaults != 1 {
            evaluation.fail(
                pod.subject(),
                "one default entry",
                format!("{defaults}: {}", outline(entries)),
                "a pod has one default network",
            );
        }
    }
}

fn judge_addresses(
    evaluation: &mut Evaluation,
    pod: &Pod,
    wanted: &Entry,
    entry: &network_status::Entry,
    interfaces: &[Interface],
) {
    let interface = interfaces
        .iter()
        .find(|found| found.name == wanted.interface);
    let in_pod: BTreeSet<IpAddr> = interface.into_iter().flat_map(Interface::usable).collect();
    let in_entry: BTreeSet<IpAddr> = entry.ips.iter().copied().collect();
    if wanted.without_address {
        if interface.is_none() || !in_entry.is_empty() || !in_pod.is_empty() {
            evaluation.fail(
                pod.subject(),
                format!(
                    "{} on {} without an address",
                    entry.name(),
                    wanted.interface
                ),
                match interface {
                    Some(_) => format!(
                        "in the entry: {}; in the pod: {}",
                        list(&in_entry),
                        list(&in_pod)
                    ),
                    None => format!("no interface {}", wanted.interface),
                },
                "the network is said to give no address",
            );
        }
        return;
    }
    if in_entry.is_empty() && in_pod.is_empty() {
        evaluation.fail(
            pod.subject(),
            format!("an address of {} on {}", entry.name(), wanted.interface),
            "none, in the entry and in the pod",
            "the plugin gave no address; for a network that gives none say `without-address: true`",
        );
    } else if in_entry != in_pod {
        evaluation.fail(
            pod.subject(),
            format!(
                "{} has the addresses of {}: {}",
                entry.name(),
                wanted.interface,
                list(&in_pod)
            ),
            list(&in_entry),
            "the annotation and the interface in the pod disagree",
        );
    }
    let in_status = pod.addresses();
    if entry.default && in_entry != in_status {
        evaluation.fail(
            pod.subject(),
            format!(
                "{} has the addresses of status.podIPs: {}",
                entry.name(),
                list(&in_status)
            ),
            list(&in_entry),
            "the annotation and the pod's status disagree",
        );
    }
}

/// What an entry tells besides its name, its addresses and what is generated.
fn told(entry: &network_status::Entry) -> impl Iterator<Item = (String, String)> {
    let mtu = entry.mtu.map(|mtu| ("mtu".to_owned(), mtu.to_string()));
    entry.fields.clone().into_iter().chain(mtu)
}

/// An address that no pod can have is a failure; a gateway that is none is told, as some versions write `<nil>` for none.
fn judge_values(evaluation: &mut Evaluation, pod: &Pod, entry: &network_status::Entry) {
    let is_no_pods = |address: &&IpAddr| {
        address.is_unspecified() || address.is_loopback() || address.is_multicast()
    };
    for address in entry.ips.iter().filter(is_no_pods) {
        evaluation.fail(
            pod.subject(),
            format!("an address of a pod in {}", entry.outline()),
            address.to_string(),
            "no pod can have it: the plugin's result had none, and a placeholder got through",
        );
    }
    for odd in &entry.odd {
        if odd.reason.starts_with("ips") {
            evaluation.fail(
                pod.subject(),
                format!("addresses in {}", entry.outline()),
                odd.to_string(),
                "what is no address proves nothing",
            );
        } else {
            let name = entry.name();
            evaluation.remarks.insert(format!(
                "network-status of {name}: {}: {}",
                odd.reason, odd.text
            ));
        }
    }
}

fn outline(entries: &[network_status::Entry]) -> String {
    list(entries.iter().map(network_status::Entry::outline))
}
