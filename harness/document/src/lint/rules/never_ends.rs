//! A command of a step ends.

use crate::Kind;
use crate::lint::context::{Context, Typed};
use crate::lint::{Draft, Rule};
use crate::shell::Word;

pub(super) const RULE: Rule = Rule {
    code: "never-ends",
    about: "A command never ends",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        if command.background {
            continue;
        }
        let words = command.innermost();
        let Some(word) = forever(words).or_else(|| forever(&command.words)) else {
            continue;
        };
        let bounded = command.find(&["timeout"]).is_some()
            || context.pipeline(command.pipeline).any(|other| {
                matches!(other.program(), "timeout" | "head")
                    || other.words.iter().any(|word| {
                        let text = word.text.as_str();
                        text == "--max-count=1" || matches!(text, "-m1" | "-qm1" | "-q" | "--quiet")
                    }) && other.program() == "grep"
            });
        if !bounded && !is_told_to_stop(context, command.block) {
            drafts.push(Draft::warning(
                word.span.clone(),
                "the command never ends: who follows the steps must know when to stop it, and a program cannot",
                "leave the option out, or bound it with `timeout`",
            ));
        }
    }
    drafts
}

/// The word by which a command goes on until it is stopped.
fn forever(words: &[Word]) -> Option<&Word> {
    let program = words.first()?;
    let has = |texts: &[&str]| {
        let mut own = words.iter().take_while(|word| word.text != "--");
        own.find(|word| texts.contains(&word.text.as_str()))
    };
    let short = |letter: char| {
        let mut options = Typed::short_options(words);
        options
            .find(|(_, other)| *other == letter)
            .map(|(word, _)| word)
    };
    let follows = || has(&["--follow", "--follow=true"]).or_else(|| short('f'));
    match program.text.rsplit('/').next()? {
        "journalctl" => follows(),
        "tail" => follows().or_else(|| short('F')),
        "crictl" | "docker" | "podman" | "nerdctl" => has(&["logs"]).and_then(|_| follows()),
        "kubectl" | "oc" => {
            let verbs = [
                "logs",
                "get",
                "events",
                "port-forward",
                "proxy",
                "exec",
                "apply",
            ];
            let verb = words
                .iter()
                .find(|word| verbs.contains(&word.text.as_str()))?;
            match verb.text.as_str() {
                "logs" => follows(),
                "get" | "events" => {
                    has(&["--watch", "--watch=true", "--watch-only"]).or_else(|| short('w'))
                }
                "port-forward" | "proxy" => Some(verb),
                _ => None,
            }
        }
        "watch" => Some(program),
        // `-c` counts, `-w` sets a deadline; Windows has another one.
        "ping" | "ping6" => {
            let bounded = words.iter().skip(1).any(|word| {
                let text = word
                    .text
                    .trim_end_matches(|next: char| next.is_ascii_digit() || next == '.');
                text.starts_with('-')
                    && !text.starts_with("--")
                    && text.contains(['c', 'w', 'n'])
                    && !matches!(text, "-n")
                    || text.contains("--count")
                    || word.text.starts_with("-c")
            });
            (!bounded && words.len() > 1).then_some(program)
        }
        "tcpdump" => {
            let bounded = words.iter().any(|word| {
                word.text.starts_with("-c")
                    || matches!(word.text.as_str(), "-r" | "-D" | "--version")
            }) || short('c').is_some()
                || short('r').is_some();
            (!bounded).then_some(program)
        }
        _ => None,
    }
}

/// What a guide says where its reader is to go on elsewhere, or to end a command.
const TOLD: [&str; 26] = [
    "another terminal",
    "second terminal",
    "new terminal",
    "other terminal",
    "separate terminal",
    "different terminal",
    "another shell",
    "second shell",
    "new shell",
    "separate shell",
    "other shell",
    "another window",
    "second window",
    "new window",
    "separate window",
    "terminal window",
    "another tab",
    "new tab",
    "ctrl+c",
    "ctrl-c",
    "ctrl + c",
    "control-c",
    "control+c",
    "^c",
    "ctl-c",
    "in the background",
];

/// Whether the block itself or the prose next to it says how the reader goes on.
fn is_told_to_stop(context: &Context<'_>, block: usize) -> bool {
    let blocks = &context.document.blocks;
    let near = blocks.get(block.saturating_sub(2)..(block + 4).min(blocks.len()));
    near.unwrap_or_default().iter().any(|other| {
        let own = other.span == blocks[block].span && other.span.len() < 4096;
        let prose = matches!(other.kind, Kind::Prose | Kind::Heading) && other.span.len() < 4096;
        (own || prose) && {
            let lower = context.text(&other.span).to_lowercase();
            TOLD.iter().any(|words| lower.contains(words))
        }
    })
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
