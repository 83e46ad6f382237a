//! What each witness says of one interface's address, and whether they agree.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::Interface as Wanted;
use crate::check::evaluation::list;
use crate::check::{Evaluation, cni_configuration};
use crate::observation::addresses::{Family, Interface};
use crate::observation::cni_configuration::CniConfiguration;
use crate::observation::leases::{self, Lease};
use crate::observation::network_status::{self, Entry};
use crate::observation::pods::{CONTAINER_ID, POD_IP, POD_IPS, Pod};
use crate::observation::{Inability, Observations, block_affinities};

/// The interface whose address is the pod's: the one that the runtime itself asks for.
const DEFAULT_INTERFACE: &str = "eth0";

/// What the nodes know of one interface's network.
pub(super) struct OnNodes {
    leases: BTreeMap<String, BTreeMap<Ipv4Addr, Lease>>,
    files: BTreeMap<String, Result<CniConfiguration, String>>,
    blocks: BTreeMap<String, Vec<IpNet>>,
}

impl OnNodes {
    pub(super) fn read(wanted: &Wanted, observations: &Observations) -> Result<Self, Inability> {
        let mut on_nodes = Self {
            leases: BTreeMap::new(),
            files: BTreeMap::new(),
            blocks: BTreeMap::new(),
        };
        if let Some(network) = &wanted.lease {
            on_nodes.leases = leases::read(observations, network)?;
        }
        if let Some(range) = &wanted.range {
            on_nodes.files = cni_configuration::read_on_each_node(observations, &range.file)?;
            let affinities = block_affinities::read(observations)?;
            on_nodes.blocks = block_affinities::by_node(&affinities.entries);
        }
        Ok(on_nodes)
    }
}

/// What was seen of one interface of one pod, normalised.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub(super) address: String,
    /// The network as `network-status` names it; `none` where it has no entry for the interface.
    pub(super) network: String,
}

/// One witness: what it is called, what it says, and whether that is right.
struct Witness {
    name: String,
    says: String,
    agrees: bool,
}

/// Judges one interface of one pod.
pub(super) fn judge(
    evaluation: &mut Evaluation,
    pod: &Pod,
    wanted: &Wanted,
    interface: Option<&Interface>,
    on_nodes: &OnNodes,
) -> Result<Seen, Inability> {
    let entry = entry(pod, wanted)?;
    let network = list(entry.iter().map(|entry| &entry.name));
    let subject = format!("{} of {}", wanted.name, pod.subject());
    let given = interface.into_iter();
    let given = given.flat_map(|interface| interface.given(Family::V4));
    let seen: Vec<Ipv4Net> = given
        .filter_map(|address| match address.net {
            IpNet::V4(net) => Some(net),
            IpNet::V6(_) => None,
        })
        .collect();
    let [net] = seen.as_slice() else {
        let expected = format!("one IPv4 address with /{}", wanted.prefix_length);
        let why = "the plugin gave no address, or more than one";
        evaluation.fail(subject, expected, list(&seen), why);
        let address = if seen.is_empty() { "none" } else { "several" }.to_owned();
        return Ok(Seen { address, network });
    };
    let address = net.addr();
    let mut witnesses = vec![Witness {
        name: "ip address in the pod".to_owned(),
        says: net.to_string(),
        agrees: net.prefix_len() == wanted.prefix_length,
    }];
    if wanted.name == DEFAULT_INTERFACE {
        witnesses.push(annotation(pod, address));
    }
    witnesses.push(network_status(wanted, entry.as_ref(), address));
    if wanted.name == DEFAULT_INTERFACE {
        witnesses.push(pod_ip(pod, address));
    }
    if let Some(network) = &wanted.lease {
        let leases = on_nodes.leases.get(&pod.spec.node_name);
        witnesses.push(lease(pod, wanted, network, leases, address));
    }
    if wanted.range.is_some() {
        witnesses.push(range(pod, wanted, on_nodes, address));
    }
    if let Some(subnet) = wanted.subnet {
        witnesses.push(Witness {
            name: "subnet".to_owned(),
            says: subnet.to_string(),
            agrees: subnet.contains(&address) && subnet.prefix_len() == net.prefix_len(),
        });
    }
    fail_where_they_disagree(evaluation, &subject, wanted, &witnesses);
    let about = format!("{} address of {}", wanted.name, pod.full_name());
    let address = outline(wanted, *net, &witnesses);
    let rows = witnesses
        .into_iter()
        .map(|witness| (witness.name, witness.says));
    evaluation.witnesses(about, rows.collect());
    Ok(Seen { address, network })
}

