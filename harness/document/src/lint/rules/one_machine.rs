//! A step can be done on another machine than its author's.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::lint::context::Context;
use crate::lint::facts::{addresses, file_name};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "one-machine",
    about: "A command holds a name, a path or an address that fits one machine only",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut seen = BTreeSet::new();
    let mut drafts = Vec::new();
    let mut add = |span: Range<usize>, key: String, message: String, cure: &str| {
        if seen.insert(key) {
            drafts.push(Draft::warning(span, message, cure));
        }
    };
    for command in context.commands.iter().filter(|command| !command.inline) {
        for word in &command.words {
            if let Some(rest) = word.text.find("/home/").map(|at| &word.text[at..]) {
                let user = rest.split('/').nth(2).unwrap_or_default();
                if !user.is_empty() && !user.starts_with(['$', '<', '{']) {
                    add(
                        context.locate(&word.span, &format!("/home/{user}")),
                        format!("home {user}"),
                        format!("/home/{user} is the home of one user on one machine"),
                        "write `$HOME` or `~`",
                    );
                }
            }
        }
        let remote = matches!(command.program(), "ssh" | "scp");
        if remote && let Some(key) = command.option("-i").filter(|key| !is_usual_key(&key.text)) {
            add(
                key.span.clone(),
                format!("key {}", key.text),
                format!("only its author has the key `{}`", key.text),
                "name a variable that the reader sets, or leave the key to the reader's SSH configuration",
            );
        }
        for word in command.words.iter().filter(|_| remote) {
            let user = word.text.split_once('@').map(|(user, _)| user);
            if let Some(user) = user
                .filter(|user| !user.is_empty() && !user.contains(['$', '<', '=', '{', '[', '/']))
                .filter(|user| {
                    *user != "root" && user.chars().any(|next| next.is_ascii_lowercase())
                })
            {
                add(
                    context.locate(&word.span, user),
                    format!("user {user}"),
                    format!("the nodes' user `{user}` is that of one image"),
                    "name a variable that the reader sets",
                );
            }
        }
        for word in hosts(command.program(), &command.words) {
            for (_, address, length) in addresses(&word.text) {
                if length.is_none() && !address.is_loopback() && !is_documentation(address) {
                    let line = context.document.line_at(word.span.start);
                    add(
                        context.locate(&word.span, &address.to_string()),
                        format!("address {line}"),
                        format!(
                            "{address} is a node of one cluster; on another one nothing is reached, or something else"
                        ),
                        "ask the cluster: `kubectl get nodes -o jsonpath=...`",
                    );
                }
            }
        }
    }
    // A route to one host is a route to one machine of one network.
    for configuration in &context.configurations {
        for plugin in configuration.plugins() {
            let routes = plugin
                .pointer("/ipam/routes")
                .and_then(|routes| routes.as_array());
            for destination in routes
                .into_iter()
                .flatten()
                .filter_map(|route| route.get("dst")?.as_str())
            {
                if destination.ends_with("/32") {
                    add(
                        context.locate(&configuration.span, destination),
                        format!("route {destination}"),
                        format!("{destination} is one host of one network, and nothing says which"),
                        "say what the address is, and how the reader finds theirs",
                    );
                }
            }
        }
    }
    drafts
}

/// The words that name hosts: of an array, of a loop, and of what connects to one.
fn hosts<'a>(program: &str, words: &'a [crate::shell::Word]) -> Vec<&'a crate::shell::Word> {
    let list = program == "for" || program.contains("=(") || matches!(program, "ssh" | "scp");
    words.iter().filter(|_| list).collect()
}

fn is_usual_key(path: &str) -> bool {
    path.contains('$') || matches!(file_name(path), "id_rsa" | "id_ed25519" | "id_ecdsa")
}

fn is_documentation(address: std::net::Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    matches!(
        (first, second, third),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113)
    )
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn what_one_author_has() {
        assert_snapshot!(found(&RULE, "```\ncd /home/joe\nnodes=(\"10.1.2.3\" \"10.1.2.4\")\nfor node in 10.1.2.3; do\n  ssh -i ~/.ssh/joes joe@$node true\ndone\n```\n"), @r"
            2:4 warning one-machine: /home/joe is the home of one user on one machine (hint: write `$HOME` or `~`)
            3:9 warning one-machine: 10.1.2.3 is a node of one cluster; on another one nothing is reached, or something else (hint: ask the cluster: `kubectl get nodes -o jsonpath=...`)
            4:13 warning one-machine: 10.1.2.3 is a node of one cluster; on another one nothing is reached, or something else (hint: ask the cluster: `kubectl get nodes -o jsonpath=...`)
            5:10 warning one-machine: only its author has the key `~/.ssh/joes` (hint: name a variable that the reader sets, or leave the key to the reader's SSH configuration)
            5:22 warning one-machine: the nodes' user `joe` is that of one image (hint: name a variable that the reader sets)
            ");
        assert_eq!(
            found(
                &RULE,
                "```\ncd \"$HOME\"\nfor node in $(kubectl get nodes -o name); do\n  ssh \"$user@$node\" true\ndone\n```\n"
            ),
            ""
        );
    }
}
