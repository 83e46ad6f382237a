//! A changed pod template is rolled out in the background, and may never be done.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "rollout-not-awaited",
    about: "A changed pod template is not waited for",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (number, command) in context.commands.iter().enumerate() {
        let words: Vec<_> = command
            .kubectl()
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        let changes = match words.as_slice() {
            ["patch", kind, ..] if is_workload(kind) => {
                let patch = command.option("-p").or_else(|| command.option("--patch"));
                patch.is_some_and(|patch| patch.text.contains("\"template\""))
            }
            ["set", "image" | "env", ..] => true,
            _ => false,
        };
        if !changes || command.inline {
            continue;
        }
        let mut after = context.commands[number + 1..]
            .iter()
            .filter(|other| !other.inline);
        let waits = after.next().is_some_and(|next| {
            let next: Vec<_> = next
                .kubectl()
                .iter()
                .map(|word| word.text.as_str())
                .collect();
            matches!(next.as_slice(), ["rollout", "status", ..] | ["wait", ..])
        });
        if !waits {
            drafts.push(Draft::warning(
                command.span.clone(),
                "the changed template is rolled out in the background; what is looked at next may be a pod of before, and a pod that cannot start holds the rollout for ever",
                "add `kubectl rollout status ... --timeout=2m`",
            ));
        }
    }
    drafts
}

fn is_workload(kind: &str) -> bool {
    let kind = kind.split('/').next().unwrap_or_default();
    matches!(
        kind,
        "deployment" | "deploy" | "daemonset" | "ds" | "statefulset" | "sts"
    )
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_patch_without_a_wait() {
        let patch = "kubectl patch deployment web -p '{\"spec\":{\"template\":{}}}'";
        assert_snapshot!(found(&RULE, &format!("```\n{patch}\nkubectl get pods\n```\n")), @"2:1 warning rollout-not-awaited: the changed template is rolled out in the background; what is looked at next may be a pod of before, and a pod that cannot start holds the rollout for ever (hint: add `kubectl rollout status ... --timeout=2m`)");
        assert_eq!(
            found(
                &RULE,
                &format!("```\n{patch}\nkubectl rollout status deployment web --timeout=1m\n```\n")
            ),
            ""
        );
    }
}
