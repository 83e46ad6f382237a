use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::finding;

/// What one rule finds in a text: a line a finding.
pub(super) fn found(rule: &Rule, text: &str) -> String {
    let document = Document::parse("a.md", text);
    let context = Context::new(&document);
    let mut out = String::new();
    for finding in apply(rule, &context) {
        writeln!(
            out,
            "{}:{} {} {}: {} (hint: {})",
            finding.line,
            finding.column.unwrap_or_default(),
            finding.severity.word(),
            finding.code,
            finding.message,
            finding.cure
        )
        .unwrap_or_default();
    }
    out
}

#[test]
fn every_rule_has_a_code_of_its_own() {
    let codes: Vec<_> = rules().iter().map(|rule| rule.code).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), codes.len());
}

#[test]
fn nothing_is_found_in_a_clean_document() {
    let text = include_str!("../../testdata/clean.md");
    let document = Document::parse("clean.md", text);
    let found = finding::terminal(&lint(&document), &document.source, false);
    assert_eq!(found, "clean.md: nothing is found\n");
}

/// The document's errata of which each is found at this line, by this rule.
const ERRATA: [(&str, usize, &str); 44] = [
    ("E1", 53, "here-document-end"),
    ("E1", 207, "here-document-end"),
    ("E1", 301, "here-document-end"),
    ("E1", 350, "here-document-end"),
    ("E1", 450, "here-document-end"),
    ("E2", 459, "output-outside-fence"),
    ("E2", 496, "fence-open"),
    ("E3", 94, "logs-of-one-pod"),
    ("E3", 266, "mixed-fence"),
    ("E3", 365, "needs-terminal"),
    ("E4", 312, "unread-file"),
    ("E5", 364, "created-twice"),
    ("E6", 258, "process-changed"),
    ("E6", 258, "time-order"),
    ("E6", 365, "pod-not-listed"),
    ("E6", 387, "time-order"),
    ("E7", 477, "address-twice"),
    ("E8", 456, "own-gateway"),
    ("E8", 461, "own-gateway"),
    ("E9", 466, "route-twice"),
    ("E10", 19, "tool-version"),
    ("E10", 19, "one-architecture"),
    ("E11", 23, "unused-download"),
    ("E12", 59, "unquoted-pattern"),
    ("E13", 82, "local-pull"),
    ("E13", 84, "moving-source"),
    ("E14", 75, "cni-claim"),
    ("E15", 110, "cni-claim"),
    ("E16", 114, "file-name"),
    ("E16", 213, "file-name"),
    ("E17", 116, "grep-key"),
    ("E18", 137, "directory-name"),
    ("E19", 148, "one-machine"),
    ("E20", 221, "cni-claim"),
    ("E21", 240, "multus-log-level"),
    ("E22", 234, "cni-version"),
    ("E23", 257, "never-ends"),
    ("E24", 266, "image-tag"),
    ("E25", 105, "unexplained-file"),
    ("E26", 374, "rollout-not-awaited"),
    ("E27", 434, "plugin-program"),
    ("E28", 275, "node-name"),
    ("E29", 275, "control-plane-taint"),
    ("E30", 290, "default-route-claim"),
];

#[test]
#[cfg_attr(
    not(has_document),
    ignore = "there is no document beside the project; REHEARSE_DOCUMENT names one"
)]
fn the_errata_of_the_real_document_are_found() -> std::io::Result<()> {
    let beside = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/document/multus-on-crio-with-calico.md"
    );
    let path = std::env::var("REHEARSE_DOCUMENT").unwrap_or_else(|_| beside.to_owned());
    let text = std::fs::read_to_string(&path)?;
    let document = Document::parse("document.md", &text);
    let findings = lint(&document);
    let missed: Vec<_> = ERRATA
        .iter()
        .filter(|(_, line, code)| {
            !findings
                .iter()
                .any(|finding| finding.line == *line && finding.code == *code)
        })
        .collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
    // Every finding was looked at once: what is new must be looked at, too.
    assert_eq!(findings.len(), 73);
    Ok(())
}

#[test]
fn every_rule_is_shown_in_every_format() {
    let document = Document::parse("docs/a b.md", "Look, é:\n\n```\nkubectl get pods -w\n```\n");
    let findings = lint(&document);
    assert_snapshot!(finding::terminal(&findings, &document.source, false), @r"
        warning[never-ends]: the command never ends: who follows the steps must know when to stop it, and a program cannot
         --> docs/a b.md:4:18
          |
        4 | kubectl get pods -w
          |                  ^^
          |
          = hint: leave the option out, or bound it with `timeout`

        docs/a b.md: 1 finding
        ");
    assert_snapshot!(finding::github(&findings), @"::warning file=docs/a b.md,line=4,col=18,title=never-ends::the command never ends: who follows the steps must know when to stop it, and a program cannot%0Ahint: leave the option out, or bound it with `timeout`");
    let codes = [("never-ends", "A command never ends")];
    assert_snapshot!(finding::sarif(&findings, &codes, "0.0.0"), @r#"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "version": "2.1.0",
          "runs": [
            {
              "tool": {
                "driver": {
                  "name": "rehearse",
                  "version": "0.0.0",
                  "rules": [
                    {
                      "id": "never-ends",
                      "shortDescription": {
                        "text": "A command never ends"
                      }
                    }
                  ]
                }
              },
              "columnKind": "unicodeCodePoints",
              "results": [
                {
                  "ruleId": "never-ends",
                  "level": "warning",
                  "message": {
                    "text": "the command never ends: who follows the steps must know when to stop it, and a program cannot. Hint: leave the option out, or bound it with `timeout`."
                  },
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "docs/a%20b.md"
                        },
                        "region": {
                          "startLine": 4,
                          "startColumn": 18
                        }
                      }
                    }
                  ],
                  "ruleIndex": 0
                }
              ]
            }
          ]
        }
        "#);
}

/// Signs that mean something to Markdown, to a shell or to a rule, in any order.
const PIECES: [&str; 56] = [
    "\r\n",
    "\u{feff}",
    "> ",
    "1. ",
    "    ",
    "!!! a\n",
    "{{< highlight bash >}}\n",
    "{{< /highlight >}}\n",
    "<!--",
    "-->",
    "<name>",
    "```bash\n",
    "( ( ",
    "if a; then\n",
    "spec: {config: '{\"cniVersion\": \"1\"}'}",
    "kubectl create -f - <<EOF\nkind: Pod\nmetadata: {name: a}\nEOF\n",
    "```",
    "```\n",
    "\n",
    "\n\n",
    "~~~",
    "# ",
    "- ",
    " ",
    "\t",
    "$ ",
    "a@b:~$ ",
    "/ # ",
    "kubectl ",
    "get pods ",
    "-w",
    "cat <<EOF",
    "EOF",
    "EOF ",
    "\nEOF\n",
    "ssh ",
    "'",
    "\"",
    "\\",
    "$(",
    "${",
    ")",
    "}",
    "|",
    "&&",
    "; do",
    "done",
    "inet 192.0.2.1/24",
    "default via 192.0.2.1 dev a",
    "https://",
    "/latest/",
    "{\"type\": \"multus\"}",
    "é",
    "Mar 13 0",
    "NAME   READY\n",
    "/etc/cni/net.d/a.conf",
];

proptest! {
    #[test]
    fn no_text_makes_a_rule_panic(text in any::<String>()) {
        lint(&Document::parse("a.md", &text));
    }

    #[test]
    fn no_document_makes_a_rule_panic(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        lint(&Document::parse("a.md", &pieces.concat()));
    }
}
