//! What is said of how CNI configurations are chosen must be what their readers do.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "cni-claim",
    about: "The prose says of a reader of CNI configurations what it does not do",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (span, sentence) in context.sentences() {
        let lower = sentence.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&["crio", "cri-o"])
            && has(&["parse", "loads", "loaded"])
            && lower.contains(".conf")
            && lower.contains(".conflist")
            && !lower.contains(".json")
        {
            drafts.push(Draft::note(
                span.clone(),
                "CRI-O reads files that end in .json, too",
                "name all three endings: .conf, .conflist and .json",
            ));
        }
        if has(&["applied first", "apply first"])
            && has(&["next lowest", "followed by", "and so on"])
        {
            drafts.push(Draft::error(
                span.clone(),
                "configurations are not applied one after the other: the first valid file by name is the default network, and the others are not used for it",
                "say that only the first valid file is used",
            ));
        }
        if lower.contains("multus") && lower.contains("uses a default configuration") {
            drafts.push(Draft::error(
                span.clone(),
                "without a configuration to delegate to Multus uses none: its entrypoint waits, and then ends",
                "say that a network must be installed before Multus",
            ));
        }
    }
    for block in context.prose() {
        let text = context.text(&block.span);
        let lower = text.to_lowercase();
        if lower.contains("defaultnetworks") && lower.contains("primary network") {
            drafts.push(Draft::error(
                context.locate(&block.span, "primary network"),
                "none of `defaultNetworks` becomes the primary network: each is one more interface of every pod",
                "say that they are additional; the primary one is `clusterNetwork`",
            ));
        }
        if lower.contains("clusternetwork") && lower.contains("name of a network plugin") {
            drafts.push(Draft::error(
                context.locate(&block.span, "name of a network plugin"),
                "`clusterNetwork` is no plugin's name: it is that of a NetworkAttachmentDefinition, of a configuration in `confDir`, or a path",
                "say which of these is meant",
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
    fn claims_that_are_wrong() {
        assert_snapshot!(found(&RULE, "Files in **.conf** and **.conflist** are parsed by crio. The lowest is applied first, then the next lowest one.\n\nOf the `defaultNetworks` one is the primary network.\n"), @r"
            1:1 note cni-claim: CRI-O reads files that end in .json, too (hint: name all three endings: .conf, .conflist and .json)
            1:58 error cni-claim: configurations are not applied one after the other: the first valid file by name is the default network, and the others are not used for it (hint: say that only the first valid file is used)
            3:37 error cni-claim: none of `defaultNetworks` becomes the primary network: each is one more interface of every pod (hint: say that they are additional; the primary one is `clusterNetwork`)
            ");
        assert_eq!(
            found(
                &RULE,
                "Files in **.conf**, **.conflist** and **.json** are parsed by crio. Only the first one is used.\n\nEach of `defaultNetworks` is one more interface.\n"
            ),
            ""
        );
    }
}
