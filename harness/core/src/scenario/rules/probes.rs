//! A check asks only probe pods that its step or an earlier one starts, and no two acts start pods of one name.

use crate::check::Check;
use crate::problem::known_names;
use crate::scenario::Act;
use crate::scenario::draft::Draft;
use crate::yaml::Reading;

use super::names;

pub(super) fn check(draft: &Draft<'_>, reading: &Reading<'_>) {
    let mut started: Vec<&str> = Vec::new();
    for step in &draft.steps {
        for act in &step.acts {
            let Act::ProbePods(probe) = &act.act else {
                continue;
            };
            let node = act.node.key("name");
            names::well_formed(&probe.name, node, reading);
            if started.contains(&probe.name.as_str()) {
                reading.problem(
                    node.span(),
                    format!("probe pods named `{}` are already there", probe.name),
                );
            }
            started.push(&probe.name);
        }
        for (node, check) in step.checks() {
            let probe = match check {
                Check::DefaultNetwork(check) => check.probe.as_deref(),
                Check::KeptNetwork(check) => Some(check.probe.as_str()),
                _ => None,
            };
            if let Some(probe) = probe
                && !started.contains(&probe)
            {
                reading.problem_with_hint(
                    node.key("probe").span(),
                    format!("no `probe-pods` of this step or an earlier one is named `{probe}`"),
                    known_names(probe, started.iter().copied()),
                );
            }
        }
    }
}
