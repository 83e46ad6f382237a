//! JUnit XML: one suite, one case a step. A failed step has a failure with all its failing checks, a broken one an
//! error, a blocked or skipped one is skipped with the reason.

use crate::medium::Safe;
use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite, XmlString,
};

use super::RenderError;
use super::document;
use super::overview::{Place, Trouble, played, remarks_of, told_at, troubles};
use super::text::{append, printable};
use crate::record::{Outcome, Record, Step, Tally};

/// The report as XML; what XML cannot hold is shown as its picture.
///
/// # Errors
/// [`RenderError::Junit`], which nothing in a record causes.
pub fn render(record: &Record) -> Result<Safe, RenderError> {
    let canonical = &record.canonical;
    let total = Duration::from_millis(record.timing.total);
    let mut suite = TestSuite::new(xml(&canonical.scenario));
    suite.timestamp = record.timing.started.parse().ok();
    suite.set_time(total);
    for (name, value) in properties(record) {
        suite.add_property(Property::new(xml(&name), xml(&value)));
    }
    for step in &canonical.steps {
        suite.add_test_case(test_case(record, step));
    }
    let mut report = Report::new("rehearse");
    report.timestamp = suite.timestamp;
    report.set_time(total);
    report.add_test_suite(suite);
    Ok(Safe::xml(&report.to_string()?))
}

fn xml(text: &str) -> XmlString {
    // XML 1.0 has no U+FFFE and U+FFFF either.
    XmlString::new(printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}"))
}

fn properties(record: &Record) -> Vec<(String, String)> {
    let canonical = &record.canonical;
    let mut properties = vec![
        ("run".to_owned(), record.run.id.clone()),
        ("command".to_owned(), record.run.command.clone()),
        ("stage".to_owned(), canonical.stage.clone()),
        ("source".to_owned(), canonical.source.to_string()),
        (
            "document sha256".to_owned(),
            canonical.document.sha256.clone(),
        ),
    ];
    properties.extend(played(record).map(|played| ("capture".to_owned(), played)));
    properties.extend(document::line(record).map(|line| ("document under test".to_owned(), line)));
    for component in &canonical.components {
        let name = format!("version {}", component.name);
        properties.push((name, component.version.clone()));
        let notes = component.notes.iter();
        properties.extend(notes.map(|note| (format!("note {}", component.name), note.clone())));
    }
    let machine = record.run.machine.iter();
    properties.extend(machine.map(|(name, value)| (format!("machine {name}"), value.clone())));
    properties
}

fn test_case(record: &Record, step: &Step) -> TestCase {
    let troubles = troubles(record, step);
    let mut case = TestCase::new(xml(&step.id), status(step, &troubles));
    case.set_classname(xml(&record.canonical.scenario));
    case.set_assertions(step.checks.len());
    if let Some(timing) = record.timing.steps.get(&step.id) {
        case.timestamp = timing.started.parse().ok();
        case.set_time(Duration::from_millis(timing.total));
    }
    case.add_property(Property::new("title", xml(&step.title)));
    let place = Place::of_step(record, step);
    if let Some(location) = told_at(place, &troubles) {
        // Attributes of pytest's, which services know.
        case.extra.insert(xml("file"), xml(&location.file));
        case.extra
            .insert(xml("line"), location.line.to_string().into());
    }
    if place.document.is_some() {
        case.add_property(Property::new("document", place.document()));
    }
    let remarks: Vec<_> = remarks_of(record, step)
        .map(|remark| match remark.place.scenario {
            Some(_) => format!("{} ({})", remark.text, remark.place.scenario()),
            None => remark.text.to_owned(),
        })
        .collect();
    if !remarks.is_empty() {
        case.set_system_out(xml(&remarks.join("\n")));
    }
    case
}

fn status(step: &Step, troubles: &[Trouble<'_>]) -> TestCaseStatus {
    let mut status = match step.outcome {
        Outcome::Passed => return TestCaseStatus::success(),
        Outcome::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Broken { .. } => TestCaseStatus::non_success(NonSuccessKind::Error),
        Outcome::Blocked { .. } | Outcome::Skipped { .. } => TestCaseStatus::skipped(),
    };
    let checks = Tally::checks(step);
    let message = step.outcome.reason().unwrap_or_else(|| {
        let failed: Vec<_> = troubles
            .iter()
            .map(|trouble| format!("{}: {}", trouble.state.word(), trouble.check.that))
            .collect();
        format!("{} (checks: {})", failed.join("; "), checks.words())
    });
    status.set_message(xml(&message));
    let description = description(troubles);
    if matches!(step.outcome, Outcome::Failed | Outcome::Broken { .. }) {
        status.set_type(step.outcome.word());
        status.set_description(xml(if description.is_empty() {
            &message
        } else {
            &description
        }));
    } else if !description.is_empty() {
        status.set_description(xml(&description));
    }
    status
}

fn description(troubles: &[Trouble<'_>]) -> String {
    let mut text = String::new();
    for trouble in troubles {
        let (state, place) = (trouble.state.word(), trouble.place);
        append(
            &mut text,
            format_args!("{state}: {} {place}\n", trouble.check.that),
        );
        if let Some(why) = trouble.why {
            append(&mut text, format_args!("  why: {why}\n"));
        }
        for failure in trouble.failures {
            append(&mut text, format_args!("  {}\n", failure.subject));
            for (label, value) in [
                ("expected", &failure.expected),
                ("observed", &failure.observed),
                ("why", &failure.why),
            ] {
                append(
                    &mut text,
                    format_args!("    {label}: {}\n", value.replace('\n', "\n      ")),
                );
            }
        }
    }
    text
}
