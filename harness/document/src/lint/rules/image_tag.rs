//! An image is named so that everyone gets the same one.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};
use crate::shell::Word;

pub(super) const RULE: Rule = Rule {
    code: "image-tag",
    about: "An image has no tag, or one that moves",
    check,
};

/// Tags that name another image every so often.
const MOVING: [&str; 8] = [
    "latest", "stable", "snapshot", "main", "master", "edge", "nightly", "dev",
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let builds: Vec<&str> = context
        .commands
        .iter()
        .filter(|command| {
            matches!(
                command.program(),
                "docker" | "podman" | "buildah" | "nerdctl"
            )
        })
        .filter(|command| command.find(&["build", "buildx", "bud"]).is_some())
        .flat_map(|command| &command.words)
        .map(|word| word.text.as_str())
        .collect();
    images(context)
        .into_iter()
        .filter_map(|word| {
            let image = word.text.as_str();
            let name = image.rsplit('/').next().unwrap_or(image);
            let is_built = || builds.iter().any(|built| built.split(':').next() == Some(image));
            if image.contains('@') || is_built() {
                return None;
            }
            match name.split_once(':') {
                None => Some(Draft::warning(
                    word.span.clone(),
                    format!("`{image}` has no tag: whatever is newest is pulled, each time anew"),
                    "name a version, best with its digest",
                )),
                Some((_, tag)) if MOVING.contains(&tag) => Some(Draft::warning(
                    word.span.clone(),
                    format!("the tag `{tag}` moves: what is pulled tomorrow is another image than what is described"),
                    "name a version, best with its digest",
                )),
                Some(_) => None,
            }
        })
        .collect()
}

/// Every image that a command or a manifest names.
pub(super) fn images(context: &Context<'_>) -> Vec<Word> {
    let mut images = Vec::new();
    for command in &context.commands {
        if let Some(image) = command
            .option("--image")
            .filter(|_| command.program() == "kubectl")
        {
            images.push(image);
        }
        if matches!(command.program(), "crictl" | "docker" | "podman" | "ctr")
            && let Some(at) = command.words.iter().position(|word| word.text == "pull")
        {
            images.extend(
                command.words[at + 1..]
                    .iter()
                    .find(|word| !word.text.starts_with('-'))
                    .cloned(),
            );
        }
    }
    // The nodes of a kind cluster are pulled by the engine of its host.
    let of_cluster = context
        .manifests
        .iter()
        .filter(|manifest| !manifest.text("/apiVersion").starts_with("kind.x-k8s.io/"));
    for manifest in of_cluster {
        for (span, line) in context.lines(&manifest.span) {
            let line_start = line.trim_start().trim_start_matches("- ");
            if let Some(image) = line_start.strip_prefix("image:") {
                let text = image.trim().trim_matches(['"', '\'']).to_owned();
                images.push(Word {
                    span: context.locate(&span, &text),
                    text,
                    quoted: false,
                });
            }
        }
    }
    // What the reader or a variable fills in is no name.
    images.retain(|image| {
        !image.text.is_empty()
            && !image.text.contains(['$', '<', '{', '[', '…', ' ', '*'])
            && !image.text.contains("...")
            && image.text.chars().any(|next| next.is_ascii_lowercase())
    });
    images
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn no_tag_or_a_moving_one() {
        assert_snapshot!(found(&RULE, "```\nkubectl run a --image=quay.io/a/b\nsudo crictl pull quay.io/a/b:stable\n```\n\n```yaml\nkind: Pod\nspec:\n  containers:\n  - image: quay.io/a/c\n```\n"), @r"
            2:15 warning image-tag: `quay.io/a/b` has no tag: whatever is newest is pulled, each time anew (hint: name a version, best with its digest)
            3:18 warning image-tag: the tag `stable` moves: what is pulled tomorrow is another image than what is described (hint: name a version, best with its digest)
            10:12 warning image-tag: `quay.io/a/c` has no tag: whatever is newest is pulled, each time anew (hint: name a version, best with its digest)
            ");
        assert_eq!(
            found(
                &RULE,
                "```\nkubectl run a --image=quay.io/a/b:1.2\nsudo crictl pull quay.io/a/b:v1.0.1\n```\n"
            ),
            ""
        );
    }
}
