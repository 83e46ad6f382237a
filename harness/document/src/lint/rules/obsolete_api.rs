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
        let label = "node-role.kubernetes.io/master";
        if context.text(&manifest.span).contains(label) {
            drafts.push(Draft::error(
                context.locate(&manifest.span, label),
                format!("no node has `{label}` since Kubernetes 1.24"),
                "use `node-role.kubernetes.io/control-plane`",
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