fn fail_where_they_disagree(
    evaluation: &mut Evaluation,
    subject: &str,
    wanted: &Wanted,
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
        format!("{} by all witnesses", expectation(wanted)),
        said.join("; "),
        format!("the witnesses disagree; not so: {}", list(others)),
    );
}

/// What is wanted, without a literal address.
fn expectation(wanted: &Wanted) -> String {
    let place = match (&wanted.range, wanted.subnet) {
        (Some(range), _) => format!("{}, ", range.block),
        (None, Some(subnet)) => format!("in {subnet}, "),
        (None, None) => String::new(),
    };
    format!("{place}/{}", wanted.prefix_length)
}

fn outline(wanted: &Wanted, net: Ipv4Net, witnesses: &[Witness]) -> String {
    if witnesses.iter().all(|witness| witness.agrees) {
        return expectation(wanted);
    }
    let others = witnesses.iter().filter(|witness| !witness.agrees);
    format!(
        "/{}, not as wanted by {}",
        net.prefix_len(),
        list(others.map(|witness| &witness.name))
    )
}

/// The annotation for one address and the one for all of them; the latter is told where it says something else.
fn annotation(pod: &Pod, address: Ipv4Addr) -> Witness {
    let one = pod.annotation(POD_IP).unwrap_or("absent");
    let all = pod.annotation(POD_IPS).unwrap_or("absent");
    Witness {
        name: format!("annotation {POD_IP}"),
        says: if one == all {
            one.to_owned()
        } else {
            format!("{one}, and {POD_IPS}: {all}")
        },
        agrees: one == all && one == format!("{address}/32"),
    }
}

/// The pod's entry for the wanted network; none where the annotation is absent or has none for this interface.
fn entry(pod: &Pod, wanted: &Wanted) -> Result<Option<Entry>, Inability> {
    let entries = network_status::read(pod, network_status::ANNOTATION)?;
    let is_it = |entry: &Entry| {
        let interface = entry.interface.as_ref();
        entry.name == wanted.network && interface.is_none_or(|name| *name == wanted.name)
    };
    Ok(entries.into_iter().flatten().find(is_it))
}

fn network_status(wanted: &Wanted, entry: Option<&Entry>, address: Ipv4Addr) -> Witness {
    let ips = entry.into_iter().flat_map(|entry| &entry.ips);
    let ipv4: Vec<&IpAddr> = ips.filter(|address| address.is_ipv4()).collect();
    Witness {
        name: "network-status".to_owned(),
        says: match entry {
            Some(entry) => list(&entry.ips),
            None => format!("no entry for {}", wanted.network),
        },
        agrees: ipv4 == [&IpAddr::V4(address)],
    }
}

/// `status.podIP` and `status.podIPs`; the latter is told where it says something else.
fn pod_ip(pod: &Pod, address: Ipv4Addr) -> Witness {
    let one = if pod.status.pod_ip.is_empty() {
        "absent"
    } else {
        &pod.status.pod_ip
    };
    let all = list(pod.status.pod_ips.iter().map(|address| &address.ip));
    Witness {
        name: "status.podIP".to_owned(),
        says: if one == all {
            one.to_owned()
        } else {
            format!("{one}, and status.podIPs: {all}")
        },
        agrees: one == all && one == address.to_string(),
    }
}

/// The lease must be this sandbox's and this interface's, as far as host-local and Calico wrote that down.
fn lease(
    pod: &Pod,
    wanted: &Wanted,
    network: &str,
    leases: Option<&BTreeMap<Ipv4Addr, Lease>>,
    address: Ipv4Addr,
) -> Witness {
    let lease = leases.and_then(|leases| leases.get(&address));
    let sandbox = pod.annotation(CONTAINER_ID);
    let agrees = lease.is_some_and(|lease| {
        let is_of_sandbox = sandbox.is_none_or(|sandbox| sandbox == lease.container_id);
        is_of_sandbox && (lease.interface.is_empty() || lease.interface == wanted.name)
    });
    let says = match lease {
        Some(_) if agrees => address.to_string(),
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

fn range(pod: &Pod, wanted: &Wanted, on_nodes: &OnNodes, address: Ipv4Addr) -> Witness {
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
                    ranges.iter().any(|range| range.contains(address.into())),
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
