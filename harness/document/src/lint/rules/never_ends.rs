//! A command of a step ends.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "never-ends",
    about: "A command never ends",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        let follow = ["-f", "--follow", "-F"];
        let watch = ["-w", "--watch"];
        let forever = match command.program() {
            "journalctl" | "tail" | "crictl" | "docker" | "podman" => {
                command.find(&follow).filter(|_| {
                    matches!(command.program(), "journalctl" | "tail")
                        || command.find(&["logs"]).is_some()
                })
            }
            "kubectl" => {
                let verb = command.kubectl().first().map(|word| word.text.as_str());
                match verb {
                    Some("logs") => command.find(&follow),
                    Some("get" | "events") => command.find(&watch),
                    Some("port-forward" | "proxy") => command.words.get(1),
                    _ => None,
                }
            }
            "watch" => command.words.first(),
            "ping" => command.words.first().filter(|_| {
                !command
                    .words
                    .iter()
                    .any(|word| word.text.starts_with("-c") || word.text.starts_with("-w"))
            }),
            _ => None,
        };
        let bounded = context.pipeline(command.pipeline).any(|other| {
            matches!(other.program(), "timeout" | "head")
                || other
                    .words
                    .iter()
                    .any(|word| word.text.starts_with("-m1") || word.text == "--max-count=1")
        });
        if let Some(word) = forever.filter(|_| !bounded) {
            drafts.push(Draft::warning(
                word.span.clone(),
                "the command never ends: who follows the steps must know when to stop it, and a program cannot",
                "leave the option out, or bound it with `timeout`",
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
    fn a_command_that_follows() {
        assert_snapshot!(found(&RULE, "```\njournalctl -f -u crio | grep a\nkubectl logs -f pod/a\nkubectl get pods -w\nping 192.0.2.1\n```\n"), @r"
            2:12 warning never-ends: the command never ends: who follows the steps must know when to stop it, and a program cannot (hint: leave the option out, or bound it with `timeout`)
            3:14 warning never-ends: the command never ends: who follows the steps must know when to stop it, and a program cannot (hint: leave the option out, or bound it with `timeout`)
            4:18 warning never-ends: the command never ends: who follows the steps must know when to stop it, and a program cannot (hint: leave the option out, or bound it with `timeout`)
            5:1 warning never-ends: the command never ends: who follows the steps must know when to stop it, and a program cannot (hint: leave the option out, or bound it with `timeout`)
            ");
        assert_eq!(
            found(
                &RULE,
                "```\njournalctl -u crio | grep a\ntimeout 9 kubectl logs -f pod/a\nkubectl apply -f a.yaml\nping -c 3 192.0.2.1\n```\n"
            ),
            ""
        );
    }
}
