//! Ignored facts are known ones, in steps that are there, and each has a reason.

use crate::observation::known_facts;
use crate::pattern::matches;
use crate::problem::known_names;
use crate::scenario::draft::Draft;
use crate::yaml::Reading;

pub(super) fn check(draft: &Draft<'_>, reading: &Reading<'_>) {
    for ignored in &draft.ignored {
        if let Some(fact) = &ignored.fact
            && !known_facts().any(|known| matches(fact, known))
        {
            let hint = known_names(fact, known_facts());
            let span = ignored.node.key("fact").span();
            reading.problem_with_hint(span, format!("unknown fact `{fact}`"), hint);
        }
        let ids = || draft.steps.iter().filter_map(|step| step.id.as_deref());
        if let Some(step) = &ignored.step
            && !ids().any(|id| id == step)
        {
            let span = ignored.node.key("step").span();
            let hint = known_names(step, ids());
            reading.problem_with_hint(span, format!("unknown step `{step}`"), hint);
        }
        let is_blank = |reason: &String| reason.trim().is_empty();
        if ignored.reason.as_ref().is_some_and(is_blank) {
            let span = ignored.node.key("reason").span();
            let hint = "say why nothing is lost by not watching it";
            reading.problem_with_hint(span, "`reason` is empty", hint);
        }
    }
}
