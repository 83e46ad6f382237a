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

/// The known name that differs least, if it differs in at most a third of the letters.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let furthest = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (edit_distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= furthest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out, exchanged, or swapped with their neighbour (optimal string alignment).
fn edit_distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (line, letter) in left.iter().enumerate() {
        let above = &rows[line];
        let mut row = vec![line + 1];
        for (column, other) in right.iter().enumerate() {
            let exchanged = above[column] + usize::from(letter != other);
            let mut least = exchanged.min(above[column + 1] + 1).min(row[column] + 1);
            if line > 0 && column > 0 && *letter == right[column - 1] && left[line - 1] == *other {
                least = least.min(rows[line - 1][column - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
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
