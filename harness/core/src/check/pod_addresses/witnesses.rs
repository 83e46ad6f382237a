//! What each witness says of one interface's address of one family, and whether they agree.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::Interface as Wanted;
use crate::check::evaluation::list;
use crate::check::{Context, Evaluation, cni_configuration};
use crate::observation::addresses::{Address, Family, Interface};
use crate::observation::cni_configuration::CniConfiguration;
use crate::observation::leases::{self, Lease};
use crate::observation::network_status::Entry;
use crate::observation::pods::{CONTAINER_ID, POD_IP, POD_IPS, Pod};
use crate::observation::{Inability, Observations, block_affinities};

/// The interface whose address is the pod's: the one that the runtime itself asks for.
const DEFAULT_INTERFACE: &str = "eth0";

/// What the nodes know of one interface's network.
pub(super) struct OnNodes {
    leases: BTreeMap<String, BTreeMap<IpAddr, Lease>>,
    files: BTreeMap<String, Result<CniConfiguration, String>>,
    blocks: BTreeMap<String, Vec<IpNet>>,
}

impl OnNodes {
    pub(super) fn read(
        wanted: &Wanted,
        observations: &Observations,
        context: &Context,
    ) -> Result<Self, Inability> {
        let mut on_nodes = Self {
            leases: BTreeMap::new(),
            files: BTreeMap::new(),
            blocks: BTreeMap::new(),
        };
        if let Some(network) = &wanted.lease {
            on_nodes.leases = leases::read(observations, network)?;
        }
        if let Some(range) = &wanted.range {
            on_nodes.files =
                cni_configuration::read_on_each_node(observations, &range.file, context)?;
            let affinities = block_affinities::read(observations)?;
            on_nodes.blocks = block_affinities::by_node(&affinities.entries);
        }
        Ok(on_nodes)
    }
}

/// What was seen of one interface of one pod, normalised.
pub(super) struct Seen {
    /// Its IPv4 address.
    pub(super) address: String,
    /// Its IPv6 addresses; none where a plugin gave it none.
    pub(super) ipv6: Option<String>,
    /// The network as `network-status` names it; `none` where it has no entry for the interface.
    pub(super) network: String,
}

/// One witness: what it is called, what it says, and whether that is right.
struct Witness {
    name: String,
    says: String,
    agrees: bool,
}

/// One interface of one pod, with all that its addresses are judged by.
pub(super) struct Place<'a> {
    pub(super) pod: &'a Pod,
    pub(super) wanted: &'a Wanted,
    pub(super) interface: Option<&'a Interface>,
    pub(super) entry: Option<&'a Entry>,
    pub(super) on_nodes: &'a OnNodes,
}

