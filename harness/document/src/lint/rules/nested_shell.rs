//! What is pasted behind a command that opens a shell is that shell's input, or waits until it is left.

use crate::lint::context::Context;
use crate::lint::context::Typed;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "nested-shell",
    about: "A command opens a shell, and commands follow it in the same block",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for pair in context.commands.windows(2) {
        let [command, next] = pair else { continue };
        // At a prompt the reader sees which shell answers.
        let follows = next.block == command.block && next.pipeline != command.pipeline;
        if command.inline
            || command.prompted
            || command.host.is_some()
            || !follows
            || next.program() == "exit"
        {
            continue;
        }
        let alone = command.bodies.is_empty()
            && command.redirections.is_empty()
            && context.pipeline(command.pipeline).count() == 1;
        let typed = context.text(&command.span);
        if alone && opens_shell(command, typed) && !typed.contains('\n') {
            drafts.push(Draft::warning(
                command.span.clone(),
                "this opens a shell: the lines behind it, pasted with it, become its input or run after it is left",
                "put what is typed in that shell into a block of its own, or hand it over: `sudo sh -c '...'`",
            ));
        }
    }
    drafts
}

fn opens_shell(command: &Typed, typed: &str) -> bool {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let is_shell = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or_default();
        matches!(name, "bash" | "sh" | "zsh" | "ash")
    };
    match words.as_slice() {
        ["sudo", "-i" | "-s" | "su" | "bash" | "sh"]
        | ["sudo", "su", "-" | "-l" | "root"]
        | ["sudo", "su", "-", _]
        | ["su" | "bash" | "zsh"]
        | ["su", "-" | "root"]
        | ["su", "-", _]
        | ["minikube" | "vagrant", "ssh"]
        | ["newgrp", _] => true,
        ["vagrant", "ssh", name] => !name.starts_with('-'),
        _ => {
            let inner = command.innermost();
            let attached = Typed::short_options(&command.words).any(|(_, letter)| letter == 't');
            let inside = inner.len() < command.words.len();
            match (command.program(), inner) {
                ("kubectl" | "oc" | "docker" | "podman" | "nerdctl" | "crictl", [shell]) => {
                    inside && attached && is_shell(&shell.text)
                }
                ("ssh", [_, host]) => !host.text.starts_with('-') && !inside,
                _ => false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_shell_with_lines_behind_it() {
        assert_eq!(
            found(&RULE, "```bash\nsudo -i\napt-get update\n```\n")
                .lines()
                .count(),
            1
        );
        assert_eq!(
            found(
                &RULE,
                "```bash\nkubectl exec -it web -- bash\nip route\n```\n"
            )
            .lines()
            .count(),
            1
        );
        assert_eq!(
            found(&RULE, "```bash\nssh me@lab\nip route\n```\n")
                .lines()
                .count(),
            1
        );
        assert_eq!(found(&RULE, "```bash\nsudo -i\n```\n"), "");
        assert_eq!(
            found(&RULE, "```bash\nssh me@lab ip route\nls -l\n```\n"),
            ""
        );
        assert_eq!(
            found(&RULE, "```console\n$ sudo -i\n# apt-get update\n```\n"),
            ""
        );
    }
}
