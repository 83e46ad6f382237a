//! A fence that is opened must be closed.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};
use crate::{Block, Document};

pub(super) const RULE: Rule = Rule {
    code: "fence-open",
    about: "A code fence is never closed",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let document = context.document;
    // A list or a quote ends the fences in it.
    let last = (1..=document.line_count())
        .rev()
        .find(|line| !document.line(*line).trim().is_empty())
        .unwrap_or(0);
    let mut drafts = Vec::new();
    for block in &document.blocks {
        if let Some(fence) = &block.fence
            && fence.closing.is_none()
            && (block.lines.last >= last || closes_outside(document, block))
        {
            drafts.push(Draft::error(
                document.line_span(fence.opening),
                "the fence is never closed, so the rest of the document is code; an odd number of fences shifts all that follow",
                "close it, or drop it where it was meant to close the block above",
            ));
        }
    }
    // What follows the first one is shifted by it.
    drafts.truncate(1);
    drafts
}

/// Whether a fence stands on the line behind a block, outside of what the block is in.
fn closes_outside(document: &Document, block: &Block) -> bool {
    let behind = document.line(block.lines.last + 1);
    behind.starts_with("```") || behind.starts_with("~~~")
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
