//! What is fetched is the same tomorrow.

use crate::lint::context::Context;
use crate::lint::facts::urls;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "moving-source",
    about: "A file or a repository is fetched from a place that changes",
    check,
};

const MOVING: [&str; 6] = [
    "/latest/",
    "/master/",
    "/main/",
    "/HEAD/",
    "/refs/heads/",
    "/nightly/",
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (number, command) in context.commands.iter().enumerate() {
        let program = command.program();
        let fetches = matches!(program, "curl" | "wget" | "helm")
            || (program == "kubectl" && command.find(&["-f", "--filename"]).is_some());
        for word in command.words.iter().filter(|_| fetches) {
            for (at, url) in urls(context.text(&word.span)) {
                if let Some(part) = MOVING.iter().find(|part| url.contains(*part)) {
                    drafts.push(Draft::warning(
                        word.span.start + at.start..word.span.start + at.end,
                        format!("`{}` in this address moves: what is fetched tomorrow is another version", part.trim_matches('/')),
                        "name a release",
                    ));
                }
            }
        }
        if command.starts_with(&["git", "clone"])
            && command.find(&["-b", "--branch", "--revision"]).is_none()
        {
            let pinned = context.commands[number + 1..].iter().take(4).any(|next| {
                next.program() == "git" && next.find(&["checkout", "switch", "reset"]).is_some()
            });
            if !pinned {
                drafts.push(Draft::warning(
                    command.span.clone(),
                    "the newest commit of the default branch is taken: files, images and names in it change, and the steps that follow stop fitting",
                    "add `--branch` with a release",
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
    fn a_branch_or_the_latest_release() {
        assert_snapshot!(found(&RULE, "```\ncurl -LO https://example.org/a/releases/latest/download/a\ngit clone https://example.org/a.git\nkubectl apply -f https://example.org/a/master/b.yaml\n```\n"), @r"
            2:10 warning moving-source: `latest` in this address moves: what is fetched tomorrow is another version (hint: name a release)
            3:1 warning moving-source: the newest commit of the default branch is taken: files, images and names in it change, and the steps that follow stop fitting (hint: add `--branch` with a release)
            4:18 warning moving-source: `master` in this address moves: what is fetched tomorrow is another version (hint: name a release)
            ");
        assert_eq!(
            found(
                &RULE,
                "```\ncurl -LO https://example.org/a/releases/download/v1.0.0/a\ngit clone --branch v1.0.0 https://example.org/a.git\n```\n"
            ),
            ""
        );
    }
}
