//! A unit's journal: its lines with their times. What the lines say is read by [`logged`] and [`last_word`].

pub(super) mod mutants;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Inability, Observations, Odd, Reading, text};
use crate::query::Query;

pub mod last_word;
pub mod logged;

/// One entry of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When the journal took it.
    pub time: Timestamp,
    /// What the unit printed, several texts of one entry a line each; empty where the journal left it out for its size.
    pub message: String,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    microseconds: String,
    #[serde(rename = "MESSAGE", default)]
    message: Value,
}

/// The query for a unit's journal.
pub fn query(unit: &str) -> Query {
    Query::NodeJournal {
        unit: unit.to_owned(),
    }
}

/// Each node's journal of a unit, oldest entry first, or why there is none of that node.
///
/// # Errors
/// [`Inability`] where it was not asked for.
pub fn read(
    observations: &Observations,
    unit: &str,
) -> Result<BTreeMap<String, Result<Reading<Entry>, Inability>>, Inability> {
    let outputs = observations.by_node(&query(unit))?;
    Ok(outputs
        .into_iter()
        .map(|(node, output)| (node.to_owned(), text("journal", output).map(parse)))
        .collect())
}

/// Reads the lines that `journalctl --output=json` prints.
pub fn parse(text: &str) -> Reading<Entry> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| entry(line).map_err(|reason| Odd::new(reason, line)))
        .collect()
}

fn entry(line: &str) -> Result<Entry, String> {
    let raw: Raw = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let microseconds = raw.microseconds.parse::<i64>();
    let microseconds =
        microseconds.map_err(|error| format!("time '{}': {error}", raw.microseconds))?;
    let time = Timestamp::from_microsecond(microseconds).map_err(|error| error.to_string())?;
    let message = message(&raw.message).ok_or("MESSAGE is neither a text nor bytes")?;
    Ok(Entry { time, message })
}

/// A text; the bytes of one that is not UTF-8; or, where an entry has the field more than once, a list of such.
fn message(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Array(bytes) if bytes.iter().all(Value::is_number) => {
            let bytes: Option<Vec<u8>> = bytes
                .iter()
                .map(|byte| u8::try_from(byte.as_u64()?).ok())
                .collect();
            Some(String::from_utf8_lossy(&bytes?).into_owned())
        }
        Value::Array(texts) => {
            let is_list_in_list = |value: &Value| {
                value
                    .as_array()
                    .is_some_and(|bytes| !bytes.iter().all(Value::is_number))
            };
            if texts.iter().any(is_list_in_list) {
                return None;
            }
            let texts: Option<Vec<String>> = texts.iter().map(message).collect();
            Some(texts?.join("\n"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn bytes_and_messages_left_out_are_read() {
        let text = "{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":[104,105,255]}\n\n{\"__REALTIME_TIMESTAMP\":\"2\",\"MESSAGE\":null}\n";
        let reading = parse(text);
        let messages: Vec<&str> = reading
            .entries
            .iter()
            .map(|entry| entry.message.as_str())
            .collect();
        assert_eq!(messages, ["hi\u{fffd}", ""]);
        assert_eq!(reading.odd, []);
    }

    #[test]
    fn a_field_that_is_there_twice_is_several_lines() {
        let line = r#"{"__REALTIME_TIMESTAMP":"1","MESSAGE":["crio.service: exited",[111,107,255],"again"]}"#;
        let reading = parse(line);
        assert_eq!(
            reading.entries[0].message,
            "crio.service: exited\nok\u{fffd}\nagain"
        );
    }

    #[rstest]
    #[case("{}", "missing field `__REALTIME_TIMESTAMP` at line 1 column 2")]
    #[case(
        r#"{"__REALTIME_TIMESTAMP":"soon"}"#,
        "time 'soon': invalid digit found in string"
    )]
    #[case(
        r#"{"__REALTIME_TIMESTAMP":"1","MESSAGE":{}}"#,
        "MESSAGE is neither a text nor bytes"
    )]
    #[case(
        r#"{"__REALTIME_TIMESTAMP":"1","MESSAGE":[300]}"#,
        "MESSAGE is neither a text nor bytes"
    )]
    #[case(
        r#"{"__REALTIME_TIMESTAMP":"1","MESSAGE":[["a"]]}"#,
        "MESSAGE is neither a text nor bytes"
    )]
    fn an_odd_line_costs_no_other_one(#[case] line: &str, #[case] reason: &str) {
        let text = format!("{line}\n{{\"__REALTIME_TIMESTAMP\":\"2\",\"MESSAGE\":\"good\"}}\n");
        let reading = parse(&text);
        assert_eq!(reading.entries.len(), 1);
        assert_eq!(reading.odd, [Odd::new(reason, line)]);
    }
}
