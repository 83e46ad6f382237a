//! A pod's addresses on each interface, by all witnesses: `ip -j address` in its namespace, the CNI annotation,
//! `network-status`, `status.podIP`, the host-local lease, and the range in that node's configuration file.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::pod_outputs::{self, PodOutputs};
use super::{Context, Detail, Evaluation, FileRange, Rule};
use crate::observation::{Inability, Observations, block_affinities, directory, leases};
use crate::query::Query;
use crate::written::Written;

mod witnesses;

use super::cni_configuration::BlockRange;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodAddresses {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The interfaces besides `lo`, exactly these.
    pub interfaces: Vec<Interface>,
}

/// One interface and the network it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Interface {
    /// Such as `eth0`.
    pub name: String,
    /// The network as `network-status` names it, such as `kube-system/net-calico`.
    pub network: String,
    /// The address's prefix length.
    pub prefix_length: u8,
    /// The part of the node's own block that the address is from; the node's configuration file must say the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<ConfiguredRange>,
    /// The subnet that the address is inside, where it is the same on each node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub subnet: Option<Ipv4Net>,
    /// The host-local network name under `/var/lib/cni/networks` whose lease the address is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<String>,
}

/// A range and the file on the node that sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConfiguredRange {
    /// Absolute path of the CNI configuration on the node.
    pub file: String,
    /// The range.
    pub block: BlockRange,
}

impl Rule for PodAddresses {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let mut queries = self.outputs().queries();
        for interface in &self.interfaces {
            if let Some(network) = &interface.lease {
                queries.push(leases::query(network));
            }
            if let Some(range) = &interface.range {
                let (folder, _) = directory::split(&range.file);
                queries.push(directory::query(folder, true));
                queries.push(block_affinities::query());
            }
        }
        queries.sort();
        queries.dedup();
        queries
    }

    fn problems(&self, written: Written<'_>) {
        for (index, interface) in self.interfaces.iter().enumerate() {
            let written = written.key("interfaces").item(index);
            written.key("name").interface(&interface.name);
            written
                .key("prefix-length")
                .prefix_length(interface.prefix_length);
            let mut before = self.interfaces.iter().take(index);
            if before.any(|before| before.name == interface.name) {
                written
                    .key("name")
                    .problem(format!("another interface is named `{}`", interface.name));
            }
            if let Some(subnet) = interface.subnet {
                written.key("subnet").network(subnet.into());
            }
            if let Some(range) = &interface.range {
                written.key("range").key("file").on_node(&range.file);
            }
        }
    }

    fn file_ranges<'a>(&'a self, written: Written<'a>) -> Vec<FileRange<'a>> {
        let interfaces = self.interfaces.iter().enumerate();
        let ranges = interfaces.filter_map(|(index, interface)| {
            let configured = interface.range.as_ref()?;
            let written = written.key("interfaces").item(index).key("range");
            Some(FileRange {
                file: &configured.file,
                range: configured.block,
                written: written.key("block"),
            })
        });
        ranges.collect()
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let pods = self.outputs().read(observations, &mut evaluation)?;
        let mut on_nodes = Vec::new();
        for interface in &self.interfaces {
            on_nodes.push(witnesses::OnNodes::read(interface, observations)?);
        }

        let subject = pods_subject(&self.selector);
        let expected = list(self.interfaces.iter().map(|interface| &interface.name));
        let mut names = Vec::new();
        let mut seen_by_interface: Vec<Vec<witnesses::Seen>> =
            self.interfaces.iter().map(|_| Vec::new()).collect();
        for (pod, [output]) in pods.with_outputs() {
            let interfaces = pod_outputs::interfaces(&mut evaluation, pod, output);
            let Some(interfaces) = interfaces else {
                continue;
            };
            evaluation.details.push(Detail::Interfaces {
                pod: pod.full_name(),
                node: pod.spec.node_name.clone(),
                interfaces: interfaces
                    .iter()
                    .map(|interface| (interface.name.clone(), interface.all()))
                    .collect(),
            });
            let seen: BTreeSet<&str> = interfaces.iter().map(|seen| seen.name.as_str()).collect();
            let wanted: BTreeSet<&str> = self
                .interfaces
                .iter()
                .map(|wanted| wanted.name.as_str())
                .collect();
            if seen != wanted || wanted.is_empty() {
                evaluation.fail(
                    pod.subject(),
                    format!("interfaces {expected}"),
                    list(&seen),
                    "an interface is missing, or one more network was attached",
                );
            }
            names.push(list(&seen));
            let wanted = self
                .interfaces
                .iter()
                .zip(&on_nodes)
                .zip(&mut seen_by_interface);
            for ((wanted, on_nodes), seen) in wanted {
                let of_pod = interfaces.iter().find(|found| found.name == wanted.name);
                seen.push(witnesses::judge(
                    &mut evaluation,
                    pod,
                    wanted,
                    of_pod,
                    on_nodes,
                )?);
            }
        }
        evaluation.fact(&subject, "interfaces", names);
        for (interface, seen) in self.interfaces.iter().zip(&seen_by_interface) {
            let name = &interface.name;
            let addresses = seen.iter().map(|seen| &seen.address);
            evaluation.fact(&subject, format!("{name} address"), addresses);
            let networks = seen.iter().map(|seen| &seen.network);
            evaluation.fact(&subject, format!("{name} network"), networks);
        }
        Ok(evaluation)
    }
}

impl PodAddresses {
    fn outputs(&self) -> PodOutputs<'_, 1> {
        pod_outputs::with_addresses(&self.namespace, &self.selector)
    }
}
