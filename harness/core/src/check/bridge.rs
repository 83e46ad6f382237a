//! A bridge on each node that has a selected pod: its address, hairpin on each port, and that all of them are up.

use std::collections::BTreeSet;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::pod_outputs;
use super::{Context, Evaluation, Rule};
use crate::observation::addresses::Family;
use crate::observation::bridge::{self, Link};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations, addresses};
use crate::query::{Output, Query};
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bridge {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The bridge's name, such as `cni5`.
    pub name: String,
    /// Its address, such as `10.1.128.1/24`.
    #[schemars(with = "String")]
    pub address: IpNet,
    /// Whether each port has hairpin on.
    pub hairpin: bool,
}

impl Rule for Bridge {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![
            pods::query(&self.namespace, &self.selector),
            command(&bridge::COMMAND),
            command(&addresses::COMMAND),
        ]
    }

    fn problems(&self, written: Written<'_>) {
        written.key("name").interface(&self.name);
        let is_of_network = self.address.addr() == self.address.network();
        if is_of_network && self.address.prefix_len() < 31 {
            written.key("address").problem_with_hint(
                format!(
                    "`{}` is the range, not the bridge's address in it",
                    self.address
                ),
                "such as `10.1.128.1/24`",
            );
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let pods = pod_outputs::pods(
            &self.namespace,
            &self.selector,
            observations,
            &mut evaluation,
        )?;
        let links_query = command(&bridge::COMMAND);
        let links = observations.by_node(&links_query)?;
        let addresses_query = command(&addresses::COMMAND);
        let addresses = observations.by_node(&addresses_query)?;
        let nodes: BTreeSet<&str> = pods
            .iter()
            .map(|pod: &Pod| pod.spec.node_name.as_str())
            .collect();
        let mut found = Vec::new();
        let mut hairpins = Vec::new();
        for node in nodes {
            let (Some(links), Some(addresses)) = (links.get(node), addresses.get(node)) else {
                evaluation.fail(
                    format!("node {node}"),
                    "its links and addresses",
                    "no output",
                    "a pod's node was not looked at",
                );
                continue;
            };
            let subject = format!("node {node}");
            let Some(links) = evaluation.readable(subject, "links", bridge::read(links)) else {
                found.push("not readable".to_owned());
                continue;
            };
            found.push(self.judge_address(&mut evaluation, node, &links, addresses));
            hairpins.extend(self.judge_ports(&mut evaluation, node, &links));
        }
        let subject = "each node with a pod";
        evaluation.fact(subject, format!("bridge {}", self.name), found);
        evaluation.fact(
            subject,
            format!("hairpin on ports of {}", self.name),
            hairpins,
        );
        Ok(evaluation)
    }
}

impl Bridge {
    /// The bridge's addresses as text.
    fn judge_address(
        &self,
        evaluation: &mut Evaluation,
        node: &str,
        links: &[Link],
        addresses: &Output,
    ) -> String {
        let subject = format!("node {node}");
        let is_it = |link: &&Link| link.is_bridge() && link.name == self.name;
        let Some(bridge) = links.iter().find(is_it) else {
            let bridges = list(
                links
                    .iter()
                    .filter(|link| link.is_bridge())
                    .map(|link| &link.name),
            );
            evaluation.fail(
                subject,
                format!("bridge {}", self.name),
                format!("bridges: {bridges}"),
                "the first pod on a node makes it",
            );
            return "absent".to_owned();
        };
        judge_link(
            evaluation,
            format!("bridge {} on {subject}", self.name),
            bridge,
        );
        let read = addresses::all(addresses);
        let Some(interfaces) = evaluation.readable(&subject, "addresses", read) else {
            return "not readable".to_owned();
        };
        let interfaces = evaluation.understood(&subject, "addresses", interfaces);
        let interface = interfaces
            .iter()
            .find(|interface| interface.name == self.name);
        let has = list(
            interface
                .into_iter()
                .flat_map(|interface| interface.given(Family::of(self.address.addr()))),
        );
        if has != self.address.to_string() {
            evaluation.fail(
                subject,
                format!("{} on {}", self.address, self.name),
                &has,
                "the bridge is the pods' gateway on this node",
            );
        }
        has
    }

    /// Whether hairpin is on, for each port.
    fn judge_ports(&self, evaluation: &mut Evaluation, node: &str, links: &[Link]) -> Vec<String> {
        let ports = links
            .iter()
            .filter(|link| link.master.as_deref() == Some(&self.name));
        let ports: Vec<&Link> = ports.collect();
        if ports.is_empty() {
            evaluation.fail(
                format!("node {node}"),
                format!("at least one port of {}", self.name),
                "none",
                "the pod on this node is not connected to the bridge",
            );
        }
        let mut hairpins = Vec::new();
        for port in ports {
            let word = match port.hairpin() {
                Some(true) => "on",
                Some(false) => "off",
                None => "unknown",
            };
            let subject = format!("port {} of {} on node {node}", port.name, self.name);
            judge_link(evaluation, &subject, port);
            if port.hairpin() != Some(self.hairpin) {
                evaluation.fail(
                    subject,
                    format!("hairpin {}", if self.hairpin { "on" } else { "off" }),
                    format!("hairpin {word}"),
                    "the plugin's hairpinMode decides whether a pod reaches itself through a Service",
                );
            }
            hairpins.push(word.to_owned());
        }
        hairpins
    }
}

fn judge_link(evaluation: &mut Evaluation, subject: impl Into<String>, link: &Link) {
    if let Some(down) = link.down() {
        let why = "nothing can be reached over it, whatever its addresses are";
        evaluation.fail(subject, "a link that is up", down, why);
    }
}

fn command(words: &[&str]) -> Query {
    Query::NodeCommand {
        command: words.iter().map(|&word| word.to_owned()).collect(),
    }
}
