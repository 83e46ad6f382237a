//! Every time can be read.

use crate::scenario::draft::Draft;
use crate::scenario::parse_duration;
use crate::yaml::{Node, Reading};

pub(super) fn check(draft: &Draft<'_>, reading: &Reading<'_>) {
    for step in &draft.steps {
        time(step.deadline.as_deref(), step.node.key("deadline"), reading);
        for expectation in &step.expectations {
            time(
                expectation.until.as_deref(),
                expectation.node.key("until"),
                reading,
            );
            time(
                expectation.hold.as_deref(),
                expectation.node.key("hold"),
                reading,
            );
        }
    }
}

fn time(text: Option<&str>, node: &Node, reading: &Reading<'_>) {
    let Some(text) = text else {
        return;
    };
    if let Err(why) = parse_duration(text) {
        reading.problem_with_hint(node.span(), format!("`{text}` is no time"), why);
    }
}
