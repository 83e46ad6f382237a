//! A version under `when` says what it means: a bare one, which would be read as `^`, is told.

use crate::scenario::draft::Draft;
use crate::yaml::Reading;

pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    let expectations = draft.steps.iter().flat_map(|step| &step.expectations);
    for expectation in expectations {
        let node = expectation.node.key("when");
        for component in expectation.when.keys() {
            let Some(text) = node.text(component) else {
                continue;
            };
            let is_bare = |part: &str| {
                part.trim_start()
                    .starts_with(|first: char| first.is_ascii_digit())
            };
            if let Some(bare) = text.split(',').find(|part| is_bare(part)) {
                let bare = bare.trim();
                reading.problem_with_hint(
                    node.key(component).span(),
                    format!("`{bare}` is read as `^{bare}`, and every later version with that first number is meant"),
                    format!("write `={bare}` for this version alone, or `>={bare}` or `^{bare}`"),
                );
            }
        }
    }
}