impl Place<'_> {
    fn subject(&self) -> String {
        format!("{} of {}", self.wanted.name, self.pod.subject())
    }

    fn given(&self, family: Family) -> Vec<&Address> {
        let interface = self.interface.into_iter();
        interface
            .flat_map(|interface| interface.given(family))
            .collect()
    }

    /// Judges the addresses of both families.
    pub(super) fn judge(&self, evaluation: &mut Evaluation) -> Seen {
        let ipv6 = self.judge_ipv6(evaluation);
        Seen {
            address: self.judge_ipv4(evaluation),
            ipv6,
            network: list(self.entry.iter().map(|entry| entry.name())),
        }
    }

    fn judge_ipv4(&self, evaluation: &mut Evaluation) -> String {
        let given = self.given(Family::V4);
        match (self.wanted.prefix_length, given.as_slice()) {
            (Some(length), [address]) => {
                let what = expectation(self.wanted, length);
                self.judge_address(evaluation, address, Some(length), &what)
            }
            (Some(length), _) => {
                let expected = format!("one IPv4 address with /{length}");
                let why = "the plugin gave no address, or more than one";
                evaluation.fail(self.subject(), expected, list(&given), why);
                if given.is_empty() { "none" } else { "several" }.to_owned()
            }
            (None, []) => {
                self.judge_nothing(evaluation, Family::V4);
                "none".to_owned()
            }
            (None, _) => {
                let why = "the attachment is to have no address of this family";
                evaluation.fail(self.subject(), "no IPv4 address", list(&given), why);
                "one too many".to_owned()
            }
        }
    }

    /// What is not asked for is judged all the same where it is there: in a cluster of both families each pod has both.
    fn judge_ipv6(&self, evaluation: &mut Evaluation) -> Option<String> {
        let given = self.given(Family::V6);
        let length = self.wanted.ipv6.as_ref().map(|wanted| wanted.prefix_length);
        match (length, given.as_slice()) {
            (Some(length), [address]) => {
                let what = format!("IPv6, /{length}");
                Some(self.judge_address(evaluation, address, Some(length), &what))
            }
            (Some(length), _) => {
                let expected = format!("one IPv6 address with /{length}");
                let why = "the plugin gave no address, or more than one";
                evaluation.fail(self.subject(), expected, list(&given), why);
                Some(if given.is_empty() { "none" } else { "several" }.to_owned())
            }
            (None, []) => {
                self.judge_nothing(evaluation, Family::V6);
                None
            }
            (None, given) => {
                let judged = given.iter().map(|address| {
                    let what = format!("/{}", address.net.prefix_len());
                    self.judge_address(evaluation, address, None, &what)
                });
                let judged: Vec<String> = judged.collect();
                Some(list(judged))
            }
        }
    }

    /// An interface without an address must have none by `network-status` either.
    fn judge_nothing(&self, evaluation: &mut Evaluation, family: Family) {
        let ips = self.entry.into_iter().flat_map(|entry| &entry.ips);
        let ips: Vec<&IpAddr> = ips
            .filter(|address| Family::of(**address) == family)
            .collect();
        if !ips.is_empty() {
            evaluation.fail(
                self.subject(),
                format!("no {family} address by all witnesses"),
                format!("ip address in the pod: none; network-status: {}", list(ips)),
                "the annotation names an address that the pod does not have",
            );
        }
    }

    /// One address by all witnesses; the normalised text.
    fn judge_address(
        &self,
        evaluation: &mut Evaluation,
        seen: &Address,
        length: Option<u8>,
        what: &str,
    ) -> String {
        let address = seen.net.addr();
        let mut witnesses = vec![Witness {
            name: "ip address in the pod".to_owned(),
            says: seen.to_string(),
            agrees: seen.is_usable() && length.is_none_or(|length| length == seen.net.prefix_len()),
        }];
        if self.wanted.name == DEFAULT_INTERFACE {
            witnesses.push(annotation(self.pod, address));
        }
        witnesses.push(network_status(self.wanted, self.entry, address));
        if self.wanted.name == DEFAULT_INTERFACE {
            witnesses.push(pod_ip(self.pod, address));
        }
        if let Some(network) = &self.wanted.lease {
            let leases = self.on_nodes.leases.get(&self.pod.spec.node_name);
            witnesses.push(lease(self.pod, self.wanted, network, leases, address));
        }
        if self.wanted.range.is_some() {
            witnesses.push(range(self.pod, self.wanted, self.on_nodes, address));
        }
        if let Some(subnet) = self.wanted.subnet_of(Family::of(address)) {
            witnesses.push(Witness {
                name: "subnet".to_owned(),
                says: subnet.to_string(),
                agrees: subnet.contains(&seen.net),
            });
        }
        fail_where_they_disagree(evaluation, &self.subject(), what, &witnesses);
        let family = match address {
            IpAddr::V4(_) => "",
            IpAddr::V6(_) => "IPv6 ",
        };
        let about = format!(
            "{} {family}address of {}",
            self.wanted.name,
            self.pod.full_name()
        );
        let outline = outline(what, seen.net, &witnesses);
        let rows = witnesses
            .into_iter()
            .map(|witness| (witness.name, witness.says));
        evaluation.witnesses(about, rows.collect());
        outline
    }
}

fn fail_where_they_disagree(
    evaluation: &mut Evaluation,
    subject: &str,
    what: &str,
    witnesses: &[Witness],
) {
    let others = witnesses.iter().filter(|witness| !witness.agrees);
    let others: Vec<&str> = others.map(|witness| witness.name.as_str()).collect();
    if others.is_empty() {
        return;
    }
    let said = witnesses
        .iter()
        .map(|witness| format!("{}: {}", witness.name, witness.says));
    let said: Vec<String> = said.collect();
    evaluation.fail(
        subject,
        format!("{what} by all witnesses"),
        said.join("; "),
        format!("the witnesses disagree; not so: {}", list(others)),
    );
}

/// What is wanted, without a literal address.
fn expectation(wanted: &Wanted, length: u8) -> String {
    let place = match (&wanted.range, wanted.subnet) {
        (Some(range), _) => format!("{}, ", range.block),
        (None, Some(subnet)) => format!("in {subnet}, "),
        (None, None) => String::new(),
    };
    format!("{place}/{length}")
}

fn outline(what: &str, net: IpNet, witnesses: &[Witness]) -> String {
    if witnesses.iter().all(|witness| witness.agrees) {
        return what.to_owned();
    }
    let others = witnesses.iter().filter(|witness| !witness.agrees);
    format!(
        "/{}, not as wanted by {}",
        net.prefix_len(),
        list(others.map(|witness| &witness.name))
    )
}

