//! Links that fit, that moved, and that do not fit any more.

use super::*;
use rehearse_core::problem::SourceText;

const BLOCK: &str = "kubectl apply -f a.yaml\nkubectl get pods\nkubectl get nodes\n";

fn link(text: &str, [first, last]: [usize; 2], to: Target) -> Link {
    Link {
        lines: Lines { first, last },
        sha256: digest(text),
        line_hashes: text.lines().map(line_hash).collect(),
        to,
    }
}

fn step() -> Target {
    Target::Step {
        id: "install".to_owned(),
        sha256: "1".to_owned(),
    }
}

fn overlay(blocks: Vec<Link>) -> Overlay {
    Overlay {
        blocks,
        errata: Vec::new(),
        source: SourceText::new("document.yaml", ""),
    }
}

fn steps(hash: &str) -> BTreeMap<String, String> {
    [("install".to_owned(), hash.to_owned())].into()
}

fn part(text: &str, first: usize) -> Part<'_> {
    let last = first + text.lines().count() - 1;
    Part {
        lines: Lines { first, last },
        text,
        kind: PieceKind::Command,
    }
}

#[test]
fn a_block_that_is_what_was_linked_is_covered() {
    let coverage = cover(
        &[part(BLOCK, 4)],
        &overlay(vec![link(BLOCK, [4, 6], step())]),
        &steps("1"),
    );
    assert!(coverage.is_whole(), "{coverage:?}");
    assert_eq!(coverage.percent(), Some(100.0));
}

#[test]
fn a_block_that_nothing_is_said_of_is_a_gap() {
    let other = "ip route\n";
    let coverage = cover(
        &[part(BLOCK, 4), part(other, 10)],
        &overlay(vec![link(BLOCK, [4, 6], step())]),
        &steps("1"),
    );
    assert!(!coverage.is_whole());
    assert_eq!(
        coverage.gaps,
        [Lines {
            first: 10,
            last: 10
        }]
    );
    assert_eq!(coverage.percent(), Some(75.0));
}

#[test]
fn a_changed_block_shows_its_lines_and_whether_its_step_has_changed_too() {
    let now = "kubectl apply -f a.yaml\nkubectl get pods --all-namespaces\nkubectl get nodes\n";
    let linked = overlay(vec![link(BLOCK, [4, 6], step())]);
    let coverage = cover(&[part(now, 7)], &linked, &steps("1"));
    assert!(!coverage.is_whole());
    let [changed] = &coverage.changed[..] else {
        panic!("{coverage:?}")
    };
    assert_eq!(changed.step_changed, Some(false));
    assert_eq!(
        changed.difference,
        [
            Line::Same(7, "kubectl apply -f a.yaml".to_owned()),
            Line::Removed(5),
            Line::Added(8, "kubectl get pods --all-namespaces".to_owned()),
            Line::Same(9, "kubectl get nodes".to_owned()),
        ]
    );
    let coverage = cover(&[part(now, 7)], &linked, &steps("2"));
    assert_eq!(coverage.changed[0].step_changed, Some(true));
}

#[test]
fn a_block_that_went_a_block_that_moved_and_a_step_that_changed_are_told() {
    let linked = overlay(vec![link(BLOCK, [4, 6], step())]);
    let coverage = cover(&[part("ip route\n", 40)], &linked, &steps("1"));
    assert_eq!(coverage.gone.len(), 1);
    let coverage = cover(&[part(BLOCK, 40)], &linked, &steps("1"));
    assert_eq!(coverage.moved.len(), 1);
    assert!(!coverage.is_whole());
    let coverage = cover(&[part(BLOCK, 4)], &linked, &steps("2"));
    assert_eq!(coverage.step_changed.len(), 1);
    assert!(!coverage.is_whole());
}

#[test]
fn of_two_blocks_that_are_the_same_the_changed_one_is_told() {
    let other = "kubectl apply -f b.yaml\n";
    let blocks = vec![link(BLOCK, [4, 6], step()), link(BLOCK, [10, 12], step())];
    let coverage = cover(
        &[part(other, 4), part(BLOCK, 10)],
        &overlay(blocks),
        &steps("1"),
    );
    assert_eq!(coverage.changed.len(), 1);
    assert_eq!(coverage.changed[0].lines.first, 4);
    assert!(coverage.moved.is_empty() && coverage.gone.is_empty());
}

#[test]
fn a_document_without_blocks_is_never_whole() {
    let coverage = cover(&[], &overlay(Vec::new()), &steps("1"));
    assert!(!coverage.is_whole());
    assert_eq!(coverage.percent(), None);
}
