//! The events about each pod: one that matches for every pattern, for every pod.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::own_addresses::{self, OwnAddresses};
use super::{Context, Evaluation, Rule};
use crate::observation::events::{self, Event};
use crate::observation::pods;
use crate::observation::{Inability, Observations, addresses};
use crate::query::Query;
use crate::written::Written;

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
    pub messages: Vec<String>,
}

impl Rule for PodEvents {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let mut queries = vec![
            pods::query(&self.namespace, &self.selector),
            events::query(&self.namespace),
        ];
        if self.uses_addresses() {
            queries.push(own_addresses::query(&self.namespace, &self.selector));
        }
        queries
    }

    fn problems(&self, written: Written<'_>) {
        for (index, message) in self.messages.iter().enumerate() {
            own_addresses::example(message, written.key("messages").item(index));
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let pods = pods::read(observations, &self.namespace, &self.selector)?;
        let events = events::read(observations, &self.namespace)?;
        let query = own_addresses::query(&self.namespace, &self.selector);
        let outputs = if self.uses_addresses() {
            observations.by_pod(&query)?
        } else {
            BTreeMap::new()
        };
        let subject = pods_subject(&self.selector);
        let mut evaluation = Evaluation::default();
        evaluation.require_pods(&pods, &self.namespace, &self.selector);
        if self.messages.is_empty() {
            evaluation.fail(
                &subject,
                "at least one message",
                "none",
                "an empty set proves nothing",
            );
        }
        let mut facts = Vec::new();
        for pod in &pods {
            let interfaces = match outputs.get(&pod.full_name()) {
                Some(output) => {
                    let subject = pod.subject();
                    let read = addresses::read(output);
                    let Some(interfaces) = evaluation.readable(&subject, "addresses", read) else {
                        continue;
                    };
                    evaluation.understood(&subject, "addresses", interfaces)
                }
                None if self.uses_addresses() => {
                    evaluation.pod_without_output(pod, "the addresses in the pod");
                    continue;
                }
                None => Vec::new(),
            };
            let own = OwnAddresses::new(&interfaces);
            let seen: BTreeSet<&str> = events
                .iter()
                .filter(|event| event.reason == self.reason && event.is_about(pod))
                .map(|event: &Event| event.message.as_str())
                .collect();
            let missing = self.missing(&own, &seen);
            let is_complete = missing.is_empty();
            for (expected, why) in missing {
                let observed = list(&seen);
                evaluation.fail(
                    pod.subject(),
                    format!("event {}: {expected}", self.reason),
                    observed,
                    why,
                );
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
        evaluation.fact(subject, format!("events {}", self.reason), facts);
        Ok(evaluation)
    }
}

impl PodEvents {
    fn uses_addresses(&self) -> bool {
        self.messages.iter().any(|message| message.contains("{{"))
    }

    /// The messages that no event has, with why.
    fn missing(&self, own: &OwnAddresses, seen: &BTreeSet<&str>) -> Vec<(String, String)> {
        let mut missing = Vec::new();
        for message in &self.messages {
            let (expected, why) = match own.fill(message) {
                Ok(filled) if seen.contains(filled.as_str()) => continue,
                Ok(filled) => (filled, "no event about the pod has this message".to_owned()),
                Err(reason) => (message.clone(), reason),
            };
            missing.push((expected, why));
        }
        missing
    }
}
