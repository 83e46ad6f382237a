//! What a document's examination gives, with and without a scenario that speaks of it.

use std::collections::BTreeMap;

use rehearse_core::problem::{Problems, SourceText};
use rehearse_core::record::Severity;
use rehearse_core::scenario;

use super::*;
use crate::Lines;
use crate::links::line_hash;
use crate::overlay::Link;

const TEXT: &str = "\
# A guide

Some prose of the first step.

```
kubectl create -f - <<EOF
kind: Pod
EOF\u{20}
```

```
kubectl logs ds/b
```

```
wget https://example.org/latest/tool
```
";

const STEP: &str = "calico";

const EXAMPLE: &str = "\
scenario: example
title: Calico gives every node a block
document: { sha256: 7c3a9623fded2b604a8e33fe30c72be5ead386c68864059b32985cd7485f2974, lines: 100 }
nodes: { control-planes: 1, workers: 2, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { calico: 3.25.0 }
steps:
  - id: calico
    title: Every node has a block
    document: { lines: [10, 20] }
    act:
      - install: { component: calico, manifest: operator }
    expect:
      - that: blocks are inside the pool
        check:
          blocks: { pool: 10.244.0.0/16, prefix-length: 24 }
";

fn links(document: &Document) -> Overlay {
    let parts = links::parts(document).into_iter().enumerate();
    let blocks = parts.map(|(index, part)| Link {
        lines: part.lines,
        sha256: crate::digest(part.text),
        line_hashes: part.text.lines().map(line_hash).collect(),
        to: if index == 0 {
            Target::Step {
                id: STEP.to_owned(),
                sha256: "1".to_owned(),
            }
        } else {
            Target::LeftOut {
                why: "it shows nothing".to_owned(),
            }
        },
    });
    Overlay {
        blocks: blocks.collect(),
        errata: Vec::new(),
        source: SourceText::new("document.yaml", ""),
    }
}

fn steps() -> BTreeMap<String, String> {
    [(STEP.to_owned(), "1".to_owned())].into()
}

/// The example, whose step `calico` names lines 2 to 14 of its document, with a document of this digest.
fn scenario(sha256: &str) -> Result<Scenario, Problems> {
    let mut scenario = scenario::parse("scenario.yaml", EXAMPLE)?;
    sha256.clone_into(&mut scenario.document.sha256);
    for step in &mut scenario.steps {
        if let Some(document) = &mut step.document {
            document.lines = [2, 14];
        }
    }
    Ok(scenario)
}

fn told(examined: &Examination) -> Vec<String> {
    let findings = examined.record.findings.iter();
    findings
        .map(|finding| {
            let step = finding.step.as_deref().unwrap_or("no step");
            format!("{} {} ({step})", finding.line, finding.code)
        })
        .collect()
}

/// Another text, with the links that fit [`TEXT`].
fn with_the_links_of_before(text: &str) -> Result<Examination, Problems> {
    let linked = Linked {
        scenario: &scenario("00")?,
        overlay: &links(&Document::parse("guide.md", TEXT)),
        steps: &steps(),
    };
    Ok(examine(&Document::parse("guide.md", text), Some(linked)))
}

#[test]
fn a_finding_belongs_to_the_step_that_its_line_is_linked_to() -> Result<(), Problems> {
    let document = Document::parse("guide.md", TEXT);
    let (overlay, steps) = (links(&document), steps());
    let scenario = scenario(&document.sha256)?;
    let linked = Linked {
        scenario: &scenario,
        overlay: &overlay,
        steps: &steps,
    };
    let examined = examine(&document, Some(linked));
    insta::assert_snapshot!(told(&examined).join("\n"), @r"
    8 here-document-end (calico)
    12 logs-of-one-pod (no step)
    16 moving-source (no step)
    16 unused-download (no step)
    ");
    assert_eq!(examined.record.sha256, document.sha256);
    let coverage = examined.record.coverage.and_then(DocumentCoverage::percent);
    assert_eq!(coverage, Some(100.0));
    // Prose is in no block: the step names its lines, and is asked only where the lines are those that it means.
    let prose_of = |document: &Document| {
        let parts = links::parts(document);
        let known = Known {
            linked,
            coverage: links::cover(&parts, linked.overlay, linked.steps),
        };
        known.step_at(3, document, &parts).map(str::to_owned)
    };
    assert_eq!(prose_of(&document).as_deref(), Some(STEP));
    let other = Document::parse("guide.md", &format!("{TEXT}\nA last word.\n"));
    assert_eq!(prose_of(&other), None);
    Ok(())
}

#[test]
fn a_block_that_moved_takes_its_step_along_and_a_new_one_has_none() -> Result<(), Problems> {
    let text = format!("A line more.\n\n{TEXT}\n```\nkubectl get pods\n```\n");
    let examined = with_the_links_of_before(&text)?;
    insta::assert_snapshot!(told(&examined).join("\n"), @r"
    8 block-moved (calico)
    10 here-document-end (calico)
    14 logs-of-one-pod (no step)
    14 block-moved (no step)
    18 moving-source (no step)
    18 unused-download (no step)
    18 block-moved (no step)
    22 block-gap (no step)
    ");
    Ok(())
}

#[test]
fn a_block_that_is_gone_is_told_with_its_step() -> Result<(), Problems> {
    let examined = with_the_links_of_before("# A guide\n")?;
    insta::assert_snapshot!(told(&examined).join("\n"), @r"
    1 block-gone (calico)
    1 block-gone (no step)
    1 block-gone (no step)
    ");
    Ok(())
}

#[test]
fn a_document_with_other_blocks_only_is_told_to_be_another_one() -> Result<(), Problems> {
    let examined = with_the_links_of_before("# A guide\n\n```\nkubectl get pods\n```\n")?;
    insta::assert_snapshot!(told(&examined).join("\n"), @"1 block-gone (no step)");
    Ok(())
}

#[test]
fn without_links_the_rules_for_any_document_apply() {
    let document = Document::parse("guide.md", TEXT);
    let examined = examine(&document, None);
    assert_eq!(examined.record.coverage, None);
    assert_eq!(examined.findings.len(), examined.record.findings.len());
    let first = examined.record.findings.first();
    assert_eq!(first.map(|finding| finding.line), Some(8));
    assert_eq!(first.map(|finding| finding.severity), Some(Severity::Error));
    let mut findings = examined.record.findings.iter();
    assert!(findings.all(|finding| finding.step.is_none()));
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let record = || {
        let examined = examine(&Document::parse("guide.md", TEXT), None);
        serde_json::to_string(&examined.record).unwrap_or_default()
    };
    assert!(!record().is_empty());
    assert_eq!(record(), record());
}

#[test]
fn lines_where_another_block_was_linked_are_linked_to_nothing() {
    let document = Document::parse("guide.md", TEXT);
    let overlay = links(&document);
    let gap = overlay.blocks[0].lines;
    let coverage = Coverage {
        gaps: vec![gap],
        ..Coverage::default()
    };
    assert_eq!(coverage.target(gap, &overlay), None);
    let nowhere = Lines { first: 1, last: 1 };
    assert_eq!(coverage.target(nowhere, &overlay), None);
    let linked = overlay.blocks[1].lines;
    assert!(coverage.target(linked, &overlay).is_some());
}
