//! What to say of a name that is not known.

/// How many known names a hint lists.
const LISTED: usize = 40;

/// A hint for a name that is not known: the nearest known one, if one is near, and all of them.
pub fn known_names<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    if known.is_empty() {
        return "there are none".to_owned();
    }
    let listed = known[..known.len().min(LISTED)].join(", ");
    let list = match known.len() - known.len().min(LISTED) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    };
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? Known: {list}"),
        None => format!("known: {list}"),
    }
}

/// The known name that differs least, if it differs in at most a third of the letters. A letter may be put in, taken out,
/// exchanged, or swapped with its neighbour.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let furthest = (length / 3).max(1);
    known
        .into_iter()
        // To compare a text with each of many takes time, and one of another length cannot be near.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= furthest)
        .map(|candidate| (strsim::osa_distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= furthest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_near_is_no_suggestion() {
        assert_eq!(nearest("calcio", ["calico", "multus"]), Some("calico"));
        assert_eq!(nearest("titel", ["title"]), Some("title"));
        assert_eq!(nearest("flannel", ["calico", "multus"]), None);
    }

    #[test]
    fn a_hint_does_not_list_thousands() {
        let known: Vec<String> = (0..2000)
            .map(|number| format!("name-{number:04}"))
            .collect();
        let hint = known_names("name-19999", known.iter().map(String::as_str));
        assert!(hint.len() < 600, "{hint}");
        assert!(hint.ends_with("name-0039 and 1960 more"), "{hint}");
    }
}
