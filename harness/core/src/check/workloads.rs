//! Every named workload of a namespace has all its pods ready, and at least one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::workloads::{self, DaemonSet, Deployment};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workloads {
    /// The workloads' namespace.
    pub namespace: String,
    /// Names of Deployments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deployments: Vec<String>,
    /// Names of DaemonSets; each has a pod on every node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub daemon_sets: Vec<String>,
}

impl Rule for Workloads {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let mut queries = Vec::new();
        if !self.deployments.is_empty() {
            queries.push(workloads::deployments_query(&self.namespace));
        }
        if !self.daemon_sets.is_empty() {
            queries.push(workloads::daemon_sets_query(&self.namespace));
        }
        queries
    }

    fn problems(&self, written: Written<'_>) {
        written.names_something(&["deployments", "daemon-sets"]);
        for (key, names) in [
            ("deployments", &self.deployments),
            ("daemon-sets", &self.daemon_sets),
        ] {
            for (index, name) in names.iter().enumerate() {
                written.key(key).item(index).object_name(name);
            }
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        if self.deployments.is_empty() && self.daemon_sets.is_empty() {
            evaluation.fail(
                format!("workloads of {}", self.namespace),
                "at least one name",
                "none",
                "a check that names nothing proves nothing",
            );
        }
        if !self.deployments.is_empty() {
            let found = workloads::deployments(observations, &self.namespace)?;
            let found = evaluation.understood(&self.namespace, "deployments", found);
            for name in &self.deployments {
                let subject = format!("deployment {}/{name}", self.namespace);
                let one = found.iter().find(|found| found.metadata.name == *name);
                if let Some(deployment) = one {
                    judge_deployment(&mut evaluation, subject, deployment);
                } else {
                    let names = list(found.iter().map(|found| &found.metadata.name));
                    absent(&mut evaluation, subject, &names);
                }
            }
        }
        if !self.daemon_sets.is_empty() {
            let found = workloads::daemon_sets(observations, &self.namespace)?;
            let found = evaluation.understood(&self.namespace, "daemonsets", found);
            for name in &self.daemon_sets {
                let subject = format!("daemonset {}/{name}", self.namespace);
                let one = found.iter().find(|found| found.metadata.name == *name);
                if let Some(set) = one {
                    judge_daemon_set(&mut evaluation, subject, set, context);
                } else {
                    let names = list(found.iter().map(|found| &found.metadata.name));
                    absent(&mut evaluation, subject, &names);
                }
            }
        }
        Ok(evaluation)
    }
}

fn absent(evaluation: &mut Evaluation, subject: String, names: &str) {
    evaluation.fail(
        subject,
        "all pods ready",
        format!("absent; there are: {names}"),
        "it was not made yet, or has another name in this version",
    );
}

fn judge_deployment(evaluation: &mut Evaluation, subject: String, deployment: &Deployment) {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let status = &deployment.status;
    let is_current = status.observed_generation >= deployment.metadata.generation;
    let numbers = [
        status.replicas,
        status.updated_replicas,
        status.ready_replicas,
        status.available_replicas,
    ];
    let is_ready = wanted > 0 && is_current && numbers.iter().all(|number| *number == wanted);
    if !is_ready {
        evaluation.fail(
            &subject,
            if wanted == 0 {
                "at least one pod, current and ready".to_owned()
            } else {
                format!("{wanted} wanted, all current and ready")
            },
            format!(
                "{wanted} wanted, {} there, {} current, {} ready, {} available{}",
                status.replicas,
                status.updated_replicas,
                status.ready_replicas,
                status.available_replicas,
                stale(is_current),
            ),
            "the rollout has not ended",
        );
    }
    // How many a Deployment wants may be set by an autoscaler at any moment, as Calico does with Typha.
    let ready = if is_ready { "all" } else { "not all" };
    evaluation.fact(subject, "ready", [ready]);
}

fn judge_daemon_set(
    evaluation: &mut Evaluation,
    subject: String,
    set: &DaemonSet,
    context: &Context,
) {
    let wanted = context.nodes.count();
    let status = &set.status;
    let is_current = status.observed_generation >= set.metadata.generation;
    let numbers = [
        status.desired_number_scheduled,
        status.updated_number_scheduled,
        status.number_ready,
        status.number_available,
    ];
    let is_wanted = |number: &u32| usize::try_from(*number).is_ok_and(|number| number == wanted);
    if !is_current || !numbers.iter().all(is_wanted) {
        evaluation.fail(
            &subject,
            format!("a current and ready pod on each of {wanted} nodes"),
            format!(
                "{} wanted, {} current, {} ready, {} available{}",
                status.desired_number_scheduled,
                status.updated_number_scheduled,
                status.number_ready,
                status.number_available,
                stale(is_current),
            ),
            "the rollout has not ended, or a node takes no pod",
        );
    }
    let ready = format!("{} of {wanted}", status.number_ready);
    evaluation.fact(subject, "ready", [ready]);
}

fn stale(is_current: bool) -> &'static str {
    if is_current {
        ""
    } else {
        ", of an older generation"
    }
}
