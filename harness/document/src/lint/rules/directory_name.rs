//! A directory is called by the name that it has.

use std::collections::BTreeSet;

use crate::lint::context::Context;
use crate::lint::facts::tokens;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "directory-name",
    about: "The prose names a directory that no command uses, and one that is almost called so exists",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut used = BTreeSet::new();
    for (_, piece) in context.document.pieces() {
        for (_, token) in tokens(context.text(&piece.content)) {
            let mut path = token.trim_end_matches('/');
            while path.matches('/').count() > 1 {
                used.insert(path);
                path = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            }
        }
    }
    let mut drafts = Vec::new();
    for block in context.prose() {
        for (at, token) in tokens(context.text(&block.span)) {
            let path = token.trim_end_matches('/');
            if !path.starts_with('/') || path.matches('/').count() < 2 || used.contains(path) {
                continue;
            }
            let Some((parent, name)) = path.rsplit_once('/') else {
                continue;
            };
            let folder = format!("{parent}/");
            let near = used.range(folder.as_str()..).take(100).find(|other| {
                other
                    .rsplit_once('/')
                    .is_some_and(|(other_parent, other_name)| {
                        other_parent == parent && is_near(name, other_name)
                    })
            });
            if let Some(near) = near {
                drafts.push(Draft::error(
                    block.span.start + at.start..block.span.start + at.end,
                    format!("no command uses `{path}`; what they use is `{near}`"),
                    format!("write `{near}`"),
                ));
            }
        }
    }
    drafts
}

/// Whether two names share their first three letters and all letters of the shorter one, and neither starts with the
/// other, as `crio.conf` and `crio.conf.d` do, which are two things.
fn is_near(name: &str, other: &str) -> bool {
    let (short, long) = if name.len() < other.len() {
        (name, other)
    } else {
        (other, name)
    };
    let start: String = short.chars().take(3).collect();
    start.len() == 3
        && !long.starts_with(short)
        && long.starts_with(&start)
        && long.len() - short.len() <= 5
        && short.chars().all(|next| long.contains(next))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_directory_that_is_almost_there() {
        let make = "```\nsudo mkdir -p /etc/app/conf.d\n```\n";
        assert_snapshot!(found(&RULE, &format!("Put it in /etc/app/confd/ first.\n\n{make}")), @"1:11 error directory-name: no command uses `/etc/app/confd`; what they use is `/etc/app/conf.d` (hint: write `/etc/app/conf.d`)");
        assert_eq!(
            found(
                &RULE,
                &format!("Put it in /etc/app/conf.d first, beside /etc/app/logs.\n\n{make}")
            ),
            ""
        );
    }
}
