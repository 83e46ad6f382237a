//! What to say of a name that is not known.

/// A hint for a name that is not known: the nearest known one, if one is near, and all of them.
pub fn known_names<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    if known.is_empty() {
        return "there are none".to_owned();
    }
    let list = known.join(", ");
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? Known: {list}"),
        None => format!("known: {list}"),
    }
}

/// The known name that differs least, if it differs in at most a third of the letters. A letter may be put in, taken out,
/// exchanged, or swapped with its neighbour.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let furthest = (name.chars().count() / 3).max(1);
    known
        .into_iter()
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
}
