//! The scenario's line of everything that went wrong or is remarked, in every report; and records that do not tell it.

use std::collections::BTreeSet;

use rstest::rstest;

use super::PLAIN;
use crate::medium::Safe;
use crate::problem::Location;
use crate::record::compare::{Class, KnownChanges, compare};
use crate::record::tests::{failed, passed};
use crate::record::{Check, ReadError, Record, StepLocations, Verdict};
use crate::report::overview::{remarks, troubles};
use crate::report::{
    RenderError, annotations, comparison, ctrf, html, junit, markdown, sarif, terminal,
};

const FILE: &str = "guides/one two/scenario.yaml";

/// The record with a line for each step, and one for each check behind it.
pub(crate) fn located(mut record: Record, file: &str) -> Record {
    let mut line = 10;
    let mut next = || {
        line += 1;
        Location {
            file: file.to_owned(),
            line,
        }
    };
    for step in &record.canonical.steps {
        let locations = StepLocations {
            step: next(),
            checks: step
                .checks
                .iter()
                .map(|check| (check.that.clone(), next()))
                .collect(),
        };
        record.run.locations.insert(step.id.clone(), locations);
    }
    record
}

fn reports(record: &Record) -> Result<Vec<(&'static str, String)>, RenderError> {
    let text = Safe::into_string;
    Ok(vec![
        ("terminal", text(terminal::render(record, "out", PLAIN))),
        ("markdown", text(markdown::render(record))),
        // A template escapes a path's slashes.
        ("html", html::render(record)?.replace("&#x2f;", "/")),
        ("junit", text(junit::render(record)?)),
        ("ctrf", text(ctrf::render(record))),
        ("annotations", text(annotations::render(record))),
        ("sarif", text(sarif::render(record, "1.2.3"))),
    ])
}

/// How a report writes a place.
fn written(report: &str, location: &Location) -> Vec<String> {
    let Location { file, line } = location;
    match report {
        "annotations" => vec![format!("file={file},line={line},")],
        "sarif" => vec![
            "guides/one%20two/scenario.yaml".to_owned(),
            format!("\"startLine\": {line}\n"),
        ],
        _ => vec![format!("{file}:{line}")],
    }
}

#[test]
fn every_report_has_the_line_of_what_went_wrong_or_is_remarked()
-> Result<(), Box<dyn std::error::Error>> {
    let mut record = failed()?;
    let check = record.canonical.steps.iter_mut().find_map(|step| {
        let mut checks = step.checks.iter_mut();
        checks.find(|check| check.verdict == Verdict::Failed)
    });
    check
        .ok_or("no check failed")?
        .remarks
        .insert("as is known".to_owned());
    let record = located(record, FILE);
    let steps = record.canonical.steps.iter();
    let wrong: Vec<_> = steps
        .flat_map(|step| troubles(&record, step))
        .filter_map(|trouble| trouble.place.scenario)
        .collect();
    let remarked: Vec<_> = remarks(&record)
        .filter_map(|remark| remark.place.scenario)
        .collect();
    assert!(wrong.len() > 1 && !remarked.is_empty());
    let lines: BTreeSet<_> = wrong.iter().map(|location| location.line).collect();
    assert_eq!(lines.len(), wrong.len(), "each check has its own");
    for (report, text) in reports(&record)? {
        // Annotations and CTRF tell no remarks.
        let remarked = match report {
            "annotations" | "ctrf" => &[][..],
            _ => &remarked,
        };
        for location in wrong.iter().chain(remarked) {
            for part in written(report, location) {
                assert!(text.contains(&part), "{report}: {part}\n{text}");
            }
        }
    }
    Ok(())
}

#[test]
fn every_step_that_was_not_reached_has_its_line() -> Result<(), Box<dyn std::error::Error>> {
    let record = located(failed()?, FILE);
    let steps = record.canonical.steps.iter();
    let blocked: Vec<_> = steps
        .filter(|step| matches!(step.outcome, crate::record::Outcome::Blocked { .. }))
        .filter_map(|step| record.run.locations.get(&step.id))
        .map(|locations| &locations.step)
        .collect();
    assert!(!blocked.is_empty());
    for (report, text) in reports(&record)? {
        for location in &blocked {
            let parts = match report {
                // Only its table has them, in which there is no room.
                "terminal" => continue,
                "junit" => vec![format!("file=\"{FILE}\" line=\"{}\"", location.line)],
                "ctrf" => vec![format!("\"line\": {},\n", location.line)],
                _ => written(report, location),
            };
            for part in parts {
                assert!(text.contains(&part), "{report}: {part}\n{text}");
            }
        }
    }
    Ok(())
}

