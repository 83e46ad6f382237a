//! A short image name means what each node's configuration makes of it.

use super::image_tag::images;
use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "image-registry",
    about: "An image is named without its registry",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    // Other runtimes take `docker.io` for what is not said.
    let lower = context.mentions.lower();
    let runtimes = ["cri-o", "crio", "openshift"];
    if !runtimes.iter().any(|name| lower.contains(name)) {
        return Vec::new();
    }
    images(context)
        .into_iter()
        .filter(|word| {
            let first = word.text.split('/').next().unwrap_or_default();
            let has_registry = word.text.contains('/') && (first.contains(['.', ':']) || first == "localhost");
            !has_registry
        })
        .map(|word| {
            Draft::warning(
                word.span.clone(),
                format!("`{}` names no registry: CRI-O from 1.34 on refuses it where more than one registry could be meant", word.text),
                "write the image with its registry",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_short_name() {
        assert_snapshot!(found(&RULE, "CRI-O:\n\n```\nkubectl run a --image=a/b:1.2\n```\n"), @"4:15 warning image-registry: `a/b:1.2` names no registry: CRI-O from 1.34 on refuses it where more than one registry could be meant (hint: write the image with its registry)");
        assert_eq!(
            found(&RULE, "```\nkubectl run a --image=quay.io/a/b:1.2\n```\n"),
            ""
        );
    }
}
