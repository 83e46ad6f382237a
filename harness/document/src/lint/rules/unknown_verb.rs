//! `kubectl` knows its verbs.

use rehearse_core::problem::nearest;

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "unknown-verb",
    about: "kubectl has no such verb",
    check,
};

/// The verbs of kubectl 1.35, and those of older ones.
const VERBS: [&str; 49] = [
    "alpha",
    "annotate",
    "api-resources",
    "api-versions",
    "apply",
    "attach",
    "auth",
    "autoscale",
    "certificate",
    "cluster-info",
    "completion",
    "config",
    "convert",
    "cordon",
    "cp",
    "create",
    "debug",
    "delete",
    "describe",
    "diff",
    "drain",
    "edit",
    "events",
    "exec",
    "explain",
    "expose",
    "get",
    "help",
    "kuberc",
    "kustomize",
    "label",
    "logs",
    "options",
    "patch",
    "plugin",
    "port-forward",
    "proxy",
    "replace",
    "rolling-update",
    "rollout",
    "run",
    "scale",
    "set",
    "stop",
    "taint",
    "top",
    "uncordon",
    "version",
    "wait",
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for command in context
        .commands
        .iter()
        .filter(|command| command.program() == "kubectl")
    {
        let Some(word) = command.words.get(1) else {
            continue;
        };
        let verb = word.text.as_str();
        let is_plain = verb.len() > 2
            && verb
                .bytes()
                .all(|next| next.is_ascii_lowercase() || next == b'-')
            && !verb.starts_with('-');
        if !is_plain || word.quoted || VERBS.contains(&verb) {
            continue;
        }
        // Plugins have names of their own; what is nearly a verb is none of them.
        if let Some(near) = nearest(verb, VERBS) {
            drafts.push(Draft::error(
                word.span.clone(),
                format!(
                    "kubectl has no verb `{verb}`: it answers `unknown command` and exits with 1"
                ),
                format!("write `{near}`"),
            ));
        }
    }
    drafts
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_verb_with_a_slip() {
        assert_eq!(found(&RULE, "```\nkubectl discribe pod web\nkubectl krew list\nkubectl -n lab get pods\nkubectl calico version\n```\n").lines().count(), 1);
    }
}
