//! Whether a capture can answer for a plan: the same scenario, on the same cluster, made of the same versions.

use semver::Version;

use crate::plan::{Choice, Plan};

use super::Capture;

impl Capture {
    /// Why the capture is of something else than the plan wants; none where it fits.
    pub fn contradiction(&self, plan: &Plan) -> Option<String> {
        let differs = |what: &str, captured: &str, planned: &str| {
            format!("it is of {what} {captured}, and the plan is of {planned}")
        };
        if self.scenario != plan.scenario {
            return Some(differs("scenario", &self.scenario, &plan.scenario));
        }
        if self.source != plan.source {
            let (captured, planned) = (self.source.to_string(), plan.source.to_string());
            return Some(differs("source", &captured, &planned));
        }
        let versions: Vec<String> = plan
            .components
            .iter()
            .filter_map(|(name, choice)| self.other_version(name, choice))
            .collect();
        if !versions.is_empty() {
            return Some(versions.join("; "));
        }
        if self.nodes != plan.nodes {
            let told = |nodes: &crate::scenario::Nodes| {
                let takes_pods = if nodes.schedulable_control_planes {
                    " that take pods"
                } else {
                    ""
                };
                format!(
                    "{} control planes{takes_pods} and {} workers",
                    nodes.control_planes, nodes.workers
                )
            };
            return Some(differs(
                "a cluster with",
                &told(&self.nodes),
                &told(&plan.nodes),
            ));
        }
        let captured = (self.cluster.pod_subnet, self.cluster.service_subnet);
        let planned = (plan.pod_subnet, plan.service_subnet);
        (captured != planned).then(|| {
            let told = |(pods, services)| format!("pods {pods} and services {services}");
            differs("a cluster with", &told(captured), &told(planned))
        })
    }

    fn other_version(&self, name: &str, choice: &Choice) -> Option<String> {
        let captured = self.components.iter().find(|one| one.name == name);
        let Some(captured) = captured else {
            return Some(format!("it has no {name}"));
        };
        let is_same = captured.version.parse::<Version>().ok().as_ref() == Some(&choice.version);
        (!is_same).then(|| {
            format!(
                "it has {name} {}, and the plan {}",
                captured.version, choice.version
            )
        })
    }
}
