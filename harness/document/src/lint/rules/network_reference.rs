//! A pod can be given only a network that is defined.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lint::context::Context;
use crate::lint::context::Manifest;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "network-reference",
    about: "A pod asks for a network, or an object is in a namespace, that the document does not make",
    check,
};

/// What a pod says of its networks.
const ANNOTATIONS: [&str; 2] = [
    "k8s.v1.cni.cncf.io/networks",
    "v1.multus-cni.io/default-network",
];

/// Where a workload's pods say it.
const PLACES: [&str; 3] = [
    "/metadata/annotations",
    "/spec/template/metadata/annotations",
    "/spec/jobTemplate/spec/template/metadata/annotations",
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let defined: BTreeSet<(&str, &str)> = context
        .manifests
        .iter()
        .filter(|manifest| manifest.text("/kind") == "NetworkAttachmentDefinition")
        .map(|manifest| {
            (
                manifest.text("/metadata/namespace"),
                manifest.text("/metadata/name"),
            )
        })
        .collect();
    let mut drafts = namespaces(context);
    if defined.is_empty() {
        return drafts;
    }
    // Operators make definitions of objects of their own; files that are not shown may hold more.
    let names: BTreeSet<&str> = context
        .manifests
        .iter()
        .map(|manifest| manifest.text("/metadata/name"))
        .collect();
    let unseen = has_unseen(context);
    for manifest in &context.manifests {
        let own = manifest.text("/metadata/namespace");
        for (namespace, name) in references(manifest) {
            let is_name = name
                .bytes()
                .all(|next| next.is_ascii_alphanumeric() || b"-.".contains(&next));
            if name.is_empty() || !is_name {
                continue;
            }
            let is_defined = defined.iter().any(|(space, other)| {
                *other == name && (namespace.is_empty() || space.is_empty() || *space == namespace)
            });
            let elsewhere =
                names.contains(name.as_str()) && !defined.iter().any(|(_, other)| *other == name);
            if is_defined || elsewhere {
                continue;
            }
            let space = if namespace.is_empty() {
                own
            } else {
                namespace.as_str()
            };
            let message = if space.is_empty() {
                format!(
                    "no NetworkAttachmentDefinition of the document is called `{name}`: the pod stays in ContainerCreating"
                )
            } else {
                format!(
                    "no NetworkAttachmentDefinition of the document is called `{name}` in namespace `{space}`: the pod stays in ContainerCreating"
                )
            };
            let cure = "define it, or write the name of one that is defined";
            let span = annotation(context, manifest, &name);
            drafts.push(if unseen {
                Draft::note(span, message, cure)
            } else {
                Draft::error(span, message, cure)
            });
        }
    }
    drafts
}

/// Whether something is applied that the document does not show.
fn has_unseen(context: &Context<'_>) -> bool {
    context.commands.iter().any(|command| {
        let words = command.kubectl();
        let applies = words
            .first()
            .is_some_and(|word| matches!(word.text.as_str(), "apply" | "create"));
        let file = command.option("-f").or_else(|| command.option("-k"));
        matches!(
            command.program(),
            "helm" | "oc" | "git" | "make" | "operator-sdk"
        ) || (applies && file.is_some_and(|file| file.text != "-"))
    })
}

/// Each network that a manifest's pods ask for: namespace, which may be empty, and name.
fn references(manifest: &Manifest) -> Vec<(String, String)> {
    let mut references = Vec::new();
    for place in PLACES {
        for annotation in ANNOTATIONS {
            let value = manifest.value.pointer(place);
            let value = value.and_then(|annotations| annotations.get(annotation));
            let Some(text) = value.and_then(Value::as_str) else {
                continue;
            };
            let text = text.trim();
            if !text.starts_with('[') {
                references.extend(text.split(',').map(|part| {
                    let part = part.trim().split('@').next().unwrap_or_default();
                    let (namespace, name) = part.split_once('/').unwrap_or(("", part));
                    (namespace.to_owned(), name.to_owned())
                }));
                continue;
            }
            let Ok(list) = serde_json::from_str::<Vec<Value>>(text) else {
                continue;
            };
            references.extend(list.iter().map(|one| {
                let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
                (text("namespace").to_owned(), text("name").to_owned())
            }));
        }
    }
    references
}

/// Where a manifest's annotation names a network.
fn annotation(context: &Context<'_>, manifest: &Manifest, name: &str) -> std::ops::Range<usize> {
    let text = context.text(&manifest.span);
    let from = ANNOTATIONS
        .iter()
        .filter_map(|annotation| text.find(annotation).map(|at| at + annotation.len()))
        .min()
        .unwrap_or(0);
    context.locate(&(manifest.span.start + from..manifest.span.end), name)
}

/// Namespaces that a cluster has, or that an installation makes.
const GIVEN: [&str; 12] = [
    "default",
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "calico-system",
    "calico-apiserver",
    "tigera-operator",
    "kube-flannel",
    "metallb-system",
    "ingress-nginx",
    "cert-manager",
    "istio-system",
];

fn namespaces(context: &Context<'_>) -> Vec<Draft> {
    let has_definition = context
        .manifests
        .iter()
        .any(|manifest| manifest.text("/kind") == "NetworkAttachmentDefinition");
    let lower = context.mentions.lower();
    let made = [
        "create ns",
        "create namespace",
        "kind: namespace",
        "--create-namespace",
        "new-project",
        "namespace create",
    ];
    if !has_definition || has_unseen(context) || made.iter().any(|words| lower.contains(words)) {
        return Vec::new();
    }
    let mut told = BTreeSet::new();
    context
        .manifests
        .iter()
        .filter_map(|manifest| {
            let namespace = manifest.text("/metadata/namespace");
            let plain = namespace.bytes().all(|next| next.is_ascii_alphanumeric() || next == b'-');
            let is_given = GIVEN.contains(&namespace) || namespace.starts_with("openshift-");
            if namespace.is_empty() || !plain || is_given || !told.insert(namespace) {
                return None;
            }
            let key = context.locate(&manifest.span, "namespace:");
            Some(Draft::warning(
                context.locate(&(key.end..manifest.span.end), namespace),
                format!("nothing in the document makes the namespace `{namespace}`: the API server answers NotFound where it is not there"),
                format!("write `kubectl create namespace {namespace}` before it"),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_network_that_nothing_defines() {
        assert_eq!(found(&RULE, "```yaml\napiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {name: one}\n```\n\n```yaml\nkind: Pod\nmetadata:\n  annotations:\n    k8s.v1.cni.cncf.io/networks: one@net1, two\n```\n").lines().count(), 1);
        assert_eq!(
            found(
                &RULE,
                "```yaml\nkind: Pod\nmetadata:\n  annotations:\n    k8s.v1.cni.cncf.io/networks: two\n```\n"
            ),
            ""
        );
    }
}
