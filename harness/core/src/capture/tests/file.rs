//! The file of a capture: the same bytes each time, and what is said of bytes that are none.

use super::*;

#[test]
fn a_file_has_the_same_bytes_each_time_and_is_read_back() -> Result {
    let (_, capture) = good()?;
    let bytes = capture.to_gzip()?;
    assert_eq!(bytes, capture.clone().to_gzip()?);
    assert_eq!(Capture::from_gzip(&bytes)?, capture);
    Ok(())
}

#[test]
fn bytes_that_are_no_capture_say_what_they_are() -> Result {
    use std::io::Write as _;
    let (_, capture) = good()?;
    let whole = capture.to_gzip()?;
    let error = |bytes: &[u8]| match Capture::from_gzip(bytes) {
        Ok(_) => "read".to_owned(),
        Err(ReadError::Shape(shape)) => shape.to_string(),
        Err(error) => error.to_string(),
    };
    let packed = |json: &str| -> Result<Vec<u8>> {
        let mut encoder = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::fast());
        encoder.write_all(json.as_bytes())?;
        Ok(encoder.finish()?)
    };
    let mut damaged = whole.clone();
    damaged[40] ^= 0xff;
    assert!(error(&damaged).contains("cannot be unpacked"));
    assert!(error(&whole[..whole.len() / 2]).contains("cannot be unpacked"));
    assert!(error(b"not gzip").contains("cannot be unpacked"));
    assert!(error(&[]).contains("cannot be unpacked"), "{}", error(&[]));
    assert!(error(&vec![0; LARGEST + 1]).contains("more than 1048576 bytes"));
    assert!(error(&packed("{}")?).contains("missing field `format`"));
    assert!(error(&packed(r#"{"format": 9}"#)?).contains("it has format 9"));
    assert!(error(&packed(r#"{"format": 1}"#)?).contains("missing field `scenario`"));
    let bomb = packed(&" ".repeat(LARGEST_UNPACKED + 1))?;
    assert!(bomb.len() < LARGEST);
    assert!(error(&bomb).contains("unpacked it has more than"));
    Ok(())
}

/// Another program may have written it, or somebody else.
#[test]
fn every_text_of_a_capture_passes_the_gate_as_it_is_read() -> Result {
    let secret = "hunter2hunter2";
    let url = format!("https://bob:{secret}@example.com/module");
    let (_, mut capture) = good()?;
    let component = &mut capture.components[0];
    component.origin = format!("from {url}");
    component.reason = Some(format!("asked for by {url}"));
    component.notes = vec![format!("see {url}")];
    capture.steps[0].acts = vec![format!("curl {url}")];
    capture.steps[0].looks[0].unfetched = Some(Unfetched::NotKept { why: url.clone() });
    capture.steps[1].looks[0].outputs[0].subject = Subject::Node(url.clone());
    let read = Capture::from_gzip(&capture.to_gzip()?)?;
    let written = serde_json::to_string(&read)?;
    assert!(!written.contains(secret), "{written}");
    assert_eq!(written.matches("[redacted]").count(), 6, "{written}");
    assert_eq!(read.steps[1].looks[0].outputs[0].text.to_string(), "yes\n");
    Ok(())
}

#[test]
fn a_capture_that_contradicts_itself_is_refused() -> Result {
    let refused = |edit: &dyn Fn(&mut Capture)| -> Result<String> {
        let (_, mut capture) = good()?;
        edit(&mut capture);
        let read = Capture::from_gzip(&capture.to_gzip()?);
        Ok(read
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default())
    };
    let hint = "(hint: no run leaves that; capture a run again)";
    assert_eq!(refused(&|_| ())?, "");
    assert_eq!(
        refused(&|capture| capture.steps[1].id = "first".to_owned())?,
        format!("step first is there twice {hint}")
    );
    assert_eq!(
        refused(&|capture| capture.steps[0].started = Timestamp::MAX)?,
        format!("step second comes after step first, and began before it {hint}")
    );
    let twice = format!("step first has two answers to {} {hint}", query("word"));
    assert_eq!(
        refused(&|capture| {
            let look = capture.steps[0].looks[0].clone();
            capture.steps[0].looks.push(look);
        })?,
        twice
    );
    assert_eq!(
        refused(&|capture| {
            let look = capture.steps[0].looks[0].clone();
            capture.steps[0].others.push(look);
        })?,
        twice
    );
    Ok(())
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_make_reading_panic(
        at in proptest::prelude::any::<proptest::sample::Index>(),
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64),
    ) {
        let (_, capture) = good().map_err(|error| proptest::test_runner::TestCaseError::fail(error.to_string()))?;
        let mut file = capture.to_gzip()?;
        let start = at.index(file.len());
        let end = file.len().min(start + bytes.len());
        file.splice(start..end, bytes.iter().copied());
        if let Ok(read) = Capture::from_gzip(&file) {
            proptest::prop_assert_eq!(read.format, FORMAT);
        }
        let mut json = serde_json::to_vec(&capture)?;
        let start = at.index(json.len());
        let end = json.len().min(start + bytes.len());
        json.splice(start..end, bytes);
        if let Ok(read) = Capture::from_json(&json) {
            proptest::prop_assert_eq!(read.format, FORMAT);
        }
    }
}
