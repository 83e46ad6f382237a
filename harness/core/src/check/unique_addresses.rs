//! No two pods have one address on one network.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Evaluation;
use super::evaluation::list_of_many;
use crate::observation::pods::Pod;

/// The addresses of several pods on one network, to be told apart.
pub(super) struct UniqueAddresses {
    network: String,
    /// Whose each address is, by the part of the network in which it must be one pod's.
    pods: BTreeMap<(String, IpAddr), Vec<String>>,
}

impl UniqueAddresses {
    pub(super) fn on(network: impl Into<String>) -> Self {
        Self {
            network: network.into(),
            pods: BTreeMap::new(),
        }
    }

    /// Notes a pod's addresses; `part` names the part of the network that they are in, and is empty where it has none.
    pub(super) fn add(
        &mut self,
        pod: &Pod,
        part: &str,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) {
        for address in addresses {
            let pods = self.pods.entry((part.to_owned(), address)).or_default();
            let name = format!("{} on {}", pod.full_name(), pod.spec.node_name);
            if !pods.contains(&name) {
                pods.push(name);
            }
        }
    }

    /// Fails for each address that several pods have.
    pub(super) fn judge(&self, evaluation: &mut Evaluation) {
        for ((_, address), pods) in self.pods.iter().filter(|(_, pods)| pods.len() > 1) {
            evaluation.fail(
                format!("{address} on {}", self.network),
                "one pod with this address",
                list_of_many(pods),
                "what is sent to it reaches one of them at most",
            );
        }
    }
}
