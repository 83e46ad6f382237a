//! Each act and each check keeps its own rules, which live with its kind; what they see of the scenario around them is
//! gathered here.

use crate::scenario::draft::Draft;
use crate::written::{Around, Written};
use crate::yaml::Reading;

pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    let mut around = Around {
        cluster: draft.cluster.as_ref(),
        nodes: draft.nodes.as_ref(),
        // What an act that could not be read starts would be told as unknown.
        probes: draft.has_all_acts().then(Vec::new),
    };
    for step in &draft.steps {
        for act in &step.acts {
            act.act.problems(Written::new(&act.node, reading, &around));
            if let (Some(probes), Some(probe)) = (&mut around.probes, act.act.probe()) {
                probes.push(probe);
            }
        }
        for (node, check) in step.checks() {
            check.problems(Written::new(node, reading, &around));
        }
    }
}
