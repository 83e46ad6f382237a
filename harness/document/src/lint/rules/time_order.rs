//! Printed times go on as the document does.

use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "time-order",
    about: "Printed times run backwards",
    check,
};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Month, day, hour, minute, second; a year is left out, as the journal's times have none.
type Moment = (usize, u32, u32, u32, u32);

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut latest: Option<(Moment, Option<u32>, usize)> = None;
    let mut drafts = Vec::new();
    for output in &context.outputs {
        // One output may merge several sources: only its first time is compared, and its last one is kept.
        let moments: Vec<_> = context
            .lines(&output.piece.content)
            .into_iter()
            .filter(|(_, line)| !is_of_another_time(line))
            .filter_map(|(span, line)| Some((moment(line)?, year(line), span)))
            .collect();
        let (Some((first, first_year, span)), Some((last, last_year, last_span))) =
            (moments.first(), moments.last())
        else {
            continue;
        };
        if let Some((before, before_year, line)) = latest
            && is_before((*first, *first_year), (before, before_year))
        {
            drafts.push(Draft::note(
                span.clone(),
                format!("this time is before that of line {line}, which is further up: the outputs are of different runs"),
                "print all outputs of one run",
            ));
        }
        // After a step back, what follows is compared with what comes before it.
        latest = Some((*last, *last_year, context.document.line_at(last_span.start)));
    }
    drafts
}

/// Words beside a time at which something else was than the printing.
const OTHER_TIMES: [&str; 22] = [
    "last-modified",
    "expires",
    "not before",
    "not after",
    "notbefore",
    "notafter",
    "created",
    "creationtimestamp",
    "since",
    "started",
    "finished",
    "transition",
    "heartbeat",
    "build",
    "released",
    "compiled",
    "last update",
    "modified",
    "probetime",
    "completed",
    "deployed",
    "valid",
];

fn is_of_another_time(line: &str) -> bool {
    let lower = line.to_lowercase();
    let is_listing = line.starts_with(['-', 'd', 'l'])
        && line
            .get(1..4)
            .is_some_and(|mode| mode.bytes().all(|byte| b"rwx-".contains(&byte)));
    is_listing || OTHER_TIMES.iter().any(|word| lower.contains(word))
}

/// A year in a line.
fn year(line: &str) -> Option<u32> {
    line.split(|next: char| !next.is_ascii_digit())
        .filter(|word| word.len() == 4)
        .find_map(|word| word.parse().ok().filter(|year| (1990..2100).contains(year)))
}

/// Whether a time is before another one. Without years, from December to January time goes on.
fn is_before(one: (Moment, Option<u32>), other: (Moment, Option<u32>)) -> bool {
    match (one.1, other.1) {
        (Some(year), Some(other_year)) => (year, one.0) < (other_year, other.0),
        _ => one.0 < other.0 && other.0.0 - one.0.0 < 6,
    }
}

/// The first time in a line: `Mar 14 01:34:22`, `2023-03-14T01:34:22` or `Mon, 13 Mar 2023 00:18:08`.
fn moment(line: &str) -> Option<Moment> {
    let words: Vec<&str> = line
        .split(|next: char| next.is_whitespace() || next == ',' || next == '"' || next == '=')
        .filter(|word| !word.is_empty())
        .collect();
    for (at, word) in words.iter().enumerate() {
        if let Some((date, time)) = word.split_once('T')
            && let Some((month, day)) = date_of(date)
        {
            return with_time(month, day, time);
        }
        let month = MONTHS
            .iter()
            .position(|month| month == word)
            .map(|at| at + 1);
        let (Some(month), Some(next)) = (month, words.get(at + 1)) else {
            continue;
        };
        if let Ok(day) = next.parse::<u32>()
            && day <= 31
        {
            return with_time(month, day, words.get(at + 2)?);
        }
        if let Some(Ok(day)) = at.checked_sub(1).map(|before| words[before].parse::<u32>()) {
            return with_time(month, day, words.get(at + 2)?);
        }
    }
    None
}

fn date_of(date: &str) -> Option<(usize, u32)> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    (year.len() == 4 && parts.next().is_none()).then_some(())?;
    Some((month.parse().ok()?, day.parse().ok()?))
}

fn with_time(month: usize, day: u32, time: &str) -> Option<Moment> {
    let mut parts = time.split(':');
    let hour = parts.next()?.parse().ok()?;
    let minute = parts.next()?.parse().ok()?;
    let second = parts.next()?.get(..2)?.parse().ok()?;
    Some((month, day, hour, minute, second))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::lint::tests::found;

    #[test]
    fn a_log_of_the_day_before() {
        let log = |first: u32, second: u32| {
            format!(
                "```console\nme@node:~$ journalctl -u crio\nMar {first} 10:00:00 node crio[1]: a\nme@node:~$ journalctl -u crio\nMar {second} 10:00:01 node crio[1]: b\n```\n"
            )
        };
        assert_snapshot!(found(&RULE, &log(14, 13)), @"5:1 note time-order: this time is before that of line 3, which is further up: the outputs are of different runs (hint: print all outputs of one run)");
        assert_eq!(found(&RULE, &log(13, 14)), "");
    }

    #[test]
    fn each_form_of_a_time() {
        let expected = Some((3, 14, 1, 34, 22));
        assert_eq!(moment("Mar 14 01:34:22 node crio[1]: x"), expected);
        assert_eq!(moment("2023-03-14T01:34:22+00:00 x"), expected);
        assert_eq!(
            moment("Start Time:  Tue, 14 Mar 2023 01:34:22 +0000"),
            expected
        );
        assert_eq!(moment("Mar was cold"), None);
    }
}
