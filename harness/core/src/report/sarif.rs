//! SARIF 2.1.0, the format that code scanning services read: one log with one run, a result for each thing that is told.
//!
//! The log's form is here for all that is told in it, such as what is found in a document; of records it is made here too.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::messages;
use super::overview::{Place, remarks_of};
use super::text::append;
use crate::medium::Safe;
use crate::record::{Record, Severity, Step};

/// One thing that is told.
#[derive(Clone, Debug)]
pub struct SarifResult<'a> {
    /// The rule that it is told by.
    pub rule: &'a str,
    /// How much it matters.
    pub severity: Severity,
    /// What is told.
    pub message: String,
    /// File, line and, where it is known, column of each place that it is about, the first one foremost.
    pub locations: Vec<(&'a str, usize, Option<usize>)>,
}

/// The log with a line feed at its end; `rules` is each rule's name and what it is about, where that is said, `version`
/// the program's.
pub fn log<'a>(
    results: impl IntoIterator<Item = SarifResult<'a>>,
    rules: &[(&str, Option<&str>)],
    version: &str,
) -> Safe {
    let results: Vec<Value> = results
        .into_iter()
        .map(|result| {
            let mut locations = result.locations.into_iter().map(location);
            let mut value = json!({
                "ruleId": result.rule,
                "level": result.severity.word(),
                "message": { "text": result.message },
                "locations": locations.next().as_slice(),
            });
            let related: Vec<_> = locations.collect();
            if !related.is_empty() {
                value["relatedLocations"] = related.into();
            }
            if let Some(index) = rules.iter().position(|(known, _)| *known == result.rule) {
                value["ruleIndex"] = index.into();
            }
            value
        })
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|(name, about)| match about {
            Some(about) => json!({ "id": name, "shortDescription": { "text": about } }),
            None => json!({ "id": name }),
        })
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
    Safe::json(&format!("{log:#}\n"))
}

fn location((file, line, column): (&str, usize, Option<usize>)) -> Value {
    let mut region = json!({ "startLine": line });
    if let Some(column) = column {
        region["startColumn"] = column.into();
    }
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": region,
        }
    })
}

/// A path as a URI reference: signs that mean something in one are escaped, and a path of this machine is one of its files.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') {
        "file://".to_owned()
    } else {
        String::new()
    };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            append(&mut uri, format_args!("%{byte:02X}"));
        }
    }
    uri
}

/// What failed, broke or was not reached in a run, and what to know although nothing failed.
pub fn render(record: &Record, version: &str) -> Safe {
    let steps = record.canonical.steps.iter();
    let results: Vec<_> = steps.flat_map(|step| of_step(record, step)).collect();
    let rules: BTreeSet<_> = results.iter().map(|result| result.rule).collect();
    let rules: Vec<_> = rules.into_iter().map(|rule| (rule, None)).collect();
    log(results, &rules, version)
}

fn of_step<'record>(record: &'record Record, step: &'record Step) -> Vec<SarifResult<'record>> {
    let messages = messages::of_step(record, step).into_iter();
    let messages = messages.map(|message| SarifResult {
        rule: message.kind,
        severity: message.severity,
        message: format!("{}\n{}", message.title, message.text.trim_end()),
        locations: locations(record, message.place),
    });
    let remarks = remarks_of(record, step).map(|remark| SarifResult {
        rule: &remark.check.kind,
        severity: Severity::Note,
        message: format!("{}: {}", step.id, remark.text),
        locations: locations(record, remark.place),
    });
    messages.chain(remarks).collect()
}

fn locations<'record>(
    record: &'record Record,
    place: Place<'record>,
) -> Vec<(&'record str, usize, Option<usize>)> {
    let scenario = place
        .scenario
        .map(|location| (location.file.as_str(), location.line, None));
    // Nothing but the run itself knows where the document is.
    let document = record.document.as_ref().zip(place.document);
    let document = document.and_then(|(document, lines)| {
        let line = usize::try_from(lines.lines[0]).ok()?;
        Some((document.path.as_str(), line, None))
    });
    scenario.into_iter().chain(document).collect()
}
