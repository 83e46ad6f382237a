//! What Kubernetes takes for a label selector and for the name of an annotation, so that a text that can select or name
//! nothing is told before a cluster is made. Its own rules: `apimachinery/pkg/util/validation` and `apimachinery/pkg/labels`.

use std::collections::BTreeMap;

/// What is wrong with a label selector such as `app=normal,tier in (a, b),!old`.
pub(super) fn selector(text: &str) -> Result<(), String> {
    let mut wanted = BTreeMap::new();
    for requirement in requirements(text) {
        let requirement = requirement.trim();
        if requirement.is_empty() {
            return Err("a requirement is missing beside a comma".to_owned());
        }
        let (key, values) = parts(requirement)?;
        if !is_qualified_name(key) {
            return Err(format!("`{key}` is no label"));
        }
        if let Some(value) = values.iter().find(|value| !is_label_value(value)) {
            return Err(format!("`{value}` is no label's value"));
        }
        if let ([value], true) = (values.as_slice(), is_equality(requirement))
            && let Some(other) = wanted.insert(key, *value)
            && other != *value
        {
            return Err(format!(
                "no object has the label `{key}` both as `{other}` and as `{value}`"
            ));
        }
    }
    Ok(())
}

/// The requirements of a selector: commas inside of parentheses part values.
fn requirements(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |letter: char| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

/// The label of a requirement, and the values that are named.
fn parts(requirement: &str) -> Result<(&str, Vec<&str>), String> {
    if let Some((key, value)) = requirement.split_once('=') {
        let key = key.strip_suffix('!').unwrap_or(key);
        let value = value.strip_prefix('=').unwrap_or(value);
        return Ok((key.trim(), vec![value.trim()]));
    }
    if let Some((before, values)) = requirement.split_once('(') {
        let mut words = before.split_whitespace();
        let values = values.trim_end().strip_suffix(')');
        return match (words.next(), words.next(), words.next(), values) {
            (Some(key), Some("in" | "notin"), None, Some(values)) => {
                Ok((key, values.split(',').map(str::trim).collect()))
            }
            _ => Err(format!("`{requirement}` is no requirement")),
        };
    }
    Ok((requirement.trim_start_matches('!').trim(), Vec::new()))
}

fn is_equality(requirement: &str) -> bool {
    requirement.contains('=') && !requirement.contains("!=")
}

fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_name(value)
}

/// Whether it is the name of a label or an annotation: a name, which may have a DNS name and `/` before it.
pub(super) fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_name(name),
        None => is_name(text),
    }
}

fn is_name(name: &str) -> bool {
    let is_inner = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let is_end = |letter: char| letter.is_ascii_alphanumeric();
    name.len() <= 63
        && name.chars().all(is_inner)
        && name.starts_with(is_end)
        && name.ends_with(is_end)
}

/// Whether it is a name of an object: a DNS name in lower case.
pub(super) fn is_subdomain(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_inner =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        !label.is_empty()
            && label.chars().all(is_inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("app=normal")]
    #[case("app==normal, tier!=db")]
    #[case("rehearse.probe=before-switch")]
    #[case("k8s.io/part-of in (a, b),!old")]
    #[case("tier notin (a),app")]
    #[case("app=")]
    #[case("app!=a,app!=b")]
    fn what_kubernetes_takes_is_a_selector(#[case] text: &str) {
        assert_eq!(selector(text), Ok(()));
    }

    #[rstest]
    #[case(",,")]
    #[case("app==!x,,")]
    #[case("app=a,app=b")]
    #[case("app=a b")]
    #[case("app in a")]
    #[case("app in (a")]
    #[case("app within (a)")]
    #[case("/app=a")]
    #[case("-app")]
    #[case("")]
    fn anything_else_selects_nothing(#[case] text: &str) {
        assert!(selector(text).is_err());
    }

    #[rstest]
    #[case("k8s.v1.cni.cncf.io/network-status", true)]
    #[case("projectcalico.org/IPv4Address", true)]
    #[case("plain", true)]
    #[case("two words", false)]
    #[case("a/b/c", false)]
    #[case("Upper.io/name", false)]
    #[case("name ", false)]
    fn a_qualified_name_has_at_most_one_prefix(#[case] text: &str, #[case] is_one: bool) {
        assert_eq!(is_qualified_name(text), is_one);
    }
}
