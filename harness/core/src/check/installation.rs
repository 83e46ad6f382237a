//! The `Installation` (operator.tigera.io/v1) as the server holds it, defaults filled in.

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::installation::{self, CalicoNetwork, Pool};
use crate::observation::ip_pools::{self, IpPool};
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
    pub pool: IpNet,
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
        vec![installation::query(), ip_pools::query()]
    }

    fn does_without(&self, query: &Query) -> bool {
        *query == ip_pools::query()
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

    fn block(&self) -> Option<(u8, IpNet)> {
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
            Some(network) => {
                self.judge(&mut evaluation, network);
                if let Some(pools) = ip_pools::read(observations)? {
                    let pools = evaluation.understood("the cluster", "IP pools", pools);
                    judge_in_force(&mut evaluation, network, &pools);
                }
            }
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
        let wanted = self.pool;
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
            let is_other_family = other
                .net()
                .is_some_and(|net| net.addr().is_ipv4() != wanted.addr().is_ipv4());
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

/// The second witness: each pool that the operator was asked for is there, in use and as asked. Other pools are an
/// administrator's own.
fn judge_in_force(evaluation: &mut Evaluation, network: &CalicoNetwork, pools: &[IpPool]) {
    let mut words = Vec::new();
    for asked in &network.ip_pools {
        let expected = outline(
            asked.block_size,
            &asked.encapsulation,
            asked.nat_outgoing == "Enabled",
        );
        let found = pools
            .iter()
            .find(|pool| Some(pool.spec.cidr) == asked.net());
        let observed = match found {
            None => format!(
                "no such pool; there are: {}",
                list(pools.iter().map(|pool| pool.spec.cidr))
            ),
            Some(pool) if pool.spec.disabled => "disabled".to_owned(),
            Some(pool) => outline(
                pool.spec.block_size.unwrap_or(asked.block_size),
                pool.encapsulation(),
                pool.spec.nat_outgoing,
            ),
        };
        words.push(if observed == expected {
            "as the installation says"
        } else {
            "not as the installation says"
        });
        if observed != expected {
            evaluation.fail(
                format!("IPPool of {}", asked.cidr),
                expected,
                observed,
                "addresses come from the IPPool objects, which the operator keeps as the Installation says",
            );
        }
    }
    evaluation.fact(SUBJECT, "IPPool objects", words);
}

fn outline(block_size: u8, encapsulation: &str, nat_outgoing: bool) -> String {
    let nat = if nat_outgoing { "with" } else { "without" };
    format!("blocks of /{block_size}, encapsulation {encapsulation}, {nat} NAT")
}
