//! New pods hang because their sandbox cannot be made, for the reason given, while the older ones stay ready.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::pod_outputs;
use super::{Context, Evaluation, Rule};
use crate::observation::events::{self, Event};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations};
use crate::query::Query;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SandboxFailure {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// Texts that a `FailedCreatePodSandBox` event about a waiting pod contains, all of them in one message.
    pub contains: Vec<String>,
    /// How many older pods stay ready.
    pub still_ready: usize,
}

impl Rule for SandboxFailure {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![
            pods::query(&self.namespace, &self.selector),
            events::query(&self.namespace),
        ]
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
        let events = events::read(observations, &self.namespace)?;
        let subject = pods_subject(&self.selector);
        let (ready, waiting): (Vec<&Pod>, Vec<&Pod>) = pods.iter().partition(|pod| pod.is_ready());
        if ready.len() != self.still_ready {
            evaluation.fail(
                &subject,
                format!("{} ready pods", self.still_ready),
                format!(
                    "{}: {}",
                    ready.len(),
                    list(ready.iter().map(|pod| &pod.metadata.name))
                ),
                "a rollout that hangs must leave the older pods as they are",
            );
        }
        if waiting.is_empty() {
            evaluation.fail(
                &subject,
                "a new pod that waits",
                "none",
                "nothing hangs, or the new pod is not there yet",
            );
        }
        for pod in &waiting {
            let addresses = pod.addresses();
            let is_running = pod.status.phase == "Running";
            if is_running || !addresses.is_empty() {
                evaluation.fail(
                    pod.subject(),
                    "no sandbox: neither running nor with an address",
                    format!("{}, addresses: {}", pod.state(), list(&addresses)),
                    "a pod without a sandbox has no address; this one was given a network",
                );
            }
        }
        let seen: Vec<bool> = waiting
            .iter()
            .map(|pod| self.judge(&mut evaluation, pod, &events))
            .collect();
        evaluation.fact(&subject, "still ready", [ready.len().to_string()]);
        let seen = seen.into_iter().map(|is_seen| {
            if is_seen {
                self.contains.join("; ")
            } else {
                "another reason or none".to_owned()
            }
        });
        evaluation.fact(&subject, "sandbox failure", seen);
        Ok(evaluation)
    }

    fn expects_hopeless(&self) -> bool {
        true
    }
}

impl SandboxFailure {
    fn judge(&self, evaluation: &mut Evaluation, pod: &Pod, events: &[Event]) -> bool {
        let failures: Vec<&Event> = events
            .iter()
            .filter(|event| event.reason == "FailedCreatePodSandBox" && event.is_about(pod))
            .collect();
        let has_all = |event: &&Event| self.contains.iter().all(|text| event.said().contains(text));
        if failures.iter().copied().any(|event| has_all(&event)) {
            return true;
        }
        let last = failures.iter().max_by_key(|event| event.last_seen());
        let observed = last.map_or_else(
            || format!("no such event; the pod is {}", pod.state()),
            |event| event.said().to_owned(),
        );
        evaluation.fail(
            pod.subject(),
            format!(
                "a FailedCreatePodSandBox event with {}",
                list(self.contains.iter().map(|text| format!("'{text}'")))
            ),
            observed,
            "the sandbox fails for another reason, or has not failed yet",
        );
        false
    }
}
