//! An image is pulled where its pods will run.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "local-pull",
    about: "An image is pulled on one node only",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut everywhere = BTreeMap::new();
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        if !command.starts_with(&["crictl", "pull"]) {
            continue;
        }
        // In a loop over the nodes it stands in a here-document or behind `ssh`, which is another command.
        let everywhere = *everywhere.entry(command.block).or_insert_with(|| {
            let text = context.text(&context.document.blocks[command.block].span);
            text.contains("ssh ") || text.contains("for ")
        });
        if !everywhere {
            drafts.push(Draft::note(
                command.span.clone(),
                "this pulls on the node where it is typed; the pods of the other nodes pull for themselves",
                "pull on every node, or leave it to the kubelet",
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
    fn a_pull_on_this_node() {
        assert_snapshot!(found(&RULE, "```\nsudo crictl pull quay.io/a/b:v1\n```\n"), @"2:1 note local-pull: this pulls on the node where it is typed; the pods of the other nodes pull for themselves (hint: pull on every node, or leave it to the kubelet)");
        assert_eq!(
            found(
                &RULE,
                "```\nfor node in $nodes; do\n  ssh $node sudo crictl pull quay.io/a/b:v1\ndone\n```\n"
            ),
            ""
        );
    }
}
