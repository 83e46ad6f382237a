//! Ignored facts are known ones, in steps that are there, and each has a reason.

use crate::observation::known_facts;
use crate::pattern::matches;
use crate::problem::known_names;
use crate::scenario::draft::Draft;
use crate::yaml::Reading;

pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    let names = draft.names();
    for ignored in &draft.ignored {
        if let Some(fact) = &ignored.fact
            && !known_facts().any(|known| matches(fact, known))
        {
            let hint = known_names(fact, known_facts());
            let span = ignored.node.key("fact").span();
            reading.problem_with_hint(span, format!("unknown fact `{fact}`"), hint);
        }
        let is_literal = |fact: &str| {
            !fact
                .split('.')
                .next()
                .is_some_and(|kind| kind.contains('*'))
        };
        if let Some(fact) = ignored.fact.as_ref().filter(|fact| !is_literal(fact)) {
            reading.problem_with_hint(
                ignored.node.key("fact").span(),
                format!("`{fact}` ignores facts of every kind"),
                "name the kind before the dot, such as `files.*`",
            );
        }
        let is_anybody = |subject: &String| subject.chars().all(|letter| letter == '*');
        if ignored.subject.as_ref().is_some_and(is_anybody) {
            reading.problem_with_hint(
                ignored.node.key("subject").span(),
                "this is everybody",
                "name whose facts they are, or leave `subject` out",
            );
        }
        if let Some(step) = &ignored.step {
            names.refuse_unknown_step(step, ignored.node.key("step"), reading);
        }
        let is_blank = |reason: &String| reason.trim().is_empty();
        if ignored.reason.as_ref().is_some_and(is_blank) {
            let span = ignored.node.key("reason").span();
            let hint = "say why nothing is lost by not watching it";
            reading.problem_with_hint(span, "`reason` is empty", hint);
        }
    }
}
