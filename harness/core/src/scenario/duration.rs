//! How a scenario writes a time: a whole number and its unit.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::yaml;

/// A time of at most a day, written as `500ms`, `90s`, `5m` or `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(Duration);

impl Time {
    /// How long it is.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Time {
    type Err = String;

    /// What is wrong with the text is told to follow `failed to read …:`.
    fn from_str(text: &str) -> Result<Self, String> {
        parse(text).map(Self)
    }
}

/// In the largest unit that gives a whole number.
impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis();
        let units = [(3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
        let whole = units
            .iter()
            .find(|(unit, _)| milliseconds.is_multiple_of(*unit));
        let (unit, name) = whole.unwrap_or(&(1, "ms"));
        write!(formatter, "{}{name}", milliseconds / unit)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        yaml::parsed(deserializer, "a time such as `90s` or `5m`")
    }
}

fn parse(text: &str) -> Result<Duration, String> {
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
    #[case("1500ms", 1_500)]
    fn a_number_and_its_unit_are_a_time(#[case] text: &str, #[case] milliseconds: u64) {
        let time = text
            .parse()
            .map(|time: Time| (time.duration(), time.to_string()));
        let duration = Duration::from_millis(milliseconds);
        assert_eq!(time, Ok((duration, text.to_owned())));
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
        assert!(text.parse::<Time>().is_err());
    }
}
