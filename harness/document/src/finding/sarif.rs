//! Findings as a SARIF log.

use rehearse_core::medium::Safe;
use rehearse_core::report::sarif::{self, SarifResult};

use super::Finding;

/// One log with one run; `rules` is each rule's code and what it is about, `version` the program's.
pub fn render(findings: &[Finding], rules: &[(&str, &str)], version: &str) -> Safe {
    let results = findings.iter().map(|finding| SarifResult {
        rule: finding.code,
        severity: finding.severity,
        message: format!("{}. Hint: {}.", finding.message, finding.cure),
        locations: vec![(&finding.file, finding.line, finding.column)],
    });
    let rules: Vec<_> = rules
        .iter()
        .map(|(code, about)| (*code, Some(*about)))
        .collect();
    sarif::log(results, &rules, version)
}
