//! A file can be written only into a folder that is there.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "directory-not-made",
    about: "A file is written into a folder that nothing makes",
    check,
};

/// Folders that no package and no component makes.
const NEVER_MADE: [&str; 3] = [
    "/etc/cni/multus/net.d",
    "/etc/systemd/system/containerd.service.d",
    "/etc/systemd/system/docker.service.d",
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    // A hostPath makes its folder, too.
    if context.mentions.lower().contains("directoryorcreate") {
        return Vec::new();
    }
    let made: Vec<&str> = context
        .commands
        .iter()
        .filter(|command| {
            let makes =
                |word: &str| word == "mkdir" || word == "install" || word.contains("mkdir ");
            command.words.iter().any(|word| makes(&word.text))
        })
        .flat_map(|command| &command.words)
        .map(|word| word.text.as_str())
        .collect();
    let mut drafts = Vec::new();
    for file in &context.files {
        let Some((folder, _)) = file.path.text.rsplit_once('/') else {
            continue;
        };
        let is_made = || {
            made.iter()
                .any(|word| word.contains(folder) || (word.contains('{') && word.contains("/etc/")))
        };
        if NEVER_MADE.contains(&folder) && !is_made() {
            drafts.push(Draft::error(
                file.path.span.clone(),
                format!("no step makes {folder}, and nothing that is installed does: the shell answers `No such file or directory`"),
                format!("write `mkdir -p {folder}` before it"),
            ));
        }
    }
    drafts
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_folder_out_of_nowhere() {
        assert_eq!(
            found(
                &RULE,
                "```bash\ncat <<E > /etc/cni/multus/net.d/a.conf\n{}\nE\n```\n"
            )
            .lines()
            .count(),
            1
        );
        assert_eq!(
            found(
                &RULE,
                "```bash\nmkdir -p /etc/cni/multus/net.d\ncat <<E > /etc/cni/multus/net.d/a.conf\n{}\nE\n```\n"
            ),
            ""
        );
        assert_eq!(
            found(
                &RULE,
                "```bash\ncat <<E > /etc/cni/net.d/a.conf\n{}\nE\n```\n"
            ),
            ""
        );
    }
}
