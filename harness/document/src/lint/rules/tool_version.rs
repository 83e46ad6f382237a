//! A tool is of the version of the component that it is for.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::facts::{is_version, urls};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "tool-version",
    about: "Parts of one project are fetched in different versions",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    // Project → version and line.
    let mut known: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut fetched = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        for word in &command.words {
            for (at, url) in urls(context.text(&word.span)) {
                let parts: Vec<&str> = url.split('/').collect();
                let (Some(owner), Some(name)) = (parts.get(3), parts.get(4)) else {
                    continue;
                };
                let version = parts[5..]
                    .iter()
                    .find(|part| is_version(part) || **part == "latest");
                let Some(version) = version else { continue };
                let project = format!("{owner}/{}", name.trim_end_matches(".git"));
                let span = word.span.start + at.start..word.span.start + at.end;
                if *version != "latest" {
                    let line = context.document.line_at(span.start);
                    known
                        .entry(project.clone())
                        .or_insert_with(|| ((*version).to_owned(), line));
                }
                fetched.push((project, (*version).to_owned(), span));
            }
        }
    }
    fetched
        .into_iter()
        .filter_map(|(project, version, span)| {
            let (first, line) = known.get(&project)?;
            (*first != version).then(|| {
                Draft::warning(
                    span,
                    format!("this is {project} in version `{version}`, and line {line} takes {first}: tools of another version refuse to work with it"),
                    format!("take {first} here, too"),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_tool_of_another_version() {
        let text = |version: &str| {
            format!(
                "```\ncurl -LO https://example.org/a/b/releases/{version}/b-cli\nkubectl create -f https://example.org/a/b/v1.2.0/b.yaml\n```\n"
            )
        };
        assert_snapshot!(found(&RULE, &text("latest")), @"2:10 warning tool-version: this is a/b in version `latest`, and line 3 takes v1.2.0: tools of another version refuse to work with it (hint: take v1.2.0 here, too)");
        assert_eq!(found(&RULE, &text("v1.2.0")), "");
    }
}
