//! The cluster has a control plane, and a node that pods may run on.

use crate::scenario::draft::Draft;
use crate::yaml::Reading;

pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    let Some(nodes) = &draft.nodes else {
        return;
    };
    let node = draft.node.key("nodes");
    if nodes.control_planes == 0 {
        reading.problem(
            node.key("control-planes").span(),
            "a cluster has at least one control plane",
        );
    }
    if nodes.workers == 0 && !nodes.schedulable_control_planes {
        reading.problem_with_hint(
            node.key("workers").span(),
            "no node may run pods",
            "add a worker, or say `schedulable-control-planes: true`",
        );
    }
}
