//! The events about each pod: one that matches for every pattern, for every pod.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::own_addresses::{OwnAddresses, PodVariable};
use super::pod_outputs;
use super::{Context, Evaluation, Rule};
use crate::observation::events::{self, Event};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::template::Text;
use crate::yaml;

/// The reason of the events in which Multus tells what it added: each of them counts, also one that nobody asked for.
const ADDED_INTERFACE: &str = "AddedInterface";

/// What Multus writes where a plugin gave no address.
const PLACEHOLDERS: [&str; 2] = ["[0.0.0.0/", "[::/"];

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodEvents {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The events' reason, such as `AddedInterface`.
    pub reason: String,
    /// The messages, one event each; `{{ pod.INTERFACE }}` stands for the pod's own address on that interface.
    #[serde(deserialize_with = "yaml::each")]
    #[schemars(with = "Vec<String>")]
    pub messages: Vec<Text<PodVariable>>,
}

impl Rule for PodEvents {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let mut queries = if self.uses_addresses() {
            pod_outputs::with_addresses(&self.namespace, &self.selector).queries()
        } else {
            vec![pods::query(&self.namespace, &self.selector)]
        };
        queries.push(events::query(&self.namespace));
        queries
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let events = events::read(observations, &self.namespace)?;
        let mut evaluation = Evaluation::default();
        let pods = self.pods(observations, &mut evaluation)?;
        let subject = pods_subject(&self.selector);
        if self.messages.is_empty() {
            evaluation.fail(
                &subject,
                "at least one message",
                "none",
                "an empty set proves nothing",
            );
        }
        let mut facts = Vec::new();
        let mut tries = Vec::new();
        for (pod, own) in &pods {
            let of_pod: Vec<&Event> = events
                .iter()
                .filter(|event| event.reason == self.reason && event.is_about(pod))
                .collect();
            let seen: BTreeSet<&str> = of_pod.iter().map(|event| event.said()).collect();
            let missing = self.missing(own, &seen);
            let mut is_complete = missing.is_empty();
            for (expected, why) in missing {
                let observed = list(&seen);
                evaluation.fail(
                    pod.subject(),
                    format!("event {}: {expected}", self.reason),
                    observed,
                    why,
                );
            }
            if self.reason == ADDED_INTERFACE {
                let unexpected = self.unexpected(own, &of_pod);
                is_complete &= unexpected.is_empty();
                for (observed, why) in unexpected {
                    evaluation.fail(
                        pod.subject(),
                        format!("event {}: {}", self.reason, list(&self.messages)),
                        observed,
                        why,
                    );
                }
            }
            if of_pod.iter().any(|event| event.is_combined()) {
                tries.push("so many that they were combined");
            }
            facts.push(if is_complete {
                list(&self.messages)
            } else {
                list(
                    seen.iter()
                        .map(|message| own.hide(message))
                        .collect::<BTreeSet<_>>(),
                )
            });
        }
        evaluation.fact(&subject, format!("events {}", self.reason), facts);
        evaluation.fact(subject, format!("events {}, tries", self.reason), tries);
        Ok(evaluation)
    }
}

impl PodEvents {
    fn uses_addresses(&self) -> bool {
        let mut variables = self.messages.iter().flat_map(Text::variables);
        variables.next().is_some()
    }

    /// The pods with their own addresses, where a message needs them.
    fn pods(
        &self,
        observations: &Observations,
        evaluation: &mut Evaluation,
    ) -> Result<Vec<(Pod, OwnAddresses)>, Inability> {
        let (namespace, selector) = (&self.namespace, &self.selector);
        if !self.uses_addresses() {
            let pods = pod_outputs::pods(namespace, selector, observations, evaluation)?;
            let without = |pod: Pod| (pod, OwnAddresses::new(&[]));
            return Ok(pods.into_iter().map(without).collect());
        }
        let outputs = pod_outputs::with_addresses(namespace, selector);
        let pods = outputs.read(observations, evaluation)?;
        let mut with = Vec::new();
        for (pod, [output]) in pods.with_outputs() {
            if let Some(interfaces) = pod_outputs::interfaces(evaluation, pod, output) {
                with.push((pod.clone(), OwnAddresses::new(&interfaces)));
            }
        }
        Ok(with)
    }

    /// Events that say something else of an interface of which a message is expected, or that tell of one more interface. One
    /// that was added before with another address of the same network is an earlier try: the sandbox was made again.
    fn unexpected(&self, own: &OwnAddresses, of_pod: &[&Event]) -> Vec<(String, &'static str)> {
        let filled = self.messages.iter();
        let expected: Vec<String> = filled
            .filter_map(|message| message.fill(|variable| own.value(variable)).ok())
            .collect();
        let last_of = |message: &str| {
            let times = of_pod.iter().filter(|event| event.said() == message);
            times.filter_map(|event| event.last_seen()).max()
        };
        let messages: Vec<String> = self.messages.iter().map(Text::to_string).collect();
        let is_named = |said: &str| {
            let mut messages = messages.iter();
            messages.any(|message| interface_of(message) == interface_of(said))
        };
        let mut unexpected = Vec::new();
        for event in of_pod {
            let said = event.said();
            let of_interface = expected
                .iter()
                .find(|text| interface_of(text) == interface_of(said));
            let why = match of_interface {
                _ if PLACEHOLDERS.iter().any(|none| said.contains(none)) => {
                    "no pod has such an address: the plugin's result had none"
                }
                // That its address is not known is told already.
                None if is_named(said) => continue,
                None => "one more interface was added, and nobody asked for it",
                Some(_) if expected.iter().any(|text| text == said) => continue,
                Some(text) if without_addresses(text) != without_addresses(said) => {
                    "the interface was added a second time, from another network"
                }
                Some(text) if event.last_seen() < last_of(text) => continue,
                Some(_) => "the interface was added again, with an address that is not the pod's",
            };
            unexpected.push((said.to_owned(), why));
        }
        unexpected
    }

    /// The messages that no event has, with why.
    fn missing(&self, own: &OwnAddresses, seen: &BTreeSet<&str>) -> Vec<(String, String)> {
        let mut missing = Vec::new();
        for message in &self.messages {
            let (expected, why) = match message.fill(|variable| own.value(variable)) {
                Ok(filled) if seen.contains(filled.as_str()) => continue,
                Ok(filled) => (filled, "no event about the pod has this message".to_owned()),
                Err(reason) => (message.to_string(), reason),
            };
            missing.push((expected, why));
        }
        missing
    }
}

/// The interface of which a message of Multus tells: `Add eth0 [...] from ...`.
fn interface_of(message: &str) -> Option<&str> {
    message.split_whitespace().nth(1)
}

/// A message of Multus with what stands in brackets, the interface's addresses, taken out.
fn without_addresses(message: &str) -> String {
    match (message.find('['), message.rfind(']')) {
        (Some(start), Some(end)) if start < end => {
            let before = message.get(..start).unwrap_or_default();
            let after = message.get(end..).unwrap_or_default();
            format!("{before}[{after}")
        }
        _ => message.to_owned(),
    }
}
