//! The logs of a DaemonSet are those of one of its pods.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "logs-of-one-pod",
    about: "The logs of a workload are those of one of its pods",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for command in &context.commands {
        let words = command.kubectl();
        let [verb, target, ..] = words.as_slice() else {
            continue;
        };
        let many = ["ds/", "daemonset/", "deploy/", "deployment/"]
            .iter()
            .any(|kind| target.text.starts_with(kind));
        if verb.text == "logs" && many && command.find(&["--all-pods=true", "--all-pods"]).is_none()
        {
            drafts.push(Draft::note(
                target.span.clone(),
                format!("this shows the logs of one pod of `{}`, whichever kubectl finds: the other nodes are not looked at", target.text),
                "use a selector: `kubectl logs -l ... --prefix --tail=-1`",
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
    fn one_pod_of_many() {
        assert_snapshot!(found(&RULE, "```\nkubectl logs ds/agent -n kube-system\n```\n"), @"2:14 note logs-of-one-pod: this shows the logs of one pod of `ds/agent`, whichever kubectl finds: the other nodes are not looked at (hint: use a selector: `kubectl logs -l ... --prefix --tail=-1`)");
        assert_eq!(
            found(
                &RULE,
                "```\nkubectl logs -n kube-system -l name=agent --prefix\n```\n"
            ),
            ""
        );
    }
}
