//! A node has one name.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::context::Context;
use crate::lint::facts::{letters, tokens};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "node-name",
    about: "One node is named in two ways",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let hosts: BTreeMap<String, &str> = context
        .commands
        .iter()
        .filter_map(|command| command.host.as_deref())
        .map(|host| (letters(host), host))
        .filter(|(letters, _)| letters.len() > 3)
        .collect();
    if hosts.is_empty() {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut drafts = Vec::new();
    for output in &context.outputs {
        let text = context.text(&output.piece.content);
        for (at, token) in tokens(text) {
            let name = token.split('/').next().unwrap_or_default();
            let host = hosts.get(&letters(name)).filter(|host| **host != name);
            if let Some(host) = host
                && seen.insert(name)
            {
                let start = output.piece.content.start + at.start;
                drafts.push(Draft::note(
                    start..start + name.len(),
                    format!("the node `{name}` is the host that calls itself `{host}` at its prompt: its kubelet was given another name, which no step says"),
                    "say how the nodes are named, or show one name",
                ));
            }
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
    fn two_names_of_one_node() {
        assert_snapshot!(found(&RULE, "```console\nme@ip-10-0:~$ kubectl get pod -o wide\na Running ip100\n```\n"), @"3:11 note node-name: the node `ip100` is the host that calls itself `ip-10-0` at its prompt: its kubelet was given another name, which no step says (hint: say how the nodes are named, or show one name)");
        assert_eq!(
            found(
                &RULE,
                "```console\nme@node-1:~$ kubectl get pod -o wide\na Running node-1\n```\n"
            ),
            ""
        );
    }
}
