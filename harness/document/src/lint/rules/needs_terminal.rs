//! What a step runs in a pod can be run by a program.

use crate::lint::context::{Context, Typed};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "needs-terminal",
    about: "A command asks for a terminal",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        let words = &command.words;
        let verb = match command.program() {
            "kubectl" => command.kubectl().first().map(|word| word.text.as_str()),
            "docker" => words.get(1).map(|word| word.text.as_str()),
            _ => None,
        };
        if !matches!(verb, Some("exec" | "run")) {
            continue;
        }
        let of = |letter: char, long: &str| {
            let short = Typed::short_options(words).find(|(_, other)| *other == letter);
            let long = || words.iter().find(|word| word.text == long);
            short.map(|(word, _)| word).or_else(long)
        };
        // Without `-i` kubectl takes no notice of `-t`.
        let (Some(word), Some(_)) = (of('t', "--tty"), of('i', "--stdin")) else {
            continue;
        };
        if command.program() == "docker" {
            drafts.push(Draft::note(
                word.span.clone(),
                "this asks for a terminal: docker refuses it in a script, a pipe or a CI",
                "leave `-t` out and give the command behind the container's name",
            ));
        } else {
            drafts.push(Draft::note(
                word.span.clone(),
                "this asks for a terminal: where there is none, kubectl warns and what it starts reads the script's own lines",
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
        assert_snapshot!(found(&RULE, "```\nkubectl exec -it web -- sh\n```\n"), @"2:14 note needs-terminal: this asks for a terminal: where there is none, kubectl warns and what it starts reads the script's own lines (hint: leave `-it` out and give the command behind `--`)");
        assert_eq!(found(&RULE, "```\nkubectl exec web -- ip route\n```\n"), "");
    }
}
