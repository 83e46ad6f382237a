//! How many pods are ready, on how many nodes, with none of an older revision left.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::default_network::After;
use super::evaluation::{list, pods_subject};
use super::pod_outputs;
use super::{Context, Evaluation, Rule};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pods {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// Exactly how many pods there are besides those that are being deleted, all of them ready.
    pub ready: usize,
    /// On how many nodes at least.
    pub nodes: usize,
    /// From when the pods may be: after a change that replaces all of them, the older ones are ready at once and prove
    /// nothing.
    #[serde(default, skip_serializing_if = "After::is_start")]
    pub after: After,
}

impl Rule for Pods {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![pods::query(&self.namespace, &self.selector)]
    }

    fn problems(&self, written: Written<'_>) {
        if self.ready == 0 {
            written
                .key("ready")
                .problem("no pods prove nothing: at least one is ready");
        }
        let nodes = written.key("nodes");
        if self.nodes == 0 {
            nodes.problem("pods are on at least one node");
        }
        if self.ready < self.nodes {
            nodes.problem(format!(
                "{} pods cannot be on {} nodes",
                self.ready, self.nodes
            ));
        }
        nodes.at_most_schedulable(self.nodes);
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let pods = pod_outputs::pods(
            &self.namespace,
            &self.selector,
            observations,
            &mut evaluation,
        )?;
        let subject = pods_subject(&self.selector);
        let states = || {
            list(
                pods.iter()
                    .map(|pod| format!("{} {}", pod.metadata.name, pod.state())),
            )
        };
        let ready = pods.iter().filter(|pod| pod.is_ready()).count();
        if ready != self.ready || pods.len() != self.ready {
            evaluation.fail(
                &subject,
                format!("{} pods, all ready", self.ready),
                format!("{} pods, {ready} ready: {}", pods.len(), states()),
                "the rollout has not ended, or it hangs",
            );
        }
        let revisions: BTreeSet<Option<&str>> = pods.iter().map(Pod::template_hash).collect();
        if revisions.len() > 1 {
            evaluation.fail(
                &subject,
                "pods of one revision",
                format!("{} revisions: {}", revisions.len(), states()),
                "pods of an older revision are left",
            );
        }
        if self.after == After::Step {
            let older = pods.iter().filter(|pod| {
                let made = pod.metadata.creation_timestamp;
                // The server counts in whole seconds.
                made.is_none_or(|made| made.as_second() < context.step_started.as_second())
            });
            let older: Vec<&str> = older.map(|pod| pod.metadata.name.as_str()).collect();
            if !older.is_empty() {
                evaluation.fail(
                    &subject,
                    "pods that were made in this step",
                    format!("older ones: {}", list(older)),
                    "the pods of before have not been replaced",
                );
            }
        }
        let nodes: BTreeSet<&str> = pods.iter().map(|pod| pod.spec.node_name.as_str()).collect();
        if nodes.len() < self.nodes {
            evaluation.fail(
                &subject,
                format!("pods on at least {} nodes", self.nodes),
                list(&nodes),
                "what is between nodes cannot be seen on one",
            );
        }
        evaluation.fact(&subject, "ready", [format!("{ready} of {}", pods.len())]);
        // On how many nodes they are is the scheduler's choice.
        let spread = nodes.len().min(self.nodes);
        evaluation.fact(&subject, "nodes", [format!("at least {spread}")]);
        Ok(evaluation)
    }
}
