//! A pod's addresses on each interface, by all witnesses: `ip -j address` in its namespace, the CNI annotation,
//! `network-status`, `status.podIP`, the host-local lease, and the range in that node's configuration file.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::pod_outputs::{self, PodOutputs};
use super::unique_addresses::UniqueAddresses;
use super::{Context, Detail, Evaluation, FileRange, Rule};
use crate::observation::addresses::{self, Family};
use crate::observation::network_status::{self, Entry};
use crate::observation::pods::Pod;
use crate::observation::{Inability, Observations, block_affinities, directory, leases, sandboxes};
use crate::query::Query;
use crate::written::Written;

mod interface;
mod leaked;
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
    /// The IPv4 address's prefix length; without it the interface has no IPv4 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix_length: Option<u8>,
    /// The IPv6 address that the interface has. One that is not asked for must be the same by all witnesses too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<Ipv6Address>,
    /// The part of the node's own block that the address is from; the node's configuration file must say the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<ConfiguredRange>,
    /// The subnet that the IPv4 address with its prefix is inside, where it is the same on each node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub subnet: Option<Ipv4Net>,
    /// The host-local network name under `/var/lib/cni/networks` whose lease the address is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<String>,
    /// The largest packet in bytes, where it is known beforehand. All pods have the same one in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtu: Option<u32>,
    /// Where an address is one pod's alone.
    #[serde(default, skip_serializing_if = "Unique::is_default")]
    pub unique: Unique,
}

/// An interface's IPv6 address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ipv6Address {
    /// Its prefix length.
    pub prefix_length: u8,
    /// The subnet that the address with its prefix is inside, where it is the same on each node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub subnet: Option<Ipv6Net>,
}

/// Where an address is one pod's alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unique {
    /// In the whole cluster.
    #[default]
    Cluster,
    /// On its node: each node has a network of its own with the same addresses, such as a bridge.
    Node,
}

impl Unique {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands a reference to the field"
    )]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Interface {
    /// The subnet that an address of a family must be inside.
    fn subnet_of(&self, family: Family) -> Option<IpNet> {
        match family {
            Family::V4 => self.subnet.map(IpNet::V4),
            Family::V6 => self.ipv6.as_ref()?.subnet.map(IpNet::V6),
        }
    }
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
                queries.push(sandboxes::query());
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

    fn does_without(&self, query: &Query) -> bool {
        *query == sandboxes::query()
    }

    fn problems(&self, written: Written<'_>) {
        for (index, interface) in self.interfaces.iter().enumerate() {
            let written = written.key("interfaces").item(index);
            written.key("name").interface(&interface.name);
            if let Some(length) = interface.prefix_length {
                written.key("prefix-length").prefix_length(length);
            }
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
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let pods = self.outputs().read(observations, &mut evaluation)?;
        let mut on_nodes = Vec::new();
        for interface in &self.interfaces {
            on_nodes.push(witnesses::OnNodes::read(interface, observations, context)?);
        }

        let subject = pods_subject(&self.selector);
        let expected = list(self.interfaces.iter().map(|interface| &interface.name));
        let mut names = Vec::new();
        let mut of_interfaces: Vec<OfInterface> =
            self.interfaces.iter().map(OfInterface::new).collect();
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
            let entries = entries(&mut evaluation, pod);
            let of_pod = self
                .interfaces
                .iter()
                .zip(&on_nodes)
                .zip(&mut of_interfaces);
            for (index, ((wanted, on_nodes), seen)) in of_pod.enumerate() {
                let interface = interfaces.iter().find(|found| found.name == wanted.name);
                let place = witnesses::Place {
                    pod,
                    wanted,
                    interface,
                    entry: entry(&entries, &self.interfaces, index, interface),
                    on_nodes,
                };
                let judged = place.judge(&mut evaluation);
                if let Some(interface) = interface {
                    interface::judge(&mut evaluation, pod, wanted, interface, place.entry);
                }
                seen.note(pod, wanted, interface, judged);
            }
        }
        let networks = self.interfaces.iter();
        let networks = networks.filter_map(|interface| interface.lease.as_deref());
        leaked::judge(&mut evaluation, observations, networks)?;
        evaluation.fact(&subject, "interfaces", names);
        for (wanted, seen) in self.interfaces.iter().zip(of_interfaces) {
            seen.conclude(&mut evaluation, &subject, wanted);
        }
        Ok(evaluation)
    }
}

