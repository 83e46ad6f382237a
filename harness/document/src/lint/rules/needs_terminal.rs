//! What a step runs in a pod can be run by a program.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "needs-terminal",
    about: "A command asks for a terminal",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        let executes = command
            .kubectl()
            .first()
            .is_some_and(|word| matches!(word.text.as_str(), "exec" | "run"));
        let terminal = command
            .find(&["-it", "-ti", "-t", "--tty"])
            .filter(|_| executes);
        if let Some(word) = terminal {
            drafts.push(Draft::note(
                word.span.clone(),
                "this asks for a terminal, so no script and no pipe can run it",
                "leave `-it` out and give the command behind `--`",
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
    fn a_shell_in_a_pod() {
        assert_snapshot!(found(&RULE, "```\nkubectl exec -it web -- sh\n```\n"), @"2:14 note needs-terminal: this asks for a terminal, so no script and no pipe can run it (hint: leave `-it` out and give the command behind `--`)");
        assert_eq!(found(&RULE, "```\nkubectl exec web -- ip route\n```\n"), "");
    }
}
