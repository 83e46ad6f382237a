//! A unit's journal and, in it, what CRI-O says of networks. Other lines are kept as text and not understood.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Inability, Observations, text};
use crate::query::Query;

const DEFAULT_NETWORK: &str = "Updated default CNI network name to ";

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When the journal took it.
    pub time: Timestamp,
    /// What the unit printed; empty where the journal left it out for its size.
    pub message: String,
}

/// What CRI-O took as the default network, at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultNetwork {
    /// When it said so.
    pub time: Timestamp,
    /// The network's name; empty for none.
    pub name: String,
}

/// One line in logrus' text form: `time="…" level=… msg="…"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// When it was printed, where the line says.
    pub time: Option<Timestamp>,
    /// The message.
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

/// Each node's journal of a unit, oldest line first.
///
/// # Errors
/// [`Inability`] where it was not asked for or is not what `journalctl --output=json` prints.
pub fn read(
    observations: &Observations,
    unit: &str,
) -> Result<BTreeMap<String, Vec<Entry>>, Inability> {
    let outputs = observations.by_node(&query(unit))?;
    outputs
        .into_iter()
        .map(|(node, output)| {
            let entries = parse(text("journal", output)?).map_err(|reason| {
                Inability::unparsable("journal", output.subject.to_string(), reason)
            })?;
            Ok((node.to_owned(), entries))
        })
        .collect()
}

/// Reads the lines that `journalctl --output=json` prints.
///
/// # Errors
/// The line's number and what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| entry(line).map_err(|reason| format!("line {}: {reason}", index + 1)))
        .collect()
}

