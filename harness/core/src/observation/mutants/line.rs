//! Lines of a pod's log, or of what a program prints on a node: gone, changed, and one that should not be there.

use std::collections::BTreeSet;

use crate::mutant::{Edit, FactId, FactKind, Maker, Site};
use crate::query::Query;

/// Of logs, and of what any program prints that no other maker knows. JSON is not for lines: it would break each parser, and
/// that shows nothing about the facts in it.
pub(super) const MAKER: Maker = Maker {
    facts: &["logs.line", "logs.others", "printed.line", "printed.others"],
    make: |site, query| match query {
        Query::PodLogs { .. } => {
            lines(site, query, ("logs.line", "logs.others"));
            true
        }
        Query::NodeCommand { .. } | Query::PodCommand { .. } => {
            let json = site.original.json.as_ref();
            let is_mine = !json.is_some_and(|json| json.is_array() || json.is_object());
            if is_mine {
                lines(site, query, ("printed.line", "printed.others"));
            }
            is_mine
        }
        _ => false,
    },
};

/// How much of a line names it.
const LONGEST_NAME: usize = 60;

/// Each different line; equal ones are one fact.
fn lines(site: &mut Site<'_>, query: &Query, (line, others): (&'static str, &'static str)) {
    let whom = site.whom();
    let text = site.original.output.text.clone();
    let mut seen = BTreeSet::new();
    for wanted in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !seen.insert(wanted) {
            continue;
        }
        let name: String = wanted.chars().take(LONGEST_NAME).collect();
        let fact = FactId::new(FactKind::Line, line, format!("{whom}: {name}"));
        let places = || {
            let lines = text.lines().enumerate();
            lines
                .filter(|(_, line)| line.trim() == wanted)
                .map(|(index, _)| index)
        };
        site.push(
            &fact,
            "gone",
            Edit::Lines(places().map(|index| (index, None)).collect()),
        );
        let other: String = wanted.chars().rev().collect();
        let changed = places().map(|index| (index, Some(other.clone())));
        site.push(&fact, "other words", Edit::Lines(changed.collect()));
    }
    let unwanted = site.surroundings.unwanted.iter();
    let unwanted: Vec<String> = unwanted
        .filter(|(of, _)| of == query)
        .map(|(_, text)| text.clone())
        .collect();
    for text in unwanted {
        let fact = FactId::new(FactKind::Line, others, format!("{whom}: {text}"));
        site.push(&fact, "there", Edit::AddLine(text));
    }
}
