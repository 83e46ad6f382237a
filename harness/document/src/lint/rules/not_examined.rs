//! What could not be looked at as a whole is said, so that silence is no praise.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "not-examined",
    about: "The document leaves so much open that some of its commands were read line by line",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    if context.document.examined {
        return Vec::new();
    }
    vec![Draft::note(
        0..0,
        "so many quotes, brackets or here-documents are left open that some commands were read line by line: what is found is not all there is",
        "close what is left open, and look again",
    )]
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn what_leaves_everything_open() {
        assert_eq!(
            found(&RULE, &format!("```bash\n{}```\n", "echo 'a (\n".repeat(3))),
            ""
        );
        assert_eq!(
            found(
                &RULE,
                &format!("```bash\n{}```\n", "if true; then\n".repeat(4000))
            )
            .lines()
            .count(),
            1
        );
    }
}
