//! The versions that the nodes report are the ones that the plan asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use semver::Version;

use super::{Context, Evaluation, Rule};
use crate::observation::nodes::{self, Node};
use crate::observation::{Inability, Observations};
use crate::query::Query;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Versions {
    /// Whether the kubelet's version is checked against the plan's `kubernetes`.
    pub kubelet: bool,
    /// Whether the runtime's version is checked against the plan's `cri-o`.
    pub runtime: bool,
}

impl Rule for Versions {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![nodes::query()]
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let nodes = nodes::read(observations)?;
        let mut evaluation = Evaluation::default();
        evaluation.require_nodes(nodes.len(), context);
        if !self.kubelet && !self.runtime {
            evaluation.fail(
                "the check",
                "kubelet or runtime",
                "neither",
                "a check that compares nothing proves nothing",
            );
        }
        if self.kubelet {
            let version = |node: &Node| node.status.node_info.kubelet_version.clone();
            let wanted = wanted(context, "kubernetes")?;
            judge(&mut evaluation, &nodes, "kubelet", wanted, version);
        }
        if self.runtime {
            let version = |node: &Node| node.status.node_info.container_runtime_version.clone();
            let wanted = wanted(context, "cri-o")?;
            judge(&mut evaluation, &nodes, "runtime", wanted, version);
        }
        Ok(evaluation)
    }
}

fn wanted<'a>(context: &'a Context, component: &str) -> Result<&'a Version, Inability> {
    let version = context.components.get(component);
    version.ok_or_else(|| Inability::Unreadable {
        what: "component versions",
        subject: "the plan".to_owned(),
        reason: format!("it has no {component}"),
    })
}

fn judge(
    evaluation: &mut Evaluation,
    nodes: &[Node],
    program: &str,
    wanted: &Version,
    version: impl Fn(&Node) -> String,
) {
    for node in nodes {
        let reported = version(node);
        if !is(&reported, wanted) {
            evaluation.fail(
                node.subject(),
                format!("{program} {wanted}"),
                reported,
                "the node runs another version than the plan asks for",
            );
        }
    }
    evaluation.fact("each node", program, nodes.iter().map(version));
}

/// Whether `v1.34.4` or `cri-o://1.34.0` is that version; what a builder adds after a `+` does not count.
fn is(reported: &str, wanted: &Version) -> bool {
    let number = reported.rsplit("://").next().unwrap_or_default();
    let number = number.trim_start_matches('v');
    Version::parse(number).is_ok_and(|version| {
        (version.major, version.minor, version.patch, &version.pre)
            == (wanted.major, wanted.minor, wanted.patch, &wanted.pre)
    })
}
