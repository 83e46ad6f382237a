//! A file is called by the name that it has.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::context::Context;
use crate::lint::facts::{file_name, is_read, tokens};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "file-name",
    about: "The prose names a file with another ending than a listing shows",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    // Stem → name, of what was listed, read or written.
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |text: &'_ str| {
        for (_, token) in tokens(text) {
            let name = file_name(token);
            if let Some((stem, _)) = name.rsplit_once('.').filter(|_| is_read(name)) {
                known
                    .entry(stem.to_owned())
                    .or_default()
                    .insert(name.to_owned());
            }
        }
    };
    for output in &context.outputs {
        add(context.text(&output.piece.content));
    }
    for command in context.commands.iter().filter(|command| !command.inline) {
        add(context.text(&command.span));
    }
    let mut drafts = Vec::new();
    for block in context.prose() {
        for (at, token) in tokens(context.text(&block.span)) {
            let name = file_name(token);
            let Some((stem, _)) = name.rsplit_once('.').filter(|_| is_read(name)) else {
                continue;
            };
            if let Some(names) = known.get(stem)
                && !names.contains(name)
                && let Some(other) = names.first()
            {
                drafts.push(Draft::warning(
                    block.span.start + at.start..block.span.start + at.end,
                    format!("there is no `{name}`: the file is `{other}`"),
                    format!("write `{other}`"),
                ));
            }
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
    fn another_ending_than_the_listing_shows() {
        let list = "```console\nme@node:~$ ls\n10-a.conflist\n```\n";
        assert_snapshot!(found(&RULE, &format!("The file 10-a.conf decides.\n\n{list}")), @"1:10 warning file-name: there is no `10-a.conf`: the file is `10-a.conflist` (hint: write `10-a.conflist`)");
        assert_eq!(
            found(&RULE, &format!("The file 10-a.conflist decides.\n\n{list}")),
            ""
        );
    }
}
