//! The `Installation` (operator.tigera.io/v1) as the server holds it, defaults filled in.

use ipnet::{IpNet, Ipv4Net};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::installation::{self, CalicoNetwork, Pool};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check, named as in the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Installation {
    /// `spec.calicoNetwork.bgp`.
    pub bgp: String,
    /// `spec.calicoNetwork.containerIPForwarding`.
    pub container_ip_forwarding: String,
    /// The pool's `cidr`; the one of its family, beside which one of the other family may stand.
    #[schemars(with = "String")]
    pub pool: Ipv4Net,
    /// The pool's `blockSize`.
    pub block_size: u8,
    /// The pool's `encapsulation`.
    pub encapsulation: String,
    /// The pool's `natOutgoing`.
    pub nat_outgoing: String,
}

const SUBJECT: &str = "installation default";

impl Rule for Installation {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![installation::query()]
    }

    fn problems(&self, written: Written<'_>) {
        let switches = ["Enabled", "Disabled"];
        let encapsulations = [
            "IPIP",
            "VXLAN",
            "IPIPCrossSubnet",
            "VXLANCrossSubnet",
            "None",
        ];
        for (key, word, known) in [
            ("bgp", &self.bgp, &switches[..]),
            (
                "container-ip-forwarding",
                &self.container_ip_forwarding,
                &switches,
            ),
            ("nat-outgoing", &self.nat_outgoing, &switches),
            ("encapsulation", &self.encapsulation, &encapsulations),
        ] {
            written.key(key).one_of(word, known);
        }
        written.key("pool").pool(self.pool);
        let block_size = written.key("block-size");
        block_size.block_length(self.block_size, self.pool);
    }

    fn block(&self) -> Option<(u8, Ipv4Net)> {
        Some((self.block_size, self.pool))
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let installations = installation::read(observations)?;
        let installations = evaluation.understood("the cluster", "installations", installations);
        let names = list(installations.iter().map(|found| &found.metadata.name));
        if names != "default" {
            let why = "the operator knows one installation, and its name is default";
            evaluation.fail("installations", "default", names, why);
        }
        let default = installations
            .iter()
            .find(|found| found.metadata.name == "default");
        match default.and_then(|default| default.spec.calico_network.as_ref()) {
            Some(network) => self.judge(&mut evaluation, network),
            None if default.is_some() => evaluation.fail(
                SUBJECT,
                "spec.calicoNetwork",
                "absent",
                "the operator has not filled in its defaults yet",
            ),
            None => {}
        }
        Ok(evaluation)
    }
}

impl Installation {
    fn judge(&self, evaluation: &mut Evaluation, network: &CalicoNetwork) {
        let wanted = IpNet::V4(self.pool);
        let is_it = |pool: &&Pool| pool.net() == Some(wanted);
        let Some(pool) = network.ip_pools.iter().find(is_it) else {
            evaluation.fail(
                SUBJECT,
                format!("the pool {wanted}"),
                list(network.ip_pools.iter().map(|pool| &pool.cidr)),
                "each node's block is taken from this pool",
            );
            return;
        };
        let others = network.ip_pools.iter().filter(|pool| !is_it(pool));
        let others: Vec<&Pool> = others.collect();
        for other in &others {
            let is_other_family = other.net().is_some_and(|net| net.addr().is_ipv6());
            if !is_other_family {
                evaluation.fail(
                    SUBJECT,
                    format!("no other pool of its family than {wanted}"),
                    &other.cidr,
                    "a node's block may be taken from it too",
                );
            }
        }
        if !others.is_empty() {
            let nets = others.iter().map(|pool| pool.net());
            let nets =
                nets.map(|net| net.map_or_else(|| "no pool".to_owned(), |net| net.to_string()));
            evaluation.fact(SUBJECT, "other ipPools", nets);
        }
        let fields = [
            ("bgp", self.bgp.clone(), network.bgp.clone()),
            (
                "containerIPForwarding",
                self.container_ip_forwarding.clone(),
                network.container_ip_forwarding.clone(),
            ),
            // The same pool may be written in several ways, which changes nothing.
            ("ipPools cidr", wanted.to_string(), wanted.to_string()),
            (
                "ipPools blockSize",
                self.block_size.to_string(),
                pool.block_size.to_string(),
            ),
            (
                "ipPools encapsulation",
                self.encapsulation.clone(),
                pool.encapsulation.clone(),
            ),
            (
                "ipPools natOutgoing",
                self.nat_outgoing.clone(),
                pool.nat_outgoing.clone(),
            ),
        ];
        for (field, expected, observed) in fields {
            if observed != expected {
                evaluation.fail(
                    SUBJECT,
                    format!("{field} {expected}"),
                    format!("{field} {observed}"),
                    "the server holds another value than was applied, or a default",
                );
            }
            evaluation.fact(SUBJECT, field, [observed]);
        }
    }
}
