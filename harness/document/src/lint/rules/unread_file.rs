//! A configuration is read only where its name ends as its reader wants.

use std::collections::HashSet;

use crate::lint::context::Context;
use crate::lint::facts::{Reader, file_name, is_read};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "unread-file",
    about: "A configuration is written to a file that its reader does not load",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let texts: HashSet<usize> = context
        .configurations
        .iter()
        .map(|one| one.span.start)
        .collect();
    let mut drafts = Vec::new();
    for file in &context.files {
        let path = &file.path.text;
        let name = file_name(path);
        if let Some(reader) = Reader::of(path) {
            let configuration = texts.contains(&file.body.start);
            if configuration && !is_read(name) {
                drafts.push(Draft::error(
                    file.path.span.clone(),
                    format!("{} never loads `{name}`: it reads files that end in .conf, .conflist or .json", reader.name()),
                    "give the file one of these endings",
                ));
            }
        } else if path.starts_with("/etc/kubernetes/manifests/") && name.starts_with('.') {
            drafts.push(Draft::error(
                file.path.span.clone(),
                format!(
                    "the kubelet never loads `{name}`: it skips files whose names start with a dot"
                ),
                "give the file a name without the dot",
            ));
        } else if path.starts_with("/etc/systemd/system/")
            && path.contains(".d/")
            && name
                .rsplit_once('.')
                .is_none_or(|(_, ending)| ending != "conf")
        {
            drafts.push(Draft::error(
                file.path.span.clone(),
                format!("systemd never loads `{name}`: drop-ins end in .conf"),
                "give the file this ending",
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

    fn written(path: &str) -> String {
        format!("```\ncat <<A | sudo tee {path}\n{{\"type\": \"bridge\"}}\nA\n```\n")
    }

    #[test]
    fn an_ending_that_nobody_reads() {
        assert_snapshot!(found(&RULE, &written("/etc/cni/net.d/10-a.conf.bak")), @"2:20 error unread-file: CRI-O never loads `10-a.conf.bak`: it reads files that end in .conf, .conflist or .json (hint: give the file one of these endings)");
        assert_snapshot!(found(&RULE, &written("/etc/kubernetes/manifests/.a.yaml")), @"2:20 error unread-file: the kubelet never loads `.a.yaml`: it skips files whose names start with a dot (hint: give the file a name without the dot)");
        assert_eq!(
            found(&RULE, &written("/etc/cni/multus/net.d/10-a.conf")),
            ""
        );
        assert_eq!(
            found(&RULE, &written("/etc/kubernetes/manifests/a.yaml")),
            ""
        );
    }
}
