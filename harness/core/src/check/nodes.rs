//! How many nodes there are, their runtime, whether they are ready, or why not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::nodes::{self, Node};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check; how many nodes and whether control planes are schedulable come from the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nodes {
    /// The container runtime's name in `nodeInfo.containerRuntimeVersion`, such as `cri-o`.
    pub runtime: String,
    /// Whether every node is Ready.
    pub ready: bool,
    /// Where not ready: a text that the Ready condition's message must contain, such as `NetworkPluginNotReady`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_ready_reason: Option<String>,
}

impl Rule for Nodes {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![nodes::query()]
    }

    fn problems(&self, written: Written<'_>) {
        if self.ready && self.not_ready_reason.is_some() {
            written.key("not-ready-reason").problem_with_hint(
                "a node that is ready has no reason not to be",
                "leave `not-ready-reason` out, or write `ready: false`",
            );
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let nodes = evaluation.nodes(nodes::read(observations)?);
        judge_count(&mut evaluation, &nodes, context);
        for node in &nodes {
            judge_schedulable(&mut evaluation, node, context);
            self.judge_runtime(&mut evaluation, node);
            self.judge_ready(&mut evaluation, node);
        }
        evaluation.fact("each node", "runtime", nodes.iter().map(runtime));
        let ready = nodes.iter().map(|node| self.readiness(node));
        evaluation.fact("each node", "ready", ready);
        Ok(evaluation)
    }
}

impl Nodes {
    fn judge_runtime(&self, evaluation: &mut Evaluation, node: &Node) {
        if runtime(node) != self.runtime {
            evaluation.fail(
                node.subject(),
                format!("runtime {}", self.runtime),
                &node.status.node_info.container_runtime_version,
                "the kubelet uses another container runtime",
            );
        }
    }

    fn judge_ready(&self, evaluation: &mut Evaluation, node: &Node) {
        let status = node.ready().map_or("absent", |ready| ready.status.as_str());
        let message = node.ready().map_or("", |ready| ready.message.as_str());
        let observed = format!("Ready is {status}: {message}");
        if self.ready {
            if status != "True" {
                let why = "the kubelet says why in its message";
                evaluation.fail(node.subject(), "Ready is True", observed, why);
            }
            return;
        }
        let reason = self.not_ready_reason.as_deref().unwrap_or_default();
        if status != "False" || !message.contains(reason) {
            evaluation.fail(
                node.subject(),
                format!("Ready is False with '{reason}' in its message"),
                observed,
                "nothing should have made the node ready yet, or something else keeps it from it",
            );
        }
    }

    /// The condition's status, with the wanted reason where the message has it: the message itself may change with the
    /// kubelet's and the runtime's version.
    fn readiness(&self, node: &Node) -> String {
        let Some(ready) = node.ready() else {
            return "absent".to_owned();
        };
        match &self.not_ready_reason {
            Some(reason) if ready.message.contains(reason) => format!("{}, {reason}", ready.status),
            _ => ready.status.clone(),
        }
    }
}

fn judge_count(evaluation: &mut Evaluation, nodes: &[Node], context: &Context) {
    let control_planes = nodes.iter().filter(|node| node.is_control_plane()).count();
    let text = |control_planes: usize, workers: usize| {
        format!("{control_planes} with the control plane, {workers} without")
    };
    let expected = text(
        context.nodes.control_planes.into(),
        context.nodes.workers.into(),
    );
    let observed = text(control_planes, nodes.len() - control_planes);
    if observed != expected {
        evaluation.fail(
            "the cluster",
            expected,
            format!("{observed}: {}", list(nodes.iter().map(Node::name))),
            "the plan asks for as many; a node that did not join is missing",
        );
    }
    evaluation.fact("the cluster", "nodes", [observed]);
    let schedulable = nodes.iter().filter(|node| node.is_control_plane());
    let schedulable = schedulable.map(|node| node.is_schedulable().to_string());
    evaluation.fact(
        "each node with the control plane",
        "schedulable",
        schedulable,
    );
}

fn judge_schedulable(evaluation: &mut Evaluation, node: &Node, context: &Context) {
    let expected = !node.is_control_plane() || context.nodes.schedulable_control_planes;
    if node.is_schedulable() != expected {
        let word = |schedulable: bool| {
            if schedulable {
                "pods may run there"
            } else {
                "no pods"
            }
        };
        evaluation.fail(
            node.subject(),
            word(expected),
            format!("{}: {}", word(node.is_schedulable()), list(node.closed())),
            "the plan says on which nodes pods may run",
        );
    }
}

/// The runtime's name, such as `cri-o` of `cri-o://1.34.0`.
fn runtime(node: &Node) -> &str {
    let version = &node.status.node_info.container_runtime_version;
    version.split_once("://").map_or(version, |(name, _)| name)
}
