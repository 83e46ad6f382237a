//! Markdown for a GitHub step summary: the verdict, the steps, what failed and why, remarks, versions, how to do it
//! again. It stays under GitHub's limit; what is left out for that is counted.

mod document;

use super::difference::{Side, difference};
use super::overview::{Place, Trouble, grouped, headline, played, remarks, run_state, troubles};
use super::text::{append, count, duration, one_line, printable, shorten};
use crate::medium::Safe;
use crate::record::{Component, Record, State, Step, Tally};
use crate::scenario::DocumentLines;

/// A step summary may have 1 MiB (docs.github.com, workflow commands). The parts' shares stay below it together.
const STEPS_SHARE: usize = 190_000;
const TROUBLES_SHARE: usize = 500_000;
const REMARKS_SHARE: usize = 100_000;
const VERSIONS_SHARE: usize = 100_000;

/// No single text is longer, so that one huge output does not push out all others.
const LONGEST_TEXT: usize = 20_000;

/// No single cell or line is longer.
const LONGEST_LINE: usize = 500;

/// The summary, with a line feed at its end.
pub fn render(record: &Record) -> Safe {
    let mut page = String::new();
    head(record, &mut page);
    steps(record, &mut page);
    failures(record, &mut page);
    all_remarks(record, &mut page);
    document::document(record, &mut page);
    versions(record, &mut page);
    again(record, &mut page);
    Safe::markdown(&page)
}

fn emoji(state: State) -> &'static str {
    match state {
        State::Passed => "✅",
        State::Failed => "❌",
        State::Broken => "⚠️",
        State::Blocked => "⛔",
        State::Skipped => "⏭️",
    }
}

fn head(record: &Record, page: &mut String) {
    let canonical = &record.canonical;
    let nodes = canonical.nodes.control_planes + canonical.nodes.workers;
    let nodes = count(nodes.into(), "node");
    append(
        page,
        format_args!(
            "## {} {}\n\n**{}** \\\n{} on {} with {nodes}, components from source {}, {}. Checks: {}.\n\n",
            emoji(run_state(record)),
            line(&headline(record)),
            line(&canonical.title),
            code(&canonical.scenario),
            code(&canonical.stage),
            code(&canonical.source.to_string()),
            duration(record.timing.total),
            Tally::all_checks(record).words(),
        ),
    );
    if let Some(played) = played(record) {
        append(page, format_args!("> {}\n\n", line(&played)));
    }
}

fn steps(record: &Record, page: &mut String) {
    page.push_str("| | Step | Checks | Time | Document |\n|---|---|---|--:|---|\n");
    let row = |step: &Step| {
        let state = State::from(&step.outcome);
        let timing = record.timing.steps.get(&step.id);
        let why = step.outcome.reason().map(|why| {
            let at = Place::of_step(record, step).scenario();
            let at = if at.is_empty() {
                at
            } else {
                format!(" ({})", code_cell(&at))
            };
            format!("<br>{}{at}", line(&why))
        });
        format!(
            "| {} | {} {}{} | {} | {} | {} |\n",
            emoji(state),
            code_cell(&step.id),
            line(&step.title),
            why.unwrap_or_default(),
            Tally::checks(step).words(),
            timing.map_or_else(String::new, |timing| duration(timing.total)),
            step.document.as_ref().map(lines).unwrap_or_default(),
        )
    };
    let left_out = within(STEPS_SHARE, &record.canonical.steps, row, page);
    say_left_out(left_out, "steps", page);
    page.push('\n');
}

fn failures(record: &Record, page: &mut String) {
    let troubles: Vec<_> = record
        .canonical
        .steps
        .iter()
        .flat_map(|step| troubles(record, step))
        .collect();
    if troubles.is_empty() {
        return;
    }
    page.push_str("### What went wrong\n\n");
    let left_out = within(TROUBLES_SHARE, &troubles, trouble, page);
    say_left_out(left_out, "failing checks", page);
}

fn trouble(trouble: &Trouble<'_>) -> String {
    let places: Vec<_> = place(trouble.place).collect();
    let mut text = format!(
        "#### {} {}: {}{}\n\n",
        emoji(trouble.state),
        code(&trouble.step.id),
        line(&trouble.check.that),
        if places.is_empty() {
            String::new()
        } else {
            format!(" ({})", places.join("; "))
        },
    );
    if let Some(why) = trouble.why {
        append(&mut text, format_args!("{}\n\n", line(why)));
    }
    for (subjects, failure) in grouped(trouble.failures) {
        let subjects: Vec<_> = subjects.into_iter().map(code).collect();
        append(
            &mut text,
            format_args!("{}: {}\n\n", subjects.join(", "), line(&failure.why)),
        );
        text.push_str(&block(&failure.expected, &failure.observed));
    }
    text
}