fn entry(line: &str) -> Result<Entry, String> {
    let raw: Raw = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let microseconds = raw.microseconds.parse::<i64>();
    let microseconds =
        microseconds.map_err(|error| format!("time '{}': {error}", raw.microseconds))?;
    let time = Timestamp::from_microsecond(microseconds).map_err(|error| error.to_string())?;
    let message = match raw.message {
        Value::Null => String::new(),
        Value::String(text) => text,
        // journald gives a message that is not UTF-8 as its bytes.
        Value::Array(bytes) => {
            let bytes: Option<Vec<u8>> = bytes
                .iter()
                .map(|byte| u8::try_from(byte.as_u64()?).ok())
                .collect();
            let bytes = bytes.ok_or("MESSAGE is neither a text nor bytes")?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return Err("MESSAGE is neither a text nor bytes".to_owned()),
    };
    Ok(Entry { time, message })
}

impl Entry {
    /// The line in logrus' text form; none where it is of another form.
    pub fn logged(&self) -> Option<Logged> {
        let mut rest = self.message.trim();
        let mut logged = Logged {
            time: None,
            message: String::new(),
        };
        while let Some((key, value)) = rest.split_once('=') {
            let (value, after) = field(value)?;
            match key {
                "time" => logged.time = value.parse().ok(),
                "msg" => {
                    logged.message = value;
                    return Some(logged);
                }
                _ => {}
            }
            rest = after.trim_start();
        }
        None
    }
}

/// One value and what follows it: a word, or a text in Go's quotes.
fn field(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(' ').unwrap_or(text.len());
        let (value, after) = text.split_at_checked(end)?;
        return Some((value.to_owned(), after));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(index + 1..)?)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'r' => value.push('\r'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

/// CRI-O's last word on its default network, if it said one at or after that time. It repeats it on every reload, also
/// when nothing has changed.
pub fn last_default_network(entries: &[Entry], since: Option<Timestamp>) -> Option<DefaultNetwork> {
    entries.iter().rev().find_map(|entry| {
        let logged = entry.logged()?;
        let name = logged.message.strip_prefix(DEFAULT_NETWORK)?;
        let time = logged.time.unwrap_or(entry.time);
        let is_late_enough = since.is_none_or(|since| time >= since);
        is_late_enough.then(|| DefaultNetwork {
            time,
            name: name.trim().to_owned(),
        })
    })
}

/// The network that CRI-O last gave a pod's sandbox, as `Adding pod … to CNI network "…"` says.
pub fn network_given(entries: &[Entry], namespace: &str, pod: &str) -> Option<String> {
    let prefix = format!("Adding pod {namespace}_{pod} to CNI network \"");
    entries.iter().rev().find_map(|entry| {
        let logged = entry.logged()?;
        let (network, _) = logged.message.strip_prefix(&prefix)?.split_once('"')?;
        Some(network.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const JOURNAL: &str = include_str!("../../testdata/journal/worker.jsonl");

    #[test]
    fn the_last_word_is_the_last_line_that_says_it() -> Result<(), String> {
        let entries = parse(JOURNAL)?;
        let last = last_default_network(&entries, None);
        assert_eq!(
            last.map(|word| word.name),
            Some("multus-cni-network".to_owned())
        );
        Ok(())
    }

    #[test]
    fn words_before_the_given_time_do_not_count() -> Result<(), Box<dyn std::error::Error>> {
        let entries = parse(JOURNAL)?;
        let during: Timestamp = "2026-11-23T21:33:15Z".parse()?;
        let after: Timestamp = "2026-11-23T21:33:17Z".parse()?;
        assert!(last_default_network(&entries, Some(during)).is_some());
        assert_eq!(last_default_network(&entries, Some(after)), None);
        Ok(())
    }

    #[test]
    fn an_empty_name_is_a_word_too() -> Result<(), String> {
        let line = r#"{"__REALTIME_TIMESTAMP":"1795470320338735","MESSAGE":"time=\"2026-11-23T21:25:20.33873553Z\" level=info msg=\"Updated default CNI network name to \""}"#;
        let last = last_default_network(&parse(line)?, None);
        assert_eq!(last.map(|word| word.name), Some(String::new()));
        Ok(())
    }

    #[rstest]
    #[case(
        r#"time=\"2026-11-23T21:25:20Z\" level=info msg=\"Updated default CNI network name to a\""#
    )]
    #[case(
        r#"time=\"2026-11-23T21:25:20Z\" msg=\"Updated default CNI network name to a\" level=info"#
    )]
    fn a_line_is_read_field_by_field(#[case] message: &str) -> Result<(), String> {
        let line = format!(r#"{{"__REALTIME_TIMESTAMP":"1","MESSAGE":"{message}"}}"#);
        let last = last_default_network(&parse(&line)?, None);
        assert_eq!(
            last.map(|word| (word.name, word.time.to_string())),
            Some(("a".to_owned(), "2026-11-23T21:25:20Z".to_owned()))
        );
        Ok(())
    }

    #[test]
    fn the_network_of_a_sandbox_is_the_last_that_was_added() -> Result<(), String> {
        let entries = parse(JOURNAL)?;
        let given = |pod| network_given(&entries, "default", pod);
        assert_eq!(given("priority-1"), Some("k8s-pod-network".to_owned()));
        assert_eq!(given("switched-1"), Some("multus-cni-network".to_owned()));
        assert_eq!(given("switched"), None);
        Ok(())
    }

    #[test]
    fn bytes_and_messages_left_out_are_read() -> Result<(), String> {
        let text = "{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":[104,105,255]}\n\n{\"__REALTIME_TIMESTAMP\":\"2\",\"MESSAGE\":null}\n";
        let messages: Vec<String> = parse(text)?
            .into_iter()
            .map(|entry| entry.message)
            .collect();
        assert_eq!(messages, ["hi\u{fffd}", ""]);
        Ok(())
    }

    #[rstest]
    #[case(
        "{}",
        "line 1: missing field `__REALTIME_TIMESTAMP` at line 1 column 2"
    )]
    #[case(
        r#"{"__REALTIME_TIMESTAMP":"soon"}"#,
        "line 1: time 'soon': invalid digit found in string"
    )]
    #[case(
        r#"{"__REALTIME_TIMESTAMP":"1","MESSAGE":["a"]}"#,
        "line 1: MESSAGE is neither a text nor bytes"
    )]
    fn other_lines_are_errors(#[case] text: &str, #[case] reason: &str) {
        assert_eq!(parse(text), Err(reason.to_owned()));
    }
}
