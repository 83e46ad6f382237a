//! `kubectl create` fails on an object that is there.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "created-twice",
    about: "An object is created a second time",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    let mut drafts = Vec::new();
    for command in context.commands.iter().filter(|command| !command.inline) {
        let words: Vec<_> = command
            .kubectl()
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        let namespace = command
            .option("-n")
            .or_else(|| command.option("--namespace"))
            .map_or_else(|| "default".to_owned(), |word| word.text);
        match words.as_slice() {
            ["delete", kind, names @ ..] => {
                for name in names {
                    created.remove(&format!("{kind} {name} in {namespace}"));
                }
            }
            ["create", kind, name, ..] => {
                let key = format!("{kind} {name} in {namespace}");
                let line = context.document.line_at(command.span.start);
                if let Some(first) = created.get(&key) {
                    drafts.push(Draft::error(
                        command.span.clone(),
                        format!("`{kind} {name}` is created at line {first} already: kubectl answers AlreadyExists and exits with 1"),
                        "leave the command out, delete the object first, or use `kubectl apply`",
                    ));
                } else {
                    created.insert(key, line);
                }
            }
            _ => {}
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
    fn a_second_create() {
        assert_snapshot!(found(&RULE, "```\nkubectl create deployment web --image=a/b\n```\n\ntext\n\n```\nkubectl create deployment web --image=a/c\n```\n"), @"8:1 error created-twice: `deployment web` is created at line 2 already: kubectl answers AlreadyExists and exits with 1 (hint: leave the command out, delete the object first, or use `kubectl apply`)");
        assert_eq!(
            found(
                &RULE,
                "```\nkubectl create deployment web --image=a/b\nkubectl delete deployment web\nkubectl create deployment web --image=a/c\nkubectl create deployment web -n other --image=a/c\n```\n"
            ),
            ""
        );
    }
}
