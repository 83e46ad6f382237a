//! What is to be mended in a scenario's overlay or its document, as findings on the document's lines.

use rehearse_core::record::Severity;

use super::finding::Finding;
use super::links::{Coverage, Line};
use super::overlay::Target;
use super::{Document, Lines};

/// A block that no step replays and that is not left out.
pub const GAP: &str = "block-gap";
/// A block that is not what was linked.
pub const CHANGED: &str = "block-changed";
/// A linked block that is not there any more.
pub const GONE: &str = "block-gone";
/// A block that is the same on other lines.
pub const MOVED: &str = "block-moved";
/// A step that was changed after its block was linked.
pub const STEP_CHANGED: &str = "step-changed";

/// Each code and what it is about.
pub const RULES: &[(&str, &str)] = &[
    (GAP, "a block that no step replays and that is not left out"),
    (CHANGED, "a block that is not what was linked"),
    (GONE, "a linked block that is not there any more"),
    (MOVED, "a block that is the same on other lines"),
    (
        STEP_CHANGED,
        "a step that was changed after its block was linked",
    ),
];

/// Every finding, by line.
pub fn findings(document: &Document, coverage: &Coverage) -> Vec<Finding> {
    let findings = with_targets(document, coverage).into_iter();
    findings.map(|(finding, _)| finding).collect()
}

/// Every finding, by line, each with what becomes of its block.
pub(super) fn with_targets<'a>(
    document: &Document,
    coverage: &'a Coverage,
) -> Vec<(Finding, Option<&'a Target>)> {
    let mut findings = Vec::new();
    let mut add = |code, lines: Lines, target: Option<&'a Target>, message: String, cure: &str| {
        let finding = Finding {
            code,
            severity: Severity::Error,
            file: document.source.file.clone(),
            line: lines.first.min(document.line_count().max(1)),
            column: None,
            span: document.written(&document.line_span(lines.first)),
            message,
            cure: cure.to_owned(),
        };
        findings.push((finding, target));
    };
    if coverage.is_of_another_document() {
        let linked = coverage.gone.len();
        add(
            GONE,
            Lines { first: 1, last: 1 },
            None,
            format!(
                "this is another document: none of the {linked} blocks that the scenario links is in it"
            ),
            "give the document that the scenario replays, or link the blocks of this one in document.yaml",
        );
        return findings;
    }
    for lines in &coverage.gaps {
        add(
            GAP,
            *lines,
            None,
            format!("no step replays lines {lines}, and they are not left out"),
            "link them to a step in document.yaml, or say in `left-out` why nothing replays them; `document check --print` prints the entry",
        );
    }
    for changed in &coverage.changed {
        let (step, cure) = match (&changed.link.to, changed.step_changed) {
            (Target::Step { id, .. }, Some(false)) => (
                format!("step {id} is as it was"),
                "change the step as the document says, then take the entry that `document check --print` prints",
            ),
            (Target::Step { id, .. }, _) => (
                format!("step {id} has changed too"),
                "where the step does what the block says now, take the entry that `document check --print` prints",
            ),
            (Target::LeftOut { .. }, _) => (
                "nothing replays it".to_owned(),
                "where the reason still holds, take the entry that `document check --print` prints",
            ),
        };
        add(
            CHANGED,
            changed.lines,
            Some(&changed.link.to),
            format!(
                "lines {} are not what was linked (lines {} then); {step}",
                changed.lines, changed.link.lines
            ),
            cure,
        );
    }
    for link in &coverage.gone {
        add(
            GONE,
            link.lines,
            Some(&link.to),
            format!("the block of lines {} is not there any more", link.lines),
            "take its entry out of document.yaml, and its step out of the scenario where nothing else needs it",
        );
    }
    for (link, lines) in &coverage.moved {
        add(
            MOVED,
            *lines,
            Some(&link.to),
            format!(
                "lines {lines} were lines {} when they were linked",
                link.lines
            ),
            "take the entry that `document check --print` prints, and give the scenario's steps their lines",
        );
    }
    for (link, step) in &coverage.step_changed {
        add(
            STEP_CHANGED,
            link.lines,
            Some(&link.to),
            format!(
                "step {step} was changed after lines {} were linked to it",
                link.lines
            ),
            "where the step still does what the lines say, take the entry that `document check --print` prints",
        );
    }
    findings.sort_by_key(|(finding, _)| finding.line);
    findings
}

/// A changed block line by line, as `diff` marks lines. `base` is the document that was linked, where the user has it: a
/// scenario keeps only a hash of each line.
pub fn difference(lines: &[Line], base: Option<&Document>) -> String {
    let lines = lines.iter().map(|line| {
        let (mark, number, content) = match line {
            Line::Same(number, content) => (' ', *number, content.as_str()),
            Line::Added(number, content) => ('+', *number, content.as_str()),
            Line::Removed(number) => {
                let content = base.map_or(
                    "(a line that is not there any more; --base shows it)",
                    |base| base.line(*number),
                );
                ('-', *number, content)
            }
        };
        format!("{mark} {number:>5} | {content}\n")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use insta::assert_snapshot;

    use super::*;
    use crate::links::{cover, line_hash, parts};
    use crate::overlay::{Link, Overlay};
    use rehearse_core::problem::SourceText;

    const BEFORE: &str = "# Title\n\n```\nkubectl apply -f a.yaml\nkubectl get pods\n```\n";
    const NOW: &str = "# Title\n\nA new paragraph.\n\n```\nkubectl apply -f a.yaml\nkubectl get nodes\n```\n\n```\nip route\n```\n";

    fn linked(document: &Document) -> Overlay {
        let blocks = parts(document).into_iter().map(|part| Link {
            lines: part.lines,
            sha256: crate::digest(part.text),
            line_hashes: part.text.lines().map(line_hash).collect(),
            to: Target::Step {
                id: "install".to_owned(),
                sha256: "1".to_owned(),
            },
        });
        Overlay {
            blocks: blocks.collect(),
            errata: Vec::new(),
            source: SourceText::new("document.yaml", ""),
        }
    }

    #[test]
    fn a_changed_block_and_a_new_one_are_findings_on_their_lines() {
        let base = Document::parse("base.md", BEFORE);
        let document = Document::parse("a.md", NOW);
        let steps: BTreeMap<_, _> = [("install".to_owned(), "1".to_owned())].into();
        let coverage = cover(&parts(&document), &linked(&base), &steps);
        let lines: Vec<_> = findings(&document, &coverage)
            .iter()
            .map(|finding| format!("{}: {}: {}", finding.line, finding.code, finding.message))
            .collect();
        assert_snapshot!(lines.join("\n"), @r"
        6: block-changed: lines 6-7 are not what was linked (lines 4-5 then); step install is as it was
        11: block-gap: no step replays lines 11, and they are not left out
        ");
        assert_snapshot!(difference(&coverage.changed[0].difference, None), @r"
              6 | kubectl apply -f a.yaml
        -     5 | (a line that is not there any more; --base shows it)
        +     7 | kubectl get nodes
        ");
        assert_snapshot!(difference(&coverage.changed[0].difference, Some(&base)), @r"
              6 | kubectl apply -f a.yaml
        -     5 | kubectl get pods
        +     7 | kubectl get nodes
        ");
    }

    #[test]
    fn the_linked_document_itself_has_no_finding() {
        let base = Document::parse("base.md", BEFORE);
        let steps: BTreeMap<_, _> = [("install".to_owned(), "1".to_owned())].into();
        let coverage = cover(&parts(&base), &linked(&base), &steps);
        assert!(coverage.is_whole());
        assert_eq!(findings(&base, &coverage), []);
    }
}
