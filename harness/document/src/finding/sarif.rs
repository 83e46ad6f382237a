//! Findings as SARIF 2.1.0, the format that code scanning services read.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Finding;

/// One log with one run; `rules` is each rule's code and what it is about, `version` the program's.
pub fn render(findings: &[Finding], rules: &[(&str, &str)], version: &str) -> String {
    let rule = |code: &str| rules.iter().position(|(known, _)| *known == code);
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let mut region = json!({ "startLine": finding.line });
            if let Some(column) = finding.column {
                region["startColumn"] = column.into();
            }
            let mut result = json!({
                "ruleId": finding.code,
                "level": finding.severity.word(),
                "message": { "text": format!("{}. Hint: {}.", finding.message, finding.cure) },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": uri(&finding.file) },
                        "region": region,
                    }
                }],
            });
            if let Some(index) = rule(finding.code) {
                result["ruleIndex"] = index.into();
            }
            result
        })
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|(code, about)| json!({ "id": code, "shortDescription": { "text": about } }))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "rehearse", "version": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// A path as a URI reference: signs that mean something in one are escaped.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap_or_default();
        }
    }
    out
}
