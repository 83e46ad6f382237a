//! A list of a deployment's pods has as many as were asked for.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "replica-count",
    about: "A printed list has another number of pods than were asked for",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut asked: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut printed = BTreeMap::new();
    for output in &context.outputs {
        if let Some(command) = output.command {
            printed.entry(command).or_insert(output);
        }
    }
    let mut drafts = Vec::new();
    for (number, command) in context.commands.iter().enumerate() {
        let words: Vec<_> = command
            .kubectl()
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        let replicas = command
            .option("--replicas")
            .and_then(|word| word.text.parse().ok());
        match (words.as_slice(), replicas) {
            (["create" | "scale", "deployment" | "deploy", name, ..], Some(replicas)) => {
                asked.insert((*name).to_owned(), (replicas, command.span.start));
            }
            (["get", "pod" | "pods" | "po"], _) => {
                let Some(output) = printed.get(&number) else {
                    continue;
                };
                let lines = context.lines(&output.piece.content);
                for (name, (replicas, _)) in &asked {
                    let pods: Vec<_> = lines
                        .iter()
                        .filter(|(_, line)| {
                            is_pod_of(line.split(' ').next().unwrap_or_default(), name)
                        })
                        .collect();
                    if let Some((span, _)) = pods.first()
                        && pods.len() != *replicas
                    {
                        drafts.push(Draft::warning(
                            span.clone(),
                            format!(
                                "{} pods of `{name}` are listed, and {replicas} were asked for",
                                pods.len()
                            ),
                            "print the output of these very commands",
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    drafts
}

/// Whether a pod's name is a deployment's with two generated parts.
fn is_pod_of(pod: &str, deployment: &str) -> bool {
    pod.strip_prefix(deployment)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|rest| rest.split('-').count() == 2)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn one_pod_less_than_asked_for() {
        let list = "me@node:~$ kubectl create deployment web --image=a/b --replicas=2\nme@node:~$ kubectl get pods\nNAME   READY\nweb-6b-aa 1/1\n";
        assert_snapshot!(found(&RULE, &format!("```\n{list}```\n")), @"5:1 warning replica-count: 1 pods of `web` are listed, and 2 were asked for (hint: print the output of these very commands)");
        assert_eq!(
            found(&RULE, &format!("```\n{list}web-6b-bb 1/1\n```\n")),
            ""
        );
    }
}
