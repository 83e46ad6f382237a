//! Files that are no capture, or one of something else.

use rehearse_core::capture::{Capture, LARGEST, LARGEST_UNPACKED};
use rehearse_tests::without_engine::rehearse;
use rstest::rstest;
use serde_json::{Value, json};

use crate::small::{NAME, capture, stable, stage, store};

#[rstest]
#[case::empty("capture-empty", |_: &[u8]| Vec::new())]
#[case::truncated("capture-truncated", |whole: &[u8]| whole[..whole.len() / 2].to_vec())]
#[case::other("capture-other", |_: &[u8]| b"{\"format\": 1}".to_vec())]
#[case::huge("capture-huge", |_: &[u8]| vec![0; LARGEST + 1])]
fn a_file_that_is_no_capture_is_an_error(
    #[case] name: &str,
    #[case] change: fn(&[u8]) -> Vec<u8>,
) -> anyhow::Result<()> {
    let folder = stage()?;
    let capture: Capture = serde_json::from_value(capture(folder.path())?)?;
    store(folder.path(), &change(&capture.to_gzip()?))?;
    let ended = rehearse(folder.path(), &["run", "small", "--on", "capture"])?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!(name, ended.stderr);
    Ok(())
}

#[test]
fn a_capture_that_unpacks_to_too_much_is_an_error() -> anyhow::Result<()> {
    let folder = stage()?;
    let mut bomb: Capture = serde_json::from_value(capture(folder.path())?)?;
    bomb.scenario = " ".repeat(LARGEST_UNPACKED);
    let bytes = bomb.to_gzip()?;
    assert!(bytes.len() < LARGEST);
    store(folder.path(), &bytes)?;
    let ended = rehearse(folder.path(), &["run", "small", "--on", "capture"])?;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!("capture-bomb", ended.stderr);
    Ok(())
}

#[rstest]
#[case::format("capture-format", "format", json!(9), 3)]
#[case::scenario("capture-scenario", "scenario", json!("another"), 3)]
fn a_capture_of_something_else_answers_nothing(
    #[case] name: &str,
    #[case] key: &str,
    #[case] value: Value,
    #[case] code: i32,
) -> anyhow::Result<()> {
    let folder = stage()?;
    let mut written = capture(folder.path())?;
    written[key] = value;
    let capture: Capture = serde_json::from_value(written)?;
    store(folder.path(), &capture.to_gzip()?)?;
    let on = format!("capture:{NAME}");
    let arguments = ["run", "small", "--on", &on, "--out", "out"];
    let ended = rehearse(folder.path(), &arguments)?;
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!(name, format!("{}{}", stable(&ended), ended.stderr));
    Ok(())
}
