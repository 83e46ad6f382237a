//! A variable that one script sets is not set in the shell that calls it.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::PieceKind;
use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "unset-variable",
    about: "A variable is used that only a script of its own sets",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let scripts = scripts(context);
    if scripts.is_empty() {
        return Vec::new();
    }
    let in_script = |at: usize| scripts.iter().any(|script| script.contains(&at));
    let (mut inside, mut outside) = (BTreeSet::new(), BTreeSet::new());
    for command in context.commands.iter().filter(|command| !command.inline) {
        let typed = context.text(&command.span);
        if matches!(command.program(), "source" | "." | "eval") && !in_script(command.span.start) {
            return Vec::new();
        }
        for word in typed.split_whitespace() {
            if let Some((name, _)) = word.split_once('=') {
                let set = if in_script(command.span.start) {
                    &mut inside
                } else {
                    &mut outside
                };
                set.insert(name);
            }
        }
        if matches!(command.program(), "for" | "read" | "export") {
            outside.extend(typed.split_whitespace().skip(1));
        }
    }
    let mut told = BTreeSet::new();
    let mut drafts = Vec::new();
    for command in &context.commands {
        for word in command
            .words
            .iter()
            .filter(|word| !in_script(word.span.start))
        {
            let written = context.text(&word.span);
            let Some(at) = written.find('$').filter(|_| !written.starts_with('\'')) else {
                continue;
            };
            let name: &str = written[at + 1..].trim_start_matches('{');
            let length = name
                .find(|next: char| !next.is_ascii_alphanumeric() && next != '_')
                .unwrap_or(name.len());
            let (name, behind) = name.split_at(length);
            let unset =
                inside.contains(name) && !outside.contains(name) && !behind.starts_with([':', '-']);
            if unset && told.insert(name) {
                let start = word.span.start + at;
                drafts.push(Draft::warning(
                    start..start + 1 + name.len(),
                    format!("`${name}` is set in a script further up only, which sets it for itself: here it is empty"),
                    format!("set `{name}` in this shell, too"),
                ));
            }
        }
    }
    drafts
}

/// The bytes of each text that is a script by its first line.
fn scripts(context: &Context<'_>) -> Vec<Range<usize>> {
    let is_script = |span: &Range<usize>| {
        let text = context.text(span).trim_start();
        text.starts_with("#!/")
    };
    let blocks = context.document.blocks.iter().filter(|block| {
        block
            .pieces
            .iter()
            .all(|piece| piece.kind == PieceKind::Command && piece.prompt.is_none())
    });
    let bodies = context.files.iter().map(|file| file.body.clone());
    blocks
        .filter(|block| block.fence.is_some())
        .map(|block| block.span.clone())
        .chain(bodies)
        .filter(is_script)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn what_another_script_sets() {
        assert_eq!(found(&RULE, "```sh\n#!/bin/sh\nTAG=1\ndocker build -t a:$TAG .\n```\n\n```sh\n$ docker push a:$TAG\n```\n").lines().count(), 1);
        assert_eq!(
            found(
                &RULE,
                "```sh\nTAG=1\n```\n\n```sh\ndocker push a:$TAG\n```\n"
            ),
            ""
        );
    }
}
