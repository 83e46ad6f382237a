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
