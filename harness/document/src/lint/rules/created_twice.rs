//! `kubectl create` fails on an object that is there.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::lint::context::{Context, Typed};
use crate::lint::{Draft, Rule};
use crate::shell::Course;

pub(super) const RULE: Rule = Rule {
    code: "created-twice",
    about: "An object is created a second time",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    let mut drafts = Vec::new();
    // The file that tells which cluster is meant.
    let mut kubeconfig = String::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        if changes_cluster(command) {
            created.clear();
            continue;
        }
        let variable = kubeconfig_variable(context, command);
        if command.program() != "kubectl" {
            kubeconfig = variable.unwrap_or(kubeconfig);
            continue;
        }
        let cluster = command.option("--kubeconfig").map(|word| word.text);
        let cluster = cluster.or(variable).unwrap_or_else(|| kubeconfig.clone());
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
                let kinds = words.get(1).copied().unwrap_or_default();
                let takes_all = |kind| matches!(kind_of(kind), "namespace" | "all");
                if names.is_empty() || kinds.split([',', '/']).any(takes_all) {
                    created.clear();
                }
                let slashed = words[1..].iter().filter_map(|word| word.split_once('/'));
                let listed = names
                    .iter()
                    .flat_map(|name| kinds.split(',').map(move |kind| (kind, *name)));
                for (kind, name) in slashed.chain(listed) {
                    created.remove(&format!(
                        "{} {name} in {namespace} of {cluster}",
                        kind_of(kind)
                    ));
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
            // What may be left out is neither a second creation nor surely a first one.
            if command.course == Course::Conditional {
                continue;
            }
            if name.is_empty() || name.contains(['$', '<', '{']) {
                continue;
            }
            let key = format!("{kind} {name} in {namespace} of {cluster}");
            let Some(first) = created.get(&key) else {
                created.insert(key, context.document.line_at(command.span.start));
                continue;
            };
            if *verb == "create" && command.course == Course::Plain {
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
                || command.option("--cluster").is_some()
                || command.option("--server").is_some()
                || command.find(&["use-context", "set-context"]).is_some()
        }
        _ => false,
    }
}

/// What a command sets `KUBECONFIG` to, be it for itself or from here on; nothing where that is `unset`.
fn kubeconfig_variable(context: &Context<'_>, command: &Typed) -> Option<String> {
    let own = context.text(&command.span);
    match command.program() {
        "unset" => command.find(&["KUBECONFIG"]).map(|_| String::new()),
        "kubectl" | "export" | "declare" => assigned(own),
        _ if own.starts_with("KUBECONFIG=") && command.words.len() == 1 => assigned(own),
        _ => None,
    }
}

fn assigned(text: &str) -> Option<String> {
    let value = text
        .split_whitespace()
        .find_map(|word| word.strip_prefix("KUBECONFIG="))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}

/// A kind's full name.
fn kind_of(kind: &str) -> &str {
    match kind.split('.').next().unwrap_or_default() {
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
    use rstest::rstest;

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

    /// What is found where a document creates a namespace, and then types this.
    fn then(text: &str) -> String {
        found(
            &RULE,
            &format!("```bash\nkubectl create ns lab\n```\n\n```bash\n{text}\n```\n"),
        )
    }

    #[rstest]
    #[case::behind_a_failure("kubectl get ns lab || kubectl create ns lab")]
    #[case::in_a_group(
        "kubectl get ns lab >/dev/null || {\n  echo none\n  kubectl create ns lab\n}"
    )]
    #[case::in_a_branch("if ! kubectl get ns lab; then\n  kubectl create ns lab\nfi")]
    #[case::as_the_condition("until kubectl create ns lab; do sleep 1; done")]
    #[case::behind_a_test("[ -n \"$FRESH\" ] && kubectl create ns lab")]
    #[case::behind_a_negation("! kubectl get ns lab && kubectl create ns lab")]
    #[case::may_fail("kubectl create ns lab || true")]
    #[case::a_group_may_fail("(cd lab; kubectl create ns lab) || echo there")]
    #[case::other_file("kubectl --kubeconfig two.conf create ns lab")]
    #[case::other_variable("export KUBECONFIG=two.conf\nkubectl create ns lab")]
    #[case::other_variable_once("KUBECONFIG=two.conf kubectl create ns lab")]
    #[case::several_kinds_deleted(
        "kubectl create deploy web --image=a/b\nkubectl delete deploy,svc web\nkubectl create deploy web --image=a/b"
    )]
    #[case::kinds_with_names(
        "kubectl create deploy web --image=a/b\nkubectl delete svc/web deploy/web\nkubectl create deploy web --image=a/b"
    )]
    fn no_second_creation(#[case] text: &str) {
        assert_eq!(then(text), "");
    }

    #[rstest]
    #[case::plain("kubectl create ns lab")]
    #[case::behind_a_success("cd lab && kubectl create ns lab")]
    #[case::gives_up("kubectl create ns lab || exit 1")]
    #[case::behind_a_branch("if true; then\n  echo yes\nfi\nkubectl create ns lab")]
    #[case::same_file("kubectl --kubeconfig two create ns a\nkubectl --kubeconfig=two create ns a")]
    #[case::first_may_fail("kubectl create ns a || true\nkubectl create ns a")]
    #[case::other_kind_deleted(
        "kubectl create deploy web --image=a/b\nkubectl delete svc,cm web\nkubectl create deploy web --image=a/b"
    )]
    fn a_second_creation(#[case] text: &str) {
        let found = then(text);
        assert!(
            found.lines().count() == 1 && found.contains("error created-twice"),
            "{found:?}"
        );
    }
}
