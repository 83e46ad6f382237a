//! No two acts start probe pods of one name.

use std::collections::BTreeSet;

use crate::scenario::draft::Draft;
use crate::yaml::Reading;

pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    let mut started = BTreeSet::new();
    for act in draft.acts() {
        if let Some(probe) = act.act.probe()
            && !started.insert(probe)
        {
            reading.problem(
                act.node.key("name").span(),
                format!("probe pods named `{probe}` are already there"),
            );
        }
    }
}
