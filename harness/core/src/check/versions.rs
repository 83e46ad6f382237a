//! The versions that the nodes report are the ones that the plan asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use semver::Version;

use super::{Context, Evaluation, Rule};
use crate::observation::nodes::{self, Node};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

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

    fn problems(&self, written: Written<'_>) {
        if !self.kubelet && !self.runtime {
            written.problem_with_hint(
                "a check that compares nothing proves nothing",
                "write `kubelet: true` or `runtime: true`",
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

/// How the name of a pre-release begins; what else follows a `-` is the build of a distribution.
const PRE_RELEASES: [&str; 5] = ["alpha", "beta", "rc", "dev", "pre"];

/// Whether `v1.34.4`, `cri-o://1.34.0-3.rhaos4.21.git5b1f0c2.el9` or `v1.34.2+k3s1` is that version: a pre-release is another
/// one, and what a distribution adds for its own build does not count.
fn is(reported: &str, wanted: &Version) -> bool {
    let number = reported.rsplit("://").next().unwrap_or_default();
    let number = number.trim_start_matches('v');
    let number = number.split_once('+').map_or(number, |(number, _)| number);
    let (number, rest) = number.split_once('-').unwrap_or((number, ""));
    let is_pre_release = PRE_RELEASES.into_iter().any(|word| {
        let after = rest.strip_prefix(word);
        after.is_some_and(|after| !after.starts_with(|next: char| next.is_alphabetic()))
    });
    let pre_release = if is_pre_release { rest } else { "" };
    Version::parse(number).is_ok_and(|version| {
        (version.major, version.minor, version.patch, pre_release)
            == (
                wanted.major,
                wanted.minor,
                wanted.patch,
                wanted.pre.as_str(),
            )
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("v1.33.1", "1.33.1", true)]
    #[case("cri-o://1.33.1", "1.33.1", true)]
    #[case("cri-o://1.33.1-12.rhaos4.20.gitab12cd3.el9", "1.33.1", true)]
    #[case("v1.33.1-eks-7c5b3a1", "1.33.1", true)]
    #[case("v1.33.1-gke.1500000", "1.33.1", true)]
    #[case("v1.33.1+rke2r1", "1.33.1", true)]
    #[case("v1.33.1-rc.0+k3s1", "1.33.1-rc.0", true)]
    #[case("v1.33.1-rc.0", "1.33.1", false)]
    #[case("v1.33.1-rc1", "1.33.1", false)]
    #[case("v1.33.1-alpha.1.17+3f2a", "1.33.1", false)]
    #[case("cri-o://1.33.1-dev", "1.33.1", false)]
    #[case("v1.33.1", "1.33.1-rc.0", false)]
    #[case("v1.33.1-eks-7c5b3a1", "1.33.1-rc.0", false)]
    #[case("v1.33.2-eks-7c5b3a1", "1.33.1", false)]
    #[case("v1.33", "1.33.0", false)]
    #[case("", "1.33.1", false)]
    fn a_build_is_its_version_and_a_pre_release_is_not(
        #[case] reported: &str,
        #[case] wanted: &str,
        #[case] expected: bool,
    ) -> Result<(), semver::Error> {
        assert_eq!(is(reported, &wanted.parse()?), expected);
        Ok(())
    }
}
