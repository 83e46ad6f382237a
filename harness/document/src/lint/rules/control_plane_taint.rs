//! Pods run on a control-plane node only after its taint is removed.

use crate::lint::context::Context;
use crate::lint::facts::letters;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "control-plane-taint",
    about: "A pod runs on the control-plane node, and no step makes that possible",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let text = context.document.text();
    let lower = text.to_lowercase();
    let tells = ["master node", "control-plane node", "control plane"]
        .iter()
        .any(|name| lower.contains(name));
    let removes = lower.contains("kubectl taint") || lower.contains("toleration");
    // kubectl is typed where its configuration is: on the control-plane node, where the document names such a node.
    let host = context
        .commands
        .iter()
        .filter(|command| command.program() == "kubectl")
        .find_map(|command| command.host.as_deref());
    let (Some(host), true, false) = (host, tells, removes) else {
        return Vec::new();
    };
    let scheduled = context.outputs.iter().flat_map(|output| {
        context
            .lines(&output.piece.content)
            .into_iter()
            .filter(|(_, line)| {
                line.contains("Successfully assigned ") || line.starts_with("Node: ")
            })
    });
    scheduled
        .filter_map(|(span, line)| {
            let at = line.find("Successfully assigned ").unwrap_or(0);
            let node = line[at..]
                .split([' ', '/'])
                .find(|word| letters(word) == letters(host))?;
            let span = context.locate(&span, node);
            Some(Draft::note(
                span,
                format!("a pod runs on `{node}`, the host at which kubectl is typed; a control-plane node takes no such pods until its taint is removed, and no step does that"),
                "add `kubectl taint nodes NODE node-role.kubernetes.io/control-plane-`, or show a worker",
            ))
        })
        .take(1)
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_pod_on_the_control_plane() {
        let events = "```console\nme@cp-1:~$ kubectl events\nNormal Scheduled Successfully assigned default/a to cp-1\n```\n";
        assert_snapshot!(found(&RULE, &format!("On the control-plane node:\n\n{events}")), @"5:53 note control-plane-taint: a pod runs on `cp-1`, the host at which kubectl is typed; a control-plane node takes no such pods until its taint is removed, and no step does that (hint: add `kubectl taint nodes NODE node-role.kubernetes.io/control-plane-`, or show a worker)");
        assert_eq!(
            found(
                &RULE,
                &format!(
                    "On the control-plane node:\n\n```\nkubectl taint nodes --all node-role.kubernetes.io/control-plane-\n```\n\n{events}"
                )
            ),
            ""
        );
    }
}
