//! CTRF (Common Test Report Format) JSON: one test a step, its checks as that test's steps.

use crate::medium::Safe;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::document;
use super::overview::{Place, played, told_at, troubles};
use super::text::printable;
use crate::record::{Record, State, Step, Tally};

/// The version of the format that is written.
const SPECIFICATION: &str = "0.0.0";

/// The report as pretty JSON with a line feed at its end.
pub fn render(record: &Record) -> Safe {
    Safe::json(&format!("{:#}\n", json!(document(record))))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    report_format: &'static str,
    spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    generated_by: &'static str,
    results: Results,
}

#[derive(Serialize)]
struct Results {
    tool: Tool,
    summary: Summary,
    tests: Vec<Test>,
    environment: Environment,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
}

/// Times are milliseconds since 1970.
#[derive(Serialize)]
struct Summary {
    tests: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    pending: usize,
    other: usize,
    suites: usize,
    start: i64,
    stop: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    name: String,
    status: &'static str,
    raw_status: &'static str,
    duration: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<i64>,
    suite: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    steps: Vec<Check>,
    extra: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Check {
    name: String,
    status: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extra: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    report_name: String,
    app_name: String,
    os_platform: &'static str,
    extra: BTreeMap<String, String>,
}

fn document(record: &Record) -> Document {
    let start = milliseconds(&record.timing.started);
    let steps = Tally::steps(record);
    Document {
        report_format: "CTRF",
        spec_version: SPECIFICATION,
        timestamp: start.map(|_| record.timing.started.clone()),
        generated_by: "rehearse",
        results: Results {
            tool: Tool { name: "rehearse" },
            summary: Summary {
                tests: steps.total(),
                passed: steps.passed,
                failed: steps.failed,
                skipped: steps.skipped + steps.blocked,
                pending: 0,
                other: steps.broken,
                suites: 1,
                start: start.unwrap_or(0),
                stop: start
                    .unwrap_or(0)
                    .saturating_add_unsigned(record.timing.total),
            },
            tests: record
                .canonical
                .steps
                .iter()
                .map(|step| test(record, step))
                .collect(),
            environment: environment(record),
        },
    }
}

fn milliseconds(timestamp: &str) -> Option<i64> {
    let timestamp: Timestamp = timestamp.parse().ok()?;
    Some(timestamp.as_millisecond())
}

fn status(state: State) -> &'static str {
    match state {
        State::Passed => "passed",
        State::Failed => "failed",
        // The format has no word for "it could not be found out".
        State::Broken => "other",
        State::Blocked | State::Skipped => "skipped",
    }
}

fn test(record: &Record, step: &Step) -> Test {
    let state = State::from(&step.outcome);
    let timing = record.timing.steps.get(&step.id);
    let duration = timing.map_or(0, |timing| timing.total);
    let start = timing.and_then(|timing| milliseconds(&timing.started));
    let troubles = troubles(record, step);
    let messages: Vec<_> = troubles
        .iter()
        .map(|trouble| trouble.check.that.as_str())
        .collect();
    let message = step
        .outcome
        .reason()
        .or_else(|| (!messages.is_empty()).then(|| messages.join("; ")));
    let failures = troubles.iter().flat_map(|trouble| {
        let failures = trouble.failures.iter();
        failures.map(|failure| (trouble.place.scenario(), failure))
    });
    let trace: Vec<_> = failures
        .map(|(place, failure)| {
            let at = if place.is_empty() { "" } else { "at: " };
            let text = format!(
                "{}\nexpected: {}\nobserved: {}\nwhy: {}\n{at}{place}",
                failure.subject, failure.expected, failure.observed, failure.why
            );
            text.trim_end().to_owned()
        })
        .collect();
    let place = Place::of_step(record, step);
    let location = told_at(place, &troubles);
    let mut extra = BTreeMap::from([("title", step.title.clone())]);
    extra.extend(place.document.map(|_| ("document", place.document())));
    Test {
        name: step.id.clone(),
        status: status(state),
        raw_status: state.word(),
        duration,
        start,
        stop: start.map(|start| start.saturating_add_unsigned(duration)),
        suite: vec![record.canonical.scenario.clone()],
        message: message.map(|message| printable(&message).into_owned()),
        trace: (!trace.is_empty()).then(|| printable(&trace.join("\n\n")).into_owned()),
        file_path: location.map(|location| location.file.clone()),
        line: location.map(|location| location.line),
        steps: step
            .checks
            .iter()
            .map(|check| Check {
                name: check.that.clone(),
                status: status(State::from(&check.verdict)),
                extra: Place::of_check(record, step, check)
                    .scenario
                    .map(|location| ("location", location.to_string()))
                    .into_iter()
                    .collect(),
            })
            .collect(),
        extra,
    }
}

fn environment(record: &Record) -> Environment {
    let mut extra = BTreeMap::from([
        ("command".to_owned(), record.run.command.clone()),
        ("source".to_owned(), record.canonical.source.to_string()),
        ("stage".to_owned(), record.canonical.stage.clone()),
    ]);
    extra.extend(played(record).map(|played| ("capture".to_owned(), played)));
    extra.extend(document::line(record).map(|line| ("document under test".to_owned(), line)));
    for component in &record.canonical.components {
        extra.insert(
            format!("version {}", component.name),
            component.version.clone(),
        );
    }
    for (name, value) in &record.run.machine {
        extra.insert(format!("machine {name}"), value.clone());
    }
    Environment {
        report_name: record.run.id.clone(),
        app_name: record.canonical.scenario.clone(),
        os_platform: "linux",
        extra,
    }
}
