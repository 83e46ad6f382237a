//! A manifest is applied from a file that the document lets its reader have.

use crate::lint::context::Context;
use crate::lint::facts::file_name;
use crate::lint::{Draft, Rule};
use crate::{Block, Kind};

pub(super) const RULE: Rule = Rule {
    code: "file-not-made",
    about: "A file is applied that the document neither shows, makes nor fetches",
    check,
};

/// Programs that bring files of which the document does not say the names.
const BRINGS: [&str; 9] = [
    "git", "tar", "unzip", "cd", "scp", "rsync", "cp", "vi", "vim",
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let commands = || context.commands.iter().filter(|command| !command.inline);
    if commands().any(|command| BRINGS.contains(&command.program())) {
        return Vec::new();
    }
    let mut drafts = Vec::new();
    for command in commands() {
        let words = command.kubectl();
        let applies = words
            .first()
            .is_some_and(|word| matches!(word.text.as_str(), "apply" | "create"));
        let Some(file) = command
            .option("-f")
            .or_else(|| command.option("--filename"))
        else {
            continue;
        };
        let path = file.text.strip_prefix("./").unwrap_or(&file.text);
        let is_plain = [".yaml", ".yml", ".json"]
            .iter()
            .any(|ending| path.len() > ending.len() && path.ends_with(ending))
            && path
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || "-_.".contains(next));
        if !applies || !is_plain {
            continue;
        }
        // What is named anywhere else is explained there; what is shown just before is what is meant.
        let elsewhere = context.mentions.of_file(file_name(path)).iter().any(|at| {
            let line = context.document.line(context.document.line_at(*at));
            !(line.contains("kubectl") && line.contains("-f"))
        });
        if !elsewhere && !is_shown_before(&context.document.blocks, command.block) {
            drafts.push(Draft::warning(
                file.span.clone(),
                format!("the document neither shows nor fetches `{path}`"),
                "show the file, or say where the reader gets it",
            ));
        }
    }
    drafts
}

/// Whether one of the blocks before is a file's text.
fn is_shown_before(blocks: &[Block], block: usize) -> bool {
    let near = &blocks[block.saturating_sub(8)..block];
    near.iter().any(|block| block.kind == Kind::File)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_manifest_out_of_nowhere() {
        assert_eq!(
            found(&RULE, "```bash\nkubectl apply -f pods.yaml\n```\n")
                .lines()
                .count(),
            1
        );
        assert_eq!(
            found(
                &RULE,
                "Save this as `pods.yaml`.\n\n```bash\nkubectl apply -f pods.yaml\n```\n"
            ),
            ""
        );
        assert_eq!(
            found(
                &RULE,
                "```yaml\nkind: Pod\n```\n\n```bash\nkubectl apply -f pods.yaml\n```\n"
            ),
            ""
        );
        assert_eq!(
            found(
                &RULE,
                "```bash\ngit clone https://example.org/a -b v1\nkubectl apply -f pods.yaml\n```\n"
            ),
            ""
        );
    }
}
