//! One line of a program that logs by logrus, as CRI-O does, in each of its three forms: text (`time="…" level=… msg="…"`),
//! JSON (`--log-format json`), and what it prints where it has a terminal (`INFO[0003] …`, coloured or not).

use jiff::Timestamp;
use serde_json::Value;

use super::Entry;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// When it was printed, where the line says.
    pub time: Option<Timestamp>,
    /// The message.
    pub message: String,
}

/// The levels as a terminal is shown them.
const LEVELS: [&str; 7] = ["TRAC", "DEBU", "INFO", "WARN", "ERRO", "FATA", "PANI"];

impl Entry {
    /// The entry's first line that has one of logrus' forms; none where there is no such line.
    pub fn logged(&self) -> Option<Logged> {
        self.message.lines().find_map(logged)
    }
}

fn logged(line: &str) -> Option<Logged> {
    let line = line.trim();
    if line.starts_with('{') {
        return of_json(line);
    }
    of_text(line).or_else(|| of_terminal(&without_colours(line)))
}

fn of_json(line: &str) -> Option<Logged> {
    let line: Value = serde_json::from_str(line).ok()?;
    Some(Logged {
        time: line
            .get("time")
            .and_then(|time| time.as_str()?.parse().ok()),
        message: line.get("msg")?.as_str()?.to_owned(),
    })
}

fn of_text(line: &str) -> Option<Logged> {
    let mut rest = line;
    let mut time = None;
    let mut message = None;
    while let Some((key, value)) = rest.split_once('=') {
        if key.contains(char::is_whitespace) {
            break;
        }
        let (value, after) = field(value)?;
        match key {
            "time" => time = value.parse().ok(),
            "msg" => message = Some(value),
            _ => {}
        }
        rest = after.trim_start();
    }
    Some(Logged {
        time,
        message: message?,
    })
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

/// `LEVEL[TIME] MESSAGE  key=value …`, where the time is one, or seconds since the start.
fn of_terminal(line: &str) -> Option<Logged> {
    let (level, rest) = line.split_once('[')?;
    let (time, message) = rest.split_once(']')?;
    if !LEVELS.contains(&level) {
        return None;
    }
    Some(Logged {
        time: time.parse().ok(),
        message: without_fields(message.trim()).to_owned(),
    })
}

/// The message is filled up with spaces before the first `key=value`.
fn without_fields(message: &str) -> &str {
    let is_field = |text: &str| {
        let key = text.trim_start().split_once('=').map(|(key, _)| key);
        key.is_some_and(|key| !key.is_empty() && !key.contains(char::is_whitespace))
    };
    let gaps = message.match_indices("  ");
    let mut ends = gaps.filter_map(|(at, _)| message.split_at_checked(at));
    let end = ends.find(|(_, fields)| is_field(fields));
    end.map_or(message, |(message, _)| message.trim_end())
}

/// Without what sets colours: ESC, `[`, numbers and `m`.
fn without_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after
            .trim_start_matches(|character: char| character.is_ascii_digit() || character == ';');
        rest = rest.strip_prefix('m').unwrap_or(rest);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::text(
        r#"time="2026-03-02T07:11:20.5Z" level=info msg="Found CNI network \"a\" here""#,
        "2026-03-02T07:11:20.5Z",
        "Found CNI network \"a\" here"
    )]
    #[case::text_in_another_order(
        r#"msg="all is well" time="2026-03-02T07:11:20Z" level=info"#,
        "2026-03-02T07:11:20Z",
        "all is well"
    )]
    #[case::json(
        r#"{"file":"x.go:1","level":"info","msg":"Found \"a\"","time":"2026-03-02T07:11:20.25Z"}"#,
        "2026-03-02T07:11:20.25Z",
        "Found \"a\""
    )]
    #[case::json_without_a_time(r#"{"level":"warning","msg":"slow"}"#, "", "slow")]
    #[case::terminal(
        "WARN[2026-03-02T07:11:20.000000001Z] quay is full                     ",
        "2026-03-02T07:11:20.000000001Z",
        "quay is full"
    )]
    #[case::terminal_with_colours_and_fields(
        "\u{1b}[36mINFO\u{1b}[0m[0042] quay a=b is full                 \u{1b}[36mid\u{1b}[0m=3f \u{1b}[36mname\u{1b}[0m=x",
        "",
        "quay a=b is full"
    )]
    #[case::terminal_and_nothing("INFO[0003] name to  ", "", "name to")]
    fn each_form_is_read(#[case] line: &str, #[case] time: &str, #[case] message: &str) {
        let expected = Logged {
            time: time.parse().ok(),
            message: message.to_owned(),
        };
        assert_eq!(logged(line), Some(expected));
    }

    #[rstest]
    #[case("Starting crio.service - the runtime of this node...")]
    #[case("crio.service: Main process exited, code=killed, status=9/KILL")]
    #[case("NOTE[0003] of another form")]
    #[case(r#"{"level":"info"}"#)]
    #[case(r#"time="2026-03-02T07:11:20Z" msg="cut of"#)]
    fn other_lines_are_none(#[case] line: &str) {
        assert_eq!(logged(line), None);
    }

    #[test]
    fn of_several_lines_the_first_that_is_logged_counts() {
        let entry = Entry {
            time: Timestamp::UNIX_EPOCH,
            message: "core dumped\nINFO[0001] up again".to_owned(),
        };
        assert_eq!(
            entry.logged().map(|logged| logged.message),
            Some("up again".to_owned())
        );
    }
}