impl PodAddresses {
    fn outputs(&self) -> PodOutputs<'_, 1> {
        pod_outputs::with_addresses(&self.namespace, &self.selector)
    }
}

/// The entries of a pod's `network-status`; what is not understood of them is told.
fn entries(evaluation: &mut Evaluation, pod: &Pod) -> Vec<Entry> {
    let read = network_status::read(pod, network_status::ANNOTATION);
    let read = evaluation.readable(pod.subject(), "network-status", read);
    let entries = read.flatten().unwrap_or_default();
    evaluation.understood(&pod.subject(), "entries of network-status", entries)
}

/// The entry of a wanted interface: by its name where entries have one, else by its addresses, else by its place among
/// the wanted interfaces of the same network, as Multus attaches in the order that was asked for.
fn entry<'a>(
    entries: &'a [Entry],
    wanted: &[Interface],
    index: usize,
    interface: Option<&addresses::Interface>,
) -> Option<&'a Entry> {
    let this = wanted.get(index)?;
    let of_network = || entries.iter().filter(|entry| entry.name == this.network);
    let named = of_network().find(|entry| entry.interface.as_ref() == Some(&this.name));
    let nameless: Vec<&Entry> = of_network()
        .filter(|entry| entry.interface.is_none())
        .collect();
    let has =
        |address: &IpAddr| interface.is_some_and(|found| found.usable().any(|own| own == *address));
    let by_address = nameless
        .iter()
        .find(|entry| entry.ips.iter().any(has))
        .copied();
    let earlier = wanted.iter().take(index);
    let place = earlier
        .filter(|other| other.network == this.network)
        .count();
    named.or(by_address).or(nameless.get(place).copied())
}

/// What was seen of one interface in all pods.
struct OfInterface {
    addresses: Vec<String>,
    ipv6: Vec<String>,
    networks: Vec<String>,
    mtus: Vec<(String, u32)>,
    unique: UniqueAddresses,
}

impl OfInterface {
    fn new(wanted: &Interface) -> Self {
        Self {
            addresses: Vec::new(),
            ipv6: Vec::new(),
            networks: Vec::new(),
            mtus: Vec::new(),
            unique: UniqueAddresses::on(&wanted.network),
        }
    }

    fn note(
        &mut self,
        pod: &Pod,
        wanted: &Interface,
        interface: Option<&addresses::Interface>,
        judged: witnesses::Seen,
    ) {
        self.addresses.push(judged.address);
        self.ipv6.extend(judged.ipv6);
        self.networks.push(judged.network);
        let Some(interface) = interface else {
            return;
        };
        if interface.mtu != 0 {
            self.mtus.push((pod.full_name(), interface.mtu));
        }
        let part = match wanted.unique {
            Unique::Cluster => "",
            Unique::Node => &pod.spec.node_name,
        };
        self.unique.add(pod, part, interface.usable());
    }

    fn conclude(self, evaluation: &mut Evaluation, subject: &str, wanted: &Interface) {
        let name = &wanted.name;
        self.unique.judge(evaluation);
        interface::judge_mtus(evaluation, wanted, &self.mtus);
        evaluation.fact(subject, format!("{name} address"), self.addresses);
        evaluation.fact(subject, format!("{name} IPv6 address"), self.ipv6);
        evaluation.fact(subject, format!("{name} network"), self.networks);
        let mtus = self.mtus.iter().map(|(_, mtu)| mtu.to_string());
        evaluation.fact(subject, format!("{name} MTU"), mtus);
    }
}
