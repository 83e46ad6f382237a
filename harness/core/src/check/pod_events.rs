//! The events about each pod: one that matches for every pattern, for every pod.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::own_addresses::{self, OwnAddresses};
use super::pod_outputs;
use super::{Context, Evaluation, Rule};
use crate::observation::events::{self, Event};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations};
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
        let mut queries = if self.uses_addresses() {
            pod_outputs::with_addresses(&self.namespace, &self.selector).queries()
        } else {
            vec![pods::query(&self.namespace, &self.selector)]
        };
        queries.push(events::query(&self.namespace));
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
        for (pod, own) in &pods {
            let seen: BTreeSet<&str> = events
                .iter()
                .filter(|event| event.reason == self.reason && event.is_about(pod))
                .map(|event: &Event| event.message.as_str())
                .collect();
            let missing = self.missing(own, &seen);
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
