//! TCP from pod to pod across nodes and to a Service. A set without a pair on two nodes proves nothing and fails.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::pod_outputs;
use super::{Context, Evaluation, Rule};
use crate::observation::connections::{self, Connection};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Connectivity {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The port that each pod listens on.
    pub port: u16,
    /// A Service in the same namespace that is tried from each pod too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

impl Rule for Connectivity {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![self.query(), pods::query(&self.namespace, &self.selector)]
    }

    fn problems(&self, written: Written<'_>) {
        if self.port == 0 {
            written
                .key("port")
                .problem("nothing listens on port 0: a port is 1 to 65535");
        }
        if let Some(service) = &self.service {
            written.key("service").object_name(service);
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let connections = connections::read(observations, &self.query())?;
        let subject = pods_subject(&self.selector);
        let mut evaluation = Evaluation::default();
        let (namespace, selector) = (&self.namespace, &self.selector);
        let pods = pod_outputs::pods(namespace, selector, observations, &mut evaluation)?;
        let connections = evaluation.understood(&subject, "connections", connections);
        let across = |connection: &&Connection| {
            let node = connection.to_node.as_ref();
            node.is_some_and(|node| *node != connection.from_node)
        };
        let within =
            |connection: &&Connection| connection.to_node.as_ref() == Some(&connection.from_node);
        if !connections.iter().any(|connection| across(&connection)) {
            evaluation.fail(
                &subject,
                "a pair of pods on two nodes",
                "none",
                "what is between nodes cannot be seen on one",
            );
        }
        let to_service = |connection: &&Connection| connection.to_node.is_none();
        self.judge_service(&mut evaluation, &connections);
        judge_pairs(&mut evaluation, &connections);
        judge_ready_pods(&mut evaluation, &pods, &connections);
        self.judge_targets(&mut evaluation, &connections);
        judge_addresses(&mut evaluation, &pods, &connections, context);
        judge_payloads(&mut evaluation, &connections);
        for connection in connections
            .iter()
            .filter(|connection| !connection.connected)
        {
            let node = connection.to_node.as_ref();
            let to_node = node.map_or_else(String::new, |node| format!(" on {node}"));
            evaluation.fail(
                format!("pod {} on {}", connection.from, connection.from_node),
                format!(
                    "TCP to {}{to_node}, {}:{}",
                    connection.to, connection.address, connection.port
                ),
                connection
                    .error
                    .as_deref()
                    .unwrap_or("not connected")
                    .trim(),
                "refused means that nobody listens there, a time-out that a packet or its answer was lost",
            );
        }
        let verdict = |connection: &Connection| {
            if connection.connected {
                "connected"
            } else {
                "not connected"
            }
        };
        let seen = connections.iter().filter(across).map(verdict);
        evaluation.fact(&subject, "TCP across nodes", seen);
        // Whether two of the pods share a node is the scheduler's choice, so it is told only where one failed.
        let seen = connections
            .iter()
            .filter(within)
            .filter(|connection| !connection.connected);
        evaluation.fact(&subject, "TCP within a node", seen.map(verdict));
        let answers = |is_it: &dyn Fn(&&Connection) -> bool| -> BTreeSet<&str> {
            let of_kind = connections.iter().filter(is_it);
            let answered = of_kind.filter_map(|connection| connection.answered);
            answered
                .map(|answered| if answered { "answered" } else { "not answered" })
                .collect()
        };
        evaluation.fact(
            &subject,
            "more than a packet across nodes",
            answers(&across),
        );
        evaluation.fact(
            &subject,
            "more than a packet to the service",
            answers(&to_service),
        );
        if let Some(service) = &self.service {
            let seen = connections.iter().filter(to_service).map(verdict);
            evaluation.fact(&subject, format!("TCP to service {service}"), seen);
        }
        Ok(evaluation)
    }
}

impl Connectivity {
    fn query(&self) -> Query {
        Query::Connections {
            namespace: self.namespace.clone(),
            selector: self.selector.clone(),
            port: self.port,
            service: self.service.clone(),
        }
    }

    /// Every connection is to the wanted port, and all those to one pod or Service are to one address.
    fn judge_targets(&self, evaluation: &mut Evaluation, connections: &[Connection]) {
        let mut addresses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for connection in connections {
            let of_target = addresses.entry(&connection.to).or_default();
            of_target.insert(&connection.address);
            if connection.port != self.port {
                evaluation.fail(
                    format!("pod {}", connection.from),
                    format!("TCP to port {} of {}", self.port, connection.to),
                    format!("port {}", connection.port),
                    "another port was tried",
                );
            }
        }
        for (target, addresses) in addresses.iter().filter(|(_, found)| found.len() > 1) {
            evaluation.fail(
                *target,
                "one address",
                list(addresses),
                "the pods did not all try the same target",
            );
        }
    }

    /// Every pod that tried another pod tried the Service too.
    fn judge_service(&self, evaluation: &mut Evaluation, connections: &[Connection]) {
        let Some(service) = &self.service else {
            return;
        };
        let name = format!("service/{service}");
        let tried: BTreeSet<&str> = connections
            .iter()
            .filter(|connection| connection.to == name)
            .map(|connection| connection.from.as_str())
            .collect();
        let pods = connections
            .iter()
            .map(|connection| connection.from.as_str());
        for pod in pods.collect::<BTreeSet<_>>() {
            if !tried.contains(pod) {
                evaluation.fail(
                    format!("pod {pod}"),
                    format!("TCP to {name}"),
                    "not tried",
                    "what was not tried proves nothing",
                );
            }
        }
    }
}

/// Each pod that is ready is in pairs both ways, and no other one is: the list of what was tried is not trusted.
fn judge_ready_pods(evaluation: &mut Evaluation, pods: &[Pod], connections: &[Connection]) {
    let tried = |ends: fn(&Connection) -> &str| -> BTreeSet<&str> {
        let of_pods = connections
            .iter()
            .filter(|connection| connection.to_node.is_some());
        of_pods.map(ends).collect()
    };
    let ends = [
        ("from", tried(|connection| &connection.from)),
        ("to", tried(|connection| &connection.to)),
    ];
    let ready: BTreeSet<&str> = pods
        .iter()
        .filter(|pod| pod.is_ready())
        .map(|pod| pod.metadata.name.as_str())
        .collect();
    for (way, tried) in &ends {
        for pod in ready.difference(tried) {
            evaluation.fail(
                format!("pod {pod}"),
                format!("TCP {way} this pod"),
                "not tried",
                "the pod is selected and ready, and what was not tried proves nothing",
            );
        }
        for pod in tried.difference(&ready) {
            evaluation.fail(
                format!("pod {pod}"),
                "a selected pod that is ready",
                format!("TCP {way} it was tried"),
                "the pod came or went while it was looked at, or is not one of those that count",
            );
        }
    }
}

/// What was tried is an address of the pod that it stands for, or of the subnet of the Services.
fn judge_addresses(
    evaluation: &mut Evaluation,
    pods: &[Pod],
    connections: &[Connection],
    context: &Context,
) {
    let targets: BTreeSet<(&str, &str, bool)> = connections
        .iter()
        .map(|connection| {
            (
                connection.to.as_str(),
                connection.address.as_str(),
                connection.to_node.is_some(),
            )
        })
        .collect();
    for (target, address, is_pod) in targets {
        let parsed = address.parse::<IpAddr>();
        let (is_right, expected) = if is_pod {
            let pod = pods.iter().find(|pod| pod.metadata.name == target);
            let Some(pod) = pod else {
                // That it is not one of the selected pods is told already.
                continue;
            };
            let own = pod.addresses();
            (
                parsed.is_ok_and(|address| own.contains(&address)),
                list(&own),
            )
        } else {
            let is_inside =
                parsed.is_ok_and(|address| context.service_subnet.contains(&IpNet::from(address)));
            (
                is_inside,
                format!("an address in {}", context.service_subnet),
            )
        };
        if !is_right {
            evaluation.fail(
                target,
                expected,
                address,
                "another target was tried than the one that counts",
            );
        }
    }
}

/// More than one packet's worth was sent over each connection, and answered.
fn judge_payloads(evaluation: &mut Evaluation, connections: &[Connection]) {
    let sent = connections.iter().filter(|connection| connection.connected);
    // A client that ended with an error had no answer, whatever else is said of it.
    let had_none = |connection: &&Connection| {
        let words = connection.error.as_deref().unwrap_or_default().trim();
        connection.answered == Some(false) || !words.is_empty()
    };
    for connection in sent.filter(had_none) {
        let node = connection.to_node.as_deref().unwrap_or("no node");
        evaluation.fail(
            format!("pod {} on {}", connection.from, connection.from_node),
            format!("an answer of {} on {node}", connection.to),
            match connection.payload {
                Some(payload) => format!("none after {payload} bytes"),
                None => "none".to_owned(),
            },
            "small packets arrive and full ones do not: an MTU on the way is smaller than the pod's",
        );
    }
}

/// Every pod that is in any pair tried every other one.
fn judge_pairs(evaluation: &mut Evaluation, connections: &[Connection]) {
    let pairs = || {
        let of_pods = connections
            .iter()
            .filter(|connection| connection.to_node.is_some());
        of_pods.map(|connection| (connection.from.as_str(), connection.to.as_str()))
    };
    let tried: BTreeSet<(&str, &str)> = pairs().collect();
    let pods: BTreeSet<&str> = pairs().flat_map(|(from, to)| [from, to]).collect();
    for from in &pods {
        let missing = pods.iter().filter(|to| *to != from);
        let missing = list(missing.filter(|to| !tried.contains(&(*from, **to))));
        if missing != "none" {
            evaluation.fail(
                format!("pod {from}"),
                format!("TCP to {missing}"),
                "not tried",
                "what was not tried proves nothing",
            );
        }
    }
}
