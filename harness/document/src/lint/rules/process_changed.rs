//! A service keeps its process until something restarts it.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "process-changed",
    about: "A service's process number changes, and no step restarts it",
    check,
};

/// What is further apart, in lines, is not looked through: a restart may be told in many ways.
const FAR: usize = 1000;

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut known: BTreeMap<(String, String), (&str, usize)> = BTreeMap::new();
    let mut drafts = Vec::new();
    for output in &context.outputs {
        for (span, line) in context.lines(&output.piece.content) {
            let Some((host, service, process)) = process(line) else {
                continue;
            };
            let key = (host.to_owned(), service.to_owned());
            let restarted = |since: usize| {
                let between = context.document.line_span(since).start..span.start;
                let text = context.text(&between);
                context.document.line_at(span.start) - since > FAR
                    || text.contains(&format!("restart {service}"))
                    || text.contains("reboot")
            };
            if let Some((before, at)) = known.get(&key)
                && *before != process
                && !restarted(*at)
            {
                drafts.push(Draft::warning(
                    context.locate(&span, &format!("{service}[{process}]")),
                    format!("`{service}` on {host} is process {process} here and {before} at line {at}, and no step between restarts it: the outputs are of different runs"),
                    "print both outputs of one run, or say what restarts the service",
                ));
            }
            known.insert(key, (process, context.document.line_at(span.start)));
        }
    }
    drafts
}

/// Host, service and process number of a line of the journal.
fn process(line: &str) -> Option<(&str, &str, &str)> {
    let words: Vec<&str> = line.split_whitespace().take(6).collect();
    let at = words.iter().position(|word| word.ends_with("]:"))?;
    let host = words.get(at.checked_sub(1)?)?;
    let (service, process) = words[at].trim_end_matches("]:").split_once('[')?;
    process
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some((*host, service, process))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn another_process_without_a_restart() {
        let line = |number: u32| {
            format!(
                "```console\nme@node:~$ journalctl -u crio\nMar 14 10:00:00 node crio[{number}]: a\n```\n\n"
            )
        };
        assert_snapshot!(found(&RULE, &format!("{}{}", line(1), line(2))), @"8:22 warning process-changed: `crio` on node is process 2 here and 1 at line 3, and no step between restarts it: the outputs are of different runs (hint: print both outputs of one run, or say what restarts the service)");
        assert_eq!(
            found(
                &RULE,
                &format!(
                    "{}```\nsudo systemctl restart crio\n```\n\n{}",
                    line(1),
                    line(2)
                )
            ),
            ""
        );
    }
}
