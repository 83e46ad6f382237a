//! Leases of sandboxes that are gone: host-local gives their addresses to nobody until somebody removes the files.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Evaluation;
use crate::observation::leases::{self, Lease};
use crate::observation::{Inability, Observations, sandboxes};

/// Judges every lease of these networks on each node whose sandboxes are known: in a capture of before they were asked for,
/// none is.
pub(super) fn judge<'a>(
    evaluation: &mut Evaluation,
    observations: &Observations,
    networks: impl Iterator<Item = &'a str>,
) -> Result<(), Inability> {
    let mut of_networks = BTreeMap::new();
    for network in networks {
        of_networks.insert(network, leases::read(observations, network)?);
    }
    let nodes = of_networks.values().flat_map(BTreeMap::keys);
    let nodes: BTreeSet<&String> = nodes.collect();
    let sandboxes = sandboxes::read(observations);
    for node in nodes {
        let Some(running) = evaluation.asked(node, "sandboxes", &sandboxes) else {
            continue;
        };
        for (network, leases) in &of_networks {
            let is_leaked = |(_, lease): &(_, &Lease)| !running.contains(&lease.container_id);
            let leases = leases.get(node).into_iter().flatten();
            for (address, lease) in leases.filter(is_leaked) {
                evaluation.fail(
                    format!("lease {address} of {network} on node {node}"),
                    "a sandbox of the runtime",
                    owner(lease),
                    "the sandbox is gone and its lease is not: nobody else is given the address",
                );
            }
        }
    }
    Ok(())
}

fn owner(lease: &Lease) -> String {
    let sandbox: String = lease.container_id.chars().take(12).collect();
    match (sandbox.as_str(), lease.interface.as_str()) {
        ("", _) => "no sandbox in the file".to_owned(),
        (sandbox, "") => format!("sandbox {sandbox}"),
        (sandbox, interface) => format!("{interface} of sandbox {sandbox}"),
    }
}
