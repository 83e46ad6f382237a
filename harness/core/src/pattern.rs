//! Texts with `*` for any text, also an empty one.

use serde::Deserialize;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Pattern(String);

impl Pattern {
    /// Whether it is about some texts and not about all.
    pub(crate) fn names_something(&self) -> bool {
        self.0.chars().any(|letter| letter != '*')
    }

    /// Whether a whole text is as the pattern says.
    pub(crate) fn matches(&self, text: &str) -> bool {
        matches(&self.0, text)
    }
}

/// Whether a whole text is as a pattern says.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    // Each piece as early as possible leaves the most for the next ones.
    for piece in pieces {
        let Some(position) = rest.find(piece) else {
            return false;
        };
        rest = &rest[position + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("a", "a", true)]
    #[case("a", "ab", false)]
    #[case("a*", "ab", true)]
    #[case("*b", "ab", true)]
    #[case("a*b", "ab", true)]
    #[case("a*b", "a", false)]
    #[case("ab*ba", "aba", false)]
    #[case("a*c*e", "abcde", true)]
    #[case("a*e*c", "abcde", false)]
    #[case("*a*b*", "xxbxxaxx", false)]
    #[case("*: eth0", "pod default/a: eth01", false)]
    #[case("*", "", true)]
    #[case("", "", true)]
    fn a_star_is_any_text(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(matches(pattern, text), expected);
    }
}
