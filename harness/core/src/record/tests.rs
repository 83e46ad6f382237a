//! Sample records: the network facts are those of a real run; times, run ids and digests are made up.

use insta::assert_snapshot;
use rstest::rstest;

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
