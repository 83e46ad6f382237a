//! How two route tables differ, as checks write them: routes in the kernel's order, `; ` between two.

use super::{Difference, without};
use crate::template;

/// Attribute by the word that `ip route` prints before its value.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("via", "gateway"),
    ("dev", "device"),
    ("proto", "protocol"),
    ("scope", "scope"),
    ("src", "source"),
    ("metric", "metric"),
];

/// The differences: routes that are the same are left out, and the rest is matched by destination, in order.
pub(super) fn differences(before: &str, after: &str) -> Vec<Difference> {
    let routes = |text: &str| -> Vec<String> {
        let routes = text.split("; ").filter(|route| !route.is_empty());
        routes.map(str::to_owned).collect()
    };
    let (before, after) = (routes(before), routes(after));
    let (gone, mut came) = (without(&before, &after), without(&after, &before));
    if gone.is_empty() && came.is_empty() {
        return vec![Difference::RoutesReordered];
    }
    let mut differences = Vec::new();
    for route in gone {
        let same = came
            .iter()
            .position(|other| destination(other) == destination(&route));
        match same {
            Some(index) => differences.extend(changed(&route, &came.remove(index))),
            None => differences.push(Difference::RouteGone { route }),
        }
    }
    differences.extend(came.into_iter().map(|route| Difference::RouteNew { route }));
    differences
}

fn destination(route: &str) -> &str {
    template::word(route)
}

/// The attributes in which two routes to one destination differ; the whole routes where that is none of them.
fn changed(before: &str, after: &str) -> Vec<Difference> {
    let differences: Vec<_> = ATTRIBUTES
        .into_iter()
        .filter_map(|(word, attribute)| {
            let (left, right) = (value(before, word), value(after, word));
            (left != right).then(|| Difference::RouteChanged {
                destination: destination(before).to_owned(),
                attribute: attribute.to_owned(),
                before: left,
                after: right,
            })
        })
        .collect();
    if differences.is_empty() {
        return vec![
            Difference::RouteGone {
                route: before.to_owned(),
            },
            Difference::RouteNew {
                route: after.to_owned(),
            },
        ];
    }
    differences
}

/// What stands after a word.
fn value(route: &str, word: &str) -> Option<String> {
    let (_, rest) = route.split_once(&format!(" {word} "))?;
    Some(template::word(rest).to_owned())
}
