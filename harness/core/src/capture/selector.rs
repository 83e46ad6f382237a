//! Label selectors, as the API server reads them: whether a pod that was kept is one that a narrower query means.

use std::collections::{BTreeMap, BTreeSet};

/// A selector: all of its requirements must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selector(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    /// The values of which one must be there; none where any will do.
    values: Option<BTreeSet<String>>,
    /// Whether the requirement holds where this does not. A label that is not there has no value, so that `!=` and
    /// `notin` hold for it.
    negated: bool,
}

impl Selector {
    /// Reads `a=b`, `a==b`, `a!=b`, `a in (b, c)`, `a notin (b, c)`, `a` and `!a`, with commas between; none where it is
    /// something else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts = split(text);
        let meant = parts.into_iter().filter(|part| !part.is_empty());
        meant.map(requirement).collect::<Option<_>>().map(Self)
    }

    pub(super) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| {
            let label = labels.get(&requirement.key);
            let holds = match (&requirement.values, label) {
                (Some(values), Some(label)) => values.contains(label),
                (None, Some(_)) => true,
                (_, None) => false,
            };
            holds != requirement.negated
        })
    }
}

/// At the commas that stand in no parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = text.split(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    });
    parts.map(str::trim).collect()
}

fn requirement(text: &str) -> Option<Requirement> {
    let one = |key: &str, value: &str, negated| {
        let (key, value) = (key.trim(), value.trim());
        is_word(key).then(|| Requirement {
            key: key.to_owned(),
            values: Some(BTreeSet::from([value.to_owned()])),
            negated,
        })
    };
    if let Some(rest) = text.strip_suffix(')') {
        let (head, values) = rest.split_once('(')?;
        let (key, operator) = head.trim().split_once(char::is_whitespace)?;
        let negated = match operator.trim() {
            "in" => false,
            "notin" => true,
            _ => return None,
        };
        let values = values.split(',').map(|value| value.trim().to_owned());
        return is_word(key).then(|| Requirement {
            key: key.to_owned(),
            values: Some(values.collect()),
            negated,
        });
    }
    if let Some((key, value)) = text.split_once("!=") {
        return one(key, value, true);
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return one(key, value, false);
    }
    let (key, negated) = match text.strip_prefix('!') {
        Some(key) => (key.trim(), true),
        None => (text, false),
    };
    is_word(key).then(|| Requirement {
        key: key.to_owned(),
        values: None,
        negated,
    })
}

fn is_word(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_./".contains(character))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", true)]
    #[case("app=normal", true)]
    #[case("app==normal", true)]
    #[case("app=other", false)]
    #[case("app!=normal", false)]
    #[case("tier!=front", true)]
    #[case("app in (a, normal)", true)]
    #[case("app in (a, b)", false)]
    #[case("app notin (a, b)", true)]
    #[case("tier notin (a)", true)]
    #[case("app", true)]
    #[case("!app", false)]
    #[case("!tier", true)]
    #[case("app=normal, pod-template-hash=1", true)]
    #[case("app in (normal, b),pod-template-hash=2", false)]
    fn a_selector_means_what_the_server_means(#[case] text: &str, #[case] expected: bool) {
        let labels = BTreeMap::from([
            ("app".to_owned(), "normal".to_owned()),
            ("pod-template-hash".to_owned(), "1".to_owned()),
        ]);
        let matches = Selector::parse(text).map(|selector| selector.matches(&labels));
        assert_eq!(matches, Some(expected));
    }

    #[rstest]
    #[case("app normal")]
    #[case("app within (a)")]
    #[case("=a")]
    fn what_is_no_selector_selects_nothing(#[case] text: &str) {
        assert_eq!(Selector::parse(text), None);
    }
}