/// The annotation for the first address and the one for all of them; the latter is told where it says something else.
fn annotation(pod: &Pod, address: IpAddr) -> Witness {
    let one = pod.annotation(POD_IP).unwrap_or("absent");
    let all = pod.annotation(POD_IPS).unwrap_or("absent");
    let agrees = match (pod.annotated(POD_IP), pod.annotated(POD_IPS)) {
        (Some(Ok(one)), Some(Ok(all))) => {
            let family = Family::of(address);
            let of_family = all.iter().filter(|net| Family::of(net.addr()) == family);
            let of_family: Vec<&IpNet> = of_family.collect();
            of_family == [&IpNet::from(address)] && all.first() == one.first() && one.len() == 1
        }
        _ => false,
    };
    Witness {
        name: format!("annotation {POD_IP}"),
        says: if one == all {
            one.to_owned()
        } else {
            format!("{one}, and {POD_IPS}: {all}")
        },
        agrees,
    }
}

fn network_status(wanted: &Wanted, entry: Option<&Entry>, address: IpAddr) -> Witness {
    let ips = entry.into_iter().flat_map(|entry| &entry.ips);
    let family = Family::of(address);
    let of_family: Vec<&IpAddr> = ips.filter(|ip| Family::of(**ip) == family).collect();
    Witness {
        name: "network-status".to_owned(),
        says: match entry {
            Some(entry) => list(&entry.ips),
            None => format!("no entry for {}", wanted.network),
        },
        agrees: of_family == [&address],
    }
}

/// `status.podIP` and `status.podIPs`; the latter is told where it says something else.
fn pod_ip(pod: &Pod, address: IpAddr) -> Witness {
    let one = if pod.status.pod_ip.is_empty() {
        "absent"
    } else {
        &pod.status.pod_ip
    };
    let texts = pod.status.pod_ips.iter().map(|address| &address.ip);
    let all = list(texts.clone());
    let family = Family::of(address);
    let ips = texts.filter_map(|text| text.parse::<IpAddr>().ok());
    let of_family: Vec<IpAddr> = ips.filter(|ip| Family::of(*ip) == family).collect();
    let first = pod
        .status
        .pod_ips
        .first()
        .map(|address| address.ip.as_str());
    Witness {
        name: "status.podIP".to_owned(),
        says: if one == all {
            one.to_owned()
        } else {
            format!("{one}, and status.podIPs: {all}")
        },
        agrees: of_family == [address] && first == Some(one),
    }
}

/// The lease must be this sandbox's and this interface's, as far as host-local and Calico wrote that down.
fn lease(
    pod: &Pod,
    wanted: &Wanted,
    network: &str,
    leases: Option<&BTreeMap<IpAddr, Lease>>,
    address: IpAddr,
) -> Witness {
    let lease = leases.and_then(|leases| leases.get(&address));
    let sandbox = pod.annotation(CONTAINER_ID);
    // host-local gives a sandbox one address of each family on an interface: another one is left over.
    let others = leases.into_iter().flatten().filter(|(other, of)| {
        lease == Some(*of) && **other != address && Family::of(**other) == Family::of(address)
    });
    let others: Vec<&IpAddr> = others.map(|(other, _)| other).collect();
    let agrees = lease.is_some_and(|lease| {
        let is_of_sandbox = sandbox.is_none_or(|sandbox| sandbox == lease.container_id);
        let is_of_interface = lease.interface.is_empty() || lease.interface == wanted.name;
        is_of_sandbox && is_of_interface && others.is_empty()
    });
    let says = match lease {
        Some(_) if agrees => address.to_string(),
        Some(_) if !others.is_empty() => {
            format!("{address}, and of the same sandbox also {}", list(&others))
        }
        Some(lease) => {
            let sandbox: String = lease.container_id.chars().take(12).collect();
            format!("{address} for {} of sandbox {sandbox}", lease.interface)
        }
        None => {
            let there = leases.into_iter().flat_map(BTreeMap::keys);
            format!("no lease of {address}; leases: {}", list(there))
        }
    };
    Witness {
        name: format!("lease of {network}"),
        says,
        agrees,
    }
}

fn range(pod: &Pod, wanted: &Wanted, on_nodes: &OnNodes, address: IpAddr) -> Witness {
    let node = &pod.spec.node_name;
    let blocks = on_nodes.blocks.get(node).map_or(&[][..], Vec::as_slice);
    let (says, agrees) = match (&wanted.range, on_nodes.files.get(node)) {
        (Some(wanted), Some(Ok(file))) => {
            match cni_configuration::judge_range(file, wanted.block, blocks) {
                Ok(ranges) => (
                    list(
                        ranges
                            .iter()
                            .map(|range| format!("{}-{}", range.first, range.last)),
                    ),
                    ranges.iter().any(|range| range.contains(address)),
                ),
                Err((expected, observed)) => (format!("{observed} instead of {expected}"), false),
            }
        }
        (_, Some(Err(reason))) => (reason.clone(), false),
        (_, None) | (None, _) => ("no file".to_owned(), false),
    };
    Witness {
        name: "range in the node's file".to_owned(),
        says,
        agrees,
    }
}
