//! Sample records: the network facts are those of a real run; times, run ids and digests are made up.

use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;

use super::{Class, Outcome, ReadError, Record, Step};

pub(crate) const PASSED: &str = include_str!("../../testdata/record/passed.json");
pub(crate) const FAILED: &str = include_str!("../../testdata/record/failed.json");

pub(crate) fn passed() -> Result<Record, ReadError> {
    Record::from_json(PASSED)
}

pub(crate) fn failed() -> Result<Record, ReadError> {
    Record::from_json(FAILED)
}

#[test]
fn a_record_reads_and_writes_the_same_bytes() -> Result<(), ReadError> {
    assert_eq!(passed()?.to_json(), PASSED);
    assert_eq!(failed()?.to_json(), FAILED);
    Ok(())
}

#[test]
fn the_canonical_part_knows_nothing_of_times_and_names() -> Result<(), ReadError> {
    let first = passed()?;
    let mut second = passed()?;
    second.timing.total += 1;
    second.timing.steps.clear();
    second.run.id = "another".to_owned();
    second.run.details.clear();
    second.run.timeline.clear();
    assert_eq!(first.canonical_json(), second.canonical_json());
    for word in ["859c7fbdf5", "10.244.19.", "20:34", "21:3"] {
        assert!(!first.canonical_json().contains(word), "{word}");
    }
    assert!(first.canonical_json().ends_with("}\n"));
    Ok(())
}

#[test]
fn a_text_that_is_no_record_gives_its_position() {
    assert_snapshot!(error("{\n  \"format\": 1,\n  oops\n}"), @"failed to read the record at line 3, column 3: key must be a string");
    assert_snapshot!(error(&PASSED.replacen("\"stage\": \"kind\"", "\"stage\": 3", 1)), @"failed to read the record at line 10, column 14: invalid type: integer `3`, expected a string");
    assert_snapshot!(error(&PASSED.replacen("\"stage\"", "\"stages\"", 1)), @"failed to read the record at line 10, column 12: unknown field `stages`, expected one of `scenario`, `title`, `document`, `stage`, `capture`, `source`, `nodes`, `components`, `steps`");
    assert_snapshot!(error(&PASSED.replacen("\"format\": 1", "\"format\": 2", 1)), @"failed to read the record: it has format 2, this program reads format 1 (hint: use the program that wrote it, or run again)");
}

fn error(text: &str) -> String {
    match Record::from_json(text) {
        Ok(_) => "it was read".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn broken() -> Outcome {
    Outcome::Broken {
        class: Class::Machine,
        why: "out of disk".to_owned(),
    }
}

fn blocked() -> Outcome {
    Outcome::Blocked {
        by: "a".to_owned(),
        why: None,
    }
}

fn skipped() -> Outcome {
    Outcome::Skipped {
        why: "--until".to_owned(),
    }
}

#[rstest]
#[case::nothing(vec![], 3)]
#[case::passed(vec![Outcome::Passed], 0)]
#[case::only_skipped(vec![skipped()], 3)]
#[case::passed_and_skipped(vec![Outcome::Passed, skipped()], 0)]
#[case::failed(vec![Outcome::Passed, Outcome::Failed, blocked()], 1)]
#[case::broken(vec![Outcome::Passed, broken()], 3)]
#[case::failed_over_broken(vec![broken(), Outcome::Failed], 1)]
#[case::blocked_alone(vec![Outcome::Passed, blocked()], 3)]
fn exit_code(#[case] outcomes: Vec<Outcome>, #[case] code: u8) -> Result<(), ReadError> {
    let mut record = passed()?;
    record.canonical.steps = outcomes
        .into_iter()
        .map(|outcome| Step {
            id: "a".to_owned(),
            title: "a".to_owned(),
            document: None,
            acts: vec![],
            outcome,
            checks: vec![],
        })
        .collect();
    assert_eq!(record.exit_code(), code);
    Ok(())
}

#[rstest]
#[case::a_passed_step_with_a_failed_check(json!("passed"), json!("failed"), Some("step 'x' is passed"))]
#[case::a_passed_step_that_judged_nothing(json!("passed"), json!({"skipped": {"why": "no"}}), Some("no check passed"))]
#[case::a_failed_step_without_a_failed_check(json!("failed"), json!("passed"), Some("no check failed"))]
#[case::a_skipped_step_that_was_judged(json!({"skipped": {"why": "no"}}), json!("passed"), Some("was judged"))]
#[case::a_passed_step(json!("passed"), json!("passed"), None)]
#[case::a_failed_step(json!("failed"), json!("failed"), None)]
fn a_record_that_contradicts_itself_is_refused(
    #[case] outcome: serde_json::Value,
    #[case] verdict: serde_json::Value,
    #[case] expected: Option<&str>,
) -> anyhow::Result<()> {
    let mut record: serde_json::Value =
        serde_json::from_str(include_str!("../../testdata/record/passed.json"))?;
    let step = &mut record["canonical"]["steps"][0];
    step["outcome"] = outcome;
    let mut check = step["checks"][0].clone();
    check["verdict"] = verdict;
    step["checks"] = json!([check]);
    let id = step["id"].as_str().unwrap_or_default().to_owned();
    let read = Record::from_json(&record.to_string());
    let told = read.err().map(|error| error.to_string());
    let expected = expected.map(|part| part.replace("'x'", &id));
    match (&told, expected) {
        (Some(told), Some(part)) => assert!(told.contains(&part), "{told}"),
        (told, expected) => assert_eq!(*told, expected),
    }
    Ok(())
}

#[rstest]
#[case::a_step_twice(|record: &mut serde_json::Value| {
    let again = record["canonical"]["steps"][0].clone();
    record["canonical"]["steps"][1] = again;
}, "is there twice")]
#[case::another_order_than_the_times(|record: &mut serde_json::Value| {
    if let Some(steps) = record["canonical"]["steps"].as_array_mut() {
        steps.swap(0, 1);
    }
}, "and began before it")]
fn a_record_whose_steps_contradict_each_other_is_refused(
    #[case] edit: fn(&mut serde_json::Value),
    #[case] expected: &str,
) -> anyhow::Result<()> {
    let mut record: serde_json::Value = serde_json::from_str(PASSED)?;
    let first = record["canonical"]["steps"][0]["id"].clone();
    edit(&mut record);
    let told = error(&record.to_string());
    let first = format!("step {}", first.as_str().unwrap_or_default());
    assert!(told.contains(&first) && told.contains(expected), "{told}");
    Ok(())
}