#[rstest]
#[case::passed(passed())]
#[case::failed(failed())]
fn a_record_without_lines_has_every_report_and_is_else_the_same(
    #[case] record: Result<Record, ReadError>,
) -> Result<(), Box<dyn std::error::Error>> {
    let record = record?;
    assert!(record.run.locations.is_empty() && !record.to_json().contains("locations"));
    for (report, text) in reports(&record)? {
        assert!(!text.contains("scenario.yaml"), "{report}: {text}");
    }
    let located = located(record.clone(), FILE);
    assert_eq!(located.canonical_json(), record.canonical_json());
    assert_eq!(Record::from_json(&located.to_json())?, located);
    Ok(())
}

#[test]
fn every_form_of_a_comparison_has_the_line_of_a_check_that_ended_otherwise()
-> Result<(), Box<dyn std::error::Error>> {
    let (base, candidate) = (passed()?, located(failed()?, FILE));
    let comparison = compare(&base, &candidate, &KnownChanges::default(), &[]);
    let verdicts = comparison.changes.iter();
    let locations: Vec<_> = verdicts
        .filter(|change| change.class == Class::Verdict)
        .filter_map(|change| change.location.as_ref())
        .collect();
    assert!(!locations.is_empty());
    for text in [
        comparison::terminal::render(&comparison, PLAIN).into_string(),
        comparison::markdown::render(&comparison).into_string(),
        comparison::html::render(&comparison, &base, &candidate)?.replace("&#x2f;", "/"),
    ] {
        for location in &locations {
            assert!(text.contains(&location.to_string()), "{location}: {text}");
        }
    }
    Ok(())
}

#[test]
fn a_file_outside_of_the_repository_is_told_and_not_pointed_at()
-> Result<(), Box<dyn std::error::Error>> {
    let record = located(failed()?, "/home/me/one, two/scenario.yaml");
    let annotations = annotations::render(&record);
    assert!(!annotations.contains("file="), "{annotations}");
    for line in annotations.lines() {
        assert!(
            line.contains("at /home/me/one, two/scenario.yaml:"),
            "{line}"
        );
    }
    let sarif = sarif::render(&record, "1.2.3");
    assert!(sarif.contains("\"uri\": \"file:///home/me/one%2C%20two/scenario.yaml\""));
    Ok(())
}

#[test]
fn a_check_that_the_lines_lack_is_told_at_its_step() -> Result<(), ReadError> {
    let mut record = located(failed()?, FILE);
    for locations in record.run.locations.values_mut() {
        locations.checks.clear();
    }
    let told = |check: &Check| check.verdict == Verdict::Failed;
    let mut steps = record.canonical.steps.iter();
    let step = steps.find(|step| step.checks.iter().any(told));
    let line = step.map(|step| record.run.locations[&step.id].step.line);
    let terminal = terminal::render(&record, "out", PLAIN);
    assert!(line.is_some_and(|line| terminal.contains(&format!("{FILE}:{line}"))));
    Ok(())
}

#[test]
fn sarif_of_a_run_has_its_rules_and_the_documents_line() -> Result<(), Box<dyn std::error::Error>> {
    let mut record = located(failed()?, FILE);
    record.document = Some(super::document::nasty(&record));
    if let Some(document) = &mut record.document {
        "guide.md".clone_into(&mut document.path);
    }
    let log: serde_json::Value = serde_json::from_str(&sarif::render(&record, "1.2.3"))?;
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"]
        .as_array()
        .ok_or("no rules")?;
    let results = run["results"].as_array().ok_or("no results")?;
    assert!(!results.is_empty());
    let steps = &record.canonical.steps;
    for result in results {
        let index = result["ruleIndex"].as_u64().ok_or("no rule")?;
        assert_eq!(rules[usize::try_from(index)?]["id"], result["ruleId"]);
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].is_u64());
        let message = result["message"]["text"].as_str().unwrap_or_default();
        let step = steps
            .iter()
            .find(|step| message.starts_with(&format!("{}: ", step.id)));
        let lines = step.ok_or("of no step")?.document.as_ref();
        let related = &result["relatedLocations"][0]["physicalLocation"];
        assert_eq!(
            related["region"]["startLine"].as_u64(),
            lines.map(|one| one.lines[0].into())
        );
    }
    Ok(())
}
