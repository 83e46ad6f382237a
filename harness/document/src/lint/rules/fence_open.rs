//! A fence that is opened must be closed.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "fence-open",
    about: "A code fence is never closed",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let document = context.document;
    let mut drafts = Vec::new();
    for block in &document.blocks {
        if let Some(fence) = &block.fence
            && fence.closing.is_none()
        {
            drafts.push(Draft::error(
                document.line_span(fence.opening),
                "the fence is never closed, so the rest of the document is code; an odd number of fences shifts all that follow",
                "close it, or drop it where it was meant to close the block above",
            ));
        }
    }
    drafts
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_fence_that_is_left_open() {
        assert_snapshot!(found(&RULE, "a\n\n```\nls -l\n"), @"3:1 error fence-open: the fence is never closed, so the rest of the document is code; an odd number of fences shifts all that follow (hint: close it, or drop it where it was meant to close the block above)");
        assert_eq!(found(&RULE, "a\n\n```\nls -l\n```\n"), "");
    }
}
