//! API versions that no supported Kubernetes serves any more.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "obsolete-api",
    about: "A manifest names an API version or a label that is gone",
    check,
};

/// API version, kind (empty: any), what to use instead.
const GONE: [(&str, &str, &str); 10] = [
    ("extensions/v1beta1", "Ingress", "networking.k8s.io/v1"),
    ("extensions/v1beta1", "", "apps/v1"),
    ("apps/v1beta1", "", "apps/v1"),
    ("apps/v1beta2", "", "apps/v1"),
    ("networking.k8s.io/v1beta1", "", "networking.k8s.io/v1"),
    (
        "rbac.authorization.k8s.io/v1beta1",
        "",
        "rbac.authorization.k8s.io/v1",
    ),
    (
        "apiextensions.k8s.io/v1beta1",
        "",
        "apiextensions.k8s.io/v1",
    ),
    ("batch/v1beta1", "", "batch/v1"),
    (
        "policy/v1beta1",
        "PodSecurityPolicy",
        "Pod Security admission",
    ),
    ("policy/v1beta1", "", "policy/v1"),
];

/// What control-plane nodes were marked with.
const MASTER: &str = "node-role.kubernetes.io/master";

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for manifest in &context.manifests {
        let (version, kind) = (manifest.text("/apiVersion"), manifest.text("/kind"));
        let gone = GONE
            .iter()
            .find(|(gone, of, _)| *gone == version && (of.is_empty() || *of == kind));
        if let Some((_, _, instead)) = gone {
            drafts.push(Draft::error(
                context.locate(&manifest.span, version),
                format!("no supported Kubernetes serves {kind} in {version}"),
                format!("use {instead}"),
            ));
        }
        let label = MASTER;
        let text = context.text(&manifest.span);
        // A toleration of it beside the new one's does no harm.
        let selects = text.contains(label)
            && (text.contains("nodeSelector") || text.contains("nodeAffinity"))
            && !text.contains("tolerations:");
        if selects {
            drafts.push(Draft::error(
                context.locate(&manifest.span, label),
                format!("no node has `{label}` since Kubernetes 1.24"),
                "use `node-role.kubernetes.io/control-plane`",
            ));
        }
    }
    for command in &context.commands {
        let words = command.kubectl();
        let is_taint = words.first().is_some_and(|word| word.text == "taint");
        let removed = words
            .iter()
            .find(|word| word.text.starts_with(MASTER) && word.text.ends_with('-'));
        // Beside the new taint it is for clusters of both ages.
        let both = command
            .words
            .iter()
            .any(|word| word.text.contains("control-plane"));
        if let Some(word) = removed.filter(|_| is_taint && !both) {
            drafts.push(Draft::error(
                word.span.clone(),
                format!("no node has the taint `{MASTER}` since Kubernetes 1.24: kubectl answers `taint not found` and exits with 1"),
                "use `node-role.kubernetes.io/control-plane-`",
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
    fn an_api_version_that_is_gone() {
        assert_snapshot!(found(&RULE, "```yaml\napiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n```\n"), @"2:13 error obsolete-api: no supported Kubernetes serves Deployment in extensions/v1beta1 (hint: use apps/v1)");
        assert_eq!(
            found(
                &RULE,
                "```yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n```\n"
            ),
            ""
        );
    }
}
