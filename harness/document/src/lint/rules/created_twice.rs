//! `kubectl create` fails on an object that is there.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::lint::context::{Context, Typed};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "created-twice",
    about: "An object is created a second time",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        if changes_cluster(command) {
            created.clear();
            continue;
        }
        let words: Vec<_> = command
            .kubectl()
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        let dry = command
            .words
            .iter()
            .any(|word| word.text.starts_with("--dry-run"));
        let Some(verb) = words.first().filter(|_| !dry) else {
            continue;
        };
        let namespace = command
            .option("-n")
            .or_else(|| command.option("--namespace"))
            .map_or_else(|| "default".to_owned(), |word| word.text);
        let mut made = Vec::new();
        match words.as_slice() {
            ["delete", ..] => {
                // Without names, or with a file, anything may be gone.
                let names = words.get(2..).unwrap_or_default();
                if names.is_empty() || kind_of(words[1]) == "namespace" {
                    created.clear();
                }
                for name in names {
                    created.remove(&format!("{} {name} in {namespace}", kind_of(words[1])));
                }
            }
            ["create", kind, rest @ ..] => {
                // A secret and a service have a type before their name.
                let typed = matches!(kind_of(kind), "secret" | "service");
                if let Some(name) = rest.get(usize::from(typed)).filter(|_| *kind != "token") {
                    made.push([
                        kind_of(kind).to_owned(),
                        (*name).to_owned(),
                        namespace.clone(),
                    ]);
                }
            }
            _ => {}
        }
        if matches!(*verb, "create" | "apply") {
            for body in context
                .pipeline(command.pipeline)
                .flat_map(|other| &other.bodies)
            {
                made.extend(given(context, body, &namespace));
            }
        }
        for [kind, name, namespace] in made {
            if name.is_empty() || name.contains(['$', '<', '{']) {
                continue;
            }
            let key = format!("{kind} {name} in {namespace}");
            let Some(first) = created.get(&key) else {
                created.insert(key, context.document.line_at(command.span.start));
                continue;
            };
            if *verb == "create" {
                drafts.push(Draft::error(command.span.clone(), format!("`{kind} {name}` is created at line {first} already: kubectl answers AlreadyExists and exits with 1"),
                    "leave the command out, delete the object first, or use `kubectl apply`",
                ));
            }
        }
    }
    drafts
}

/// Whether what was created is on another cluster from here on.
fn changes_cluster(command: &Typed) -> bool {
    match command.program() {
        "kind" | "minikube" | "k3d" | "kubeadm" | "kubectx" | "kubens" => true,
        "kubectl" => {
            command.option("--context").is_some()
                || command.find(&["use-context", "set-context"]).is_some()
        }
        _ => false,
    }
}

/// A kind's full name.
fn kind_of(kind: &str) -> &str {
    match kind {
        "ns" | "namespaces" => "namespace",
        "deploy" | "deployments" => "deployment",
        "cm" | "configmaps" => "configmap",
        "sa" | "serviceaccounts" => "serviceaccount",
        "svc" | "services" => "service",
        "po" | "pods" => "pod",
        "secrets" => "secret",
        "net-attach-def" => "networkattachmentdefinition",
        other => other,
    }
}

/// The objects in a here-document: kind, name and namespace.
fn given(context: &Context<'_>, body: &Range<usize>, namespace: &str) -> Vec<[String; 3]> {
    let first = context
        .manifests
        .partition_point(|manifest| manifest.span.start < body.start);
    context.manifests[first..]
        .iter()
        .take_while(|manifest| manifest.span.start < body.end)
        .map(|manifest| {
            let own = manifest.text("/metadata/namespace");
            let namespace = if own.is_empty() { namespace } else { own };
            let kind = manifest.text("/kind").to_lowercase();
            [
                kind,
                manifest.text("/metadata/name").to_owned(),
                namespace.to_owned(),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_second_create() {
        assert_snapshot!(found(&RULE, "```\nkubectl create deployment web --image=a/b\n```\n\ntext\n\n```\nkubectl create deployment web --image=a/c\n```\n"), @"8:1 error created-twice: `deployment web` is created at line 2 already: kubectl answers AlreadyExists and exits with 1 (hint: leave the command out, delete the object first, or use `kubectl apply`)");
        assert_eq!(
            found(
                &RULE,
                "```\nkubectl create deployment web --image=a/b\nkubectl delete deployment web\nkubectl create deployment web --image=a/c\nkubectl create deployment web -n other --image=a/c\n```\n"
            ),
            ""
        );
    }
}