/// Expected and observed as a fenced difference.
fn block(expected: &str, observed: &str) -> String {
    let (expected, observed) = (clip(&printable(expected)), clip(&printable(observed)));
    let lines: Vec<_> = difference(&expected, &observed)
        .into_iter()
        .map(|(side, text)| match side {
            Side::Both => format!("  {text}"),
            Side::Expected => format!("- {text}"),
            Side::Observed => format!("+ {text}"),
        })
        .collect();
    let body = lines.join("\n");
    let fence = "`".repeat(longest_run(&body, '`').max(2) + 1);
    format!("{fence}diff\n# - expected, + observed\n{body}\n{fence}\n\n")
}

fn all_remarks(record: &Record, page: &mut String) {
    let mut remarks = remarks(record).peekable();
    if remarks.peek().is_none() && record.run.retries.is_empty() && record.run.shared.is_none() {
        return;
    }
    page.push_str("### Remarks\n\n");
    let remarks = remarks.map(|remark| {
        let from: Vec<_> = [code(&remark.step.id)]
            .into_iter()
            .chain(place(remark.place))
            .collect();
        format!("- {} ({})\n", line(remark.text), from.join("; "))
    });
    let retries = record.run.retries.iter();
    let retries =
        retries.map(|retry| format!("- Retry that the machine needed: {}\n", line(retry)));
    let shared = record.run.shared.iter();
    let shared = shared.map(|shared| format!("- Shared steps: {}\n", line(&shared.sentence())));
    let all = shared.chain(remarks).chain(retries);
    let left_out = within(REMARKS_SHARE, all, |text| text, page);
    say_left_out(left_out, "remarks", page);
    page.push('\n');
}

fn versions(record: &Record, page: &mut String) {
    page.push_str(
        "### Versions\n\n| Component | Version | Made from | Notes |\n|---|---|---|---|\n",
    );
    let left_out = within(
        VERSIONS_SHARE,
        &record.canonical.components,
        component,
        page,
    );
    say_left_out(left_out, "components", page);
    page.push('\n');
}

fn component(component: &Component) -> String {
    let reason = component.reason.iter();
    let notes: Vec<_> = reason
        .chain(&component.notes)
        .map(|note| line(note))
        .collect();
    format!(
        "| {} | {} | {} | {} |\n",
        line(&component.name),
        code_cell(&component.version),
        line(&component.origin),
        notes.join("<br>"),
    )
}

fn again(record: &Record, page: &mut String) {
    let command = clip(&printable(&record.run.command));
    let fence = "`".repeat(longest_run(&command, '`').max(2) + 1);
    let machine = record.run.machine.iter();
    let machine: Vec<_> = machine
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    append(
        page,
        format_args!(
            "### How to do it again\n\n{fence}sh\n{command}\n{fence}\n\nRun {}{}; document sha256 {}.\n",
            code(&record.run.id),
            // A capture is played on no machine that matters.
            if machine.is_empty() {
                String::new()
            } else {
                format!(" on {}", line(&machine.join(", ")))
            },
            code(&record.canonical.document.sha256),
        ),
    );
}

/// Appends items until the share is used up; gives how many are left out.
pub(super) fn within<Item>(
    share: usize,
    items: impl IntoIterator<Item = Item>,
    render: impl Fn(Item) -> String,
    page: &mut String,
) -> usize {
    let end = page.len() + share;
    let mut items = items.into_iter();
    while let Some(item) = items.next() {
        let text = render(item);
        if page.len() + text.len() > end {
            return 1 + items.count();
        }
        page.push_str(&text);
    }
    0
}

fn say_left_out(number: usize, what: &str, page: &mut String) {
    if number > 0 {
        append(
            page,
            format_args!(
                "\n_{number} more {what} are left out here, as a step summary has a limit; the record has all._\n\n"
            ),
        );
    }
}

fn clip(text: &str) -> String {
    let characters = text.chars().count();
    if characters <= LONGEST_TEXT {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST_TEXT).collect();
    format!(
        "{kept}\n… {} more characters, in the record",
        characters - LONGEST_TEXT
    )
}

/// Where something is written: in the scenario, in the document.
fn place(place: Place<'_>) -> impl Iterator<Item = String> {
    let scenario = place.scenario.map(|location| code(&location.to_string()));
    let document = place.document.map(lines);
    let document = document.map(|lines| format!("document, {lines}"));
    scenario.into_iter().chain(document)
}

fn lines(document: &DocumentLines) -> String {
    match document.lines {
        [first, last] if first == last => format!("line {first}"),
        [first, last] => format!("lines {first}–{last}"),
    }
}

/// A text on one line in which nothing has a meaning to Markdown or HTML.
pub(super) fn line(text: &str) -> String {
    let text = shorten(&one_line(text), LONGEST_LINE);
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // These two would become mentions and references to issues, with a backslash too.
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' | '$' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A text as inline code inside a table, where a pipe ends the cell even in code.
pub(super) fn code_cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// A text as inline code.
pub(super) fn code(text: &str) -> String {
    let text = shorten(&one_line(text), LONGEST_LINE);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

pub(super) fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
