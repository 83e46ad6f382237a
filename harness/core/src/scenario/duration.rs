//! How a scenario writes a time: a whole number and its unit.

use std::time::Duration;

/// Reads `500ms`, `90s`, `5m` or `1h`.
///
/// # Errors
/// What is wrong with the text, to follow `failed to read …:`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let form = || "a time is a whole number and ms, s, m or h, such as `90s` or `5m`".to_owned();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let milliseconds: u64 = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(form()),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(form());
    }
    let number: u64 = digits.parse().map_err(|_| form())?;
    match number.checked_mul(milliseconds) {
        Some(0) => Err("a time of nothing is never enough".to_owned()),
        // A day is beyond any replay, and keeps sums of times far from their limits.
        Some(product) if product <= 86_400_000 => Ok(Duration::from_millis(product)),
        _ => Err("a time is at most `24h`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("500ms", 500)]
    #[case("90s", 90_000)]
    #[case("5m", 300_000)]
    #[case("24h", 86_400_000)]
    fn a_number_and_its_unit_are_a_time(#[case] text: &str, #[case] milliseconds: u64) {
        assert_eq!(
            parse_duration(text),
            Ok(Duration::from_millis(milliseconds))
        );
    }

    #[rstest]
    fn anything_else_is_none(
        #[values(
            "",
            "90",
            "s",
            "1.5s",
            "-1s",
            "+1s",
            "1 s",
            "0s",
            "25h",
            "1m30s",
            "٣s",
            "99999999999999999999s"
        )]
        text: &str,
    ) {
        assert!(parse_duration(text).is_err());
    }
}
