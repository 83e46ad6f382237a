//! What a listing shows came from somewhere.

use crate::lint::context::Context;
use crate::lint::facts::{file_name, tokens};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "unexplained-file",
    about: "A listing of CNI configurations shows files that no step explains",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for output in &context.outputs {
        let Some(command) = output.command.map(|number| &context.commands[number]) else {
            continue;
        };
        let line = context.document.lines_span(crate::Lines {
            first: context.document.line_at(command.span.start),
            last: context.document.line_at(command.span.start),
        });
        if command.program() != "ls" || !context.text(&line).contains("/cni/") {
            continue;
        }
        for (at, token) in tokens(context.text(&output.piece.content)) {
            let span = output.piece.content.start + at.start..output.piece.content.start + at.end;
            let name = file_name(token);
            let mut places = context.mentions.of_file(name).iter();
            let mentioned = places.any(|at| !output.piece.content.contains(at));
            if !mentioned && token.contains('.') {
                drafts.push(Draft::note(
                    span,
                    format!("no step makes `{token}`, and nothing explains it: it is left over from something that the document does not say"),
                    "say which installation it comes from, or show a listing of these steps alone",
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
    fn a_file_out_of_nowhere() {
        let list = "```console\nme@node:~$ ls /etc/cni/net.d\n10-a.conflist  99-b.conf\n```\n";
        assert_snapshot!(found(&RULE, &format!("The network writes 10-a.conflist.\n\n{list}")), @"5:16 note unexplained-file: no step makes `99-b.conf`, and nothing explains it: it is left over from something that the document does not say (hint: say which installation it comes from, or show a listing of these steps alone)");
        assert_eq!(
            found(
                &RULE,
                &format!("The network writes 10-a.conflist; 99-b.conf is CRI-O's own.\n\n{list}")
            ),
            ""
        );
    }
}
