//! A pod that is looked at was in the list before.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "pod-not-listed",
    about: "A pod is looked at that a list of its replicas does not show",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let listed: Vec<(BTreeSet<&str>, usize)> = context
        .outputs
        .iter()
        .filter(|output| {
            output.command.is_some_and(|number| {
                let words: Vec<_> = context.commands[number]
                    .kubectl()
                    .iter()
                    .map(|word| word.text.as_str())
                    .collect();
                matches!(words.as_slice(), ["get", "pod" | "pods" | "po" | "all"])
            })
        })
        .map(|output| {
            let names = context
                .lines(&output.piece.content)
                .into_iter()
                .filter_map(|(_, line)| line.split_whitespace().next())
                .collect();
            (names, output.piece.lines.first)
        })
        .collect();
    // Replica set → the first list that shows one of its pods.
    let mut lists: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, (names, _)) in listed.iter().enumerate() {
        for (set, _) in names.iter().filter_map(|name| generated(name)) {
            lists.entry(set).or_insert(number);
        }
    }
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        for word in &command.words {
            let name = word.text.rsplit('/').next().unwrap_or_default();
            let Some((replica_set, _)) = generated(name) else {
                continue;
            };
            // Another replica set is another pod template; the same one has these pods and no other.
            let list = lists.get(replica_set).map(|number| &listed[*number]);
            if let Some((names, line)) = list
                && !names.contains(name)
            {
                drafts.push(Draft::warning(
                    word.span.clone(),
                    format!("`{name}` is not among the pods of its replica set that line {line} lists: the outputs are of different runs"),
                    "use a pod that is listed, or a selector instead of a generated name",
                ));
            }
        }
    }
    drafts
}

/// A deployment's pod: its replica set's name and the pod's own part.
fn generated(name: &str) -> Option<(&str, &str)> {
    let (set, own) = name.rsplit_once('-')?;
    let (_, hash) = set.rsplit_once('-')?;
    let is_part = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    (own.len() == 5 && (8..=10).contains(&hash.len()) && is_part(own) && is_part(hash))
        .then_some((set, own))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_pod_that_is_in_no_list() {
        let list = "```console\nme@node:~$ kubectl get pods\nNAME   READY\nweb-6965c788cf-aaaaa   1/1\n```\n\n";
        assert_snapshot!(found(&RULE, &format!("{list}```\nkubectl logs web-6965c788cf-bbbbb\n```\n")), @"8:14 warning pod-not-listed: `web-6965c788cf-bbbbb` is not among the pods of its replica set that line 3 lists: the outputs are of different runs (hint: use a pod that is listed, or a selector instead of a generated name)");
        assert_eq!(
            found(
                &RULE,
                &format!("{list}```\nkubectl logs web-6965c788cf-aaaaa\n```\n")
            ),
            ""
        );
    }
}
