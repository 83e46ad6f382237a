//! A comparison for a comment of a pull request: the result and what nobody expected; everything else is folded away.

use super::words;
use crate::medium::Safe;
use crate::record::compare::{Change, Comparison, Conclusion};
use crate::report::markdown::{code, code_cell, line, within};
use crate::report::text::append;

/// A comment may have 65,536 characters (GitHub refuses longer ones). The parts' shares stay below it together.
const UNEXPECTED_SHARE: usize = 30_000;
const EXPECTED_SHARE: usize = 15_000;
const REST_SHARE: usize = 4_000;

/// The comment, with a line feed at its end. Its first line is not shown: who finds a comment that begins with
/// [`marker`] updates that one.
pub fn render(comparison: &Comparison) -> Safe {
    let mut page = format!("{}\n", marker(&comparison.candidate.scenario));
    head(comparison, &mut page);
    if comparison.incomparable.is_none() {
        unexpected(comparison, &mut page);
        expected(comparison, &mut page);
        rest(comparison, &mut page);
    }
    again(comparison, &mut page);
    Safe::markdown(&page)
}

/// What the comment about a scenario begins with.
pub fn marker(scenario: &str) -> String {
    // A name is letters, digits and hyphens; two of those in a row would end an HTML comment.
    format!("<!-- rehearse compare: {} -->", scenario.replace("--", "-"))
}

fn head(comparison: &Comparison, page: &mut String) {
    let emoji = match comparison.result() {
        Conclusion::NothingUnexpected => "✅",
        Conclusion::Unexpected => "❌",
        Conclusion::NotComparable => "⚠️",
    };
    append(
        page,
        format_args!("### {emoji} {}\n\n", line(&words::headline(comparison))),
    );
    let (inputs, rebuilt) = words::inputs(comparison);
    if !inputs.is_empty() {
        let inputs: Vec<_> = inputs.iter().map(|input| code(input)).collect();
        append(page, format_args!("{}\n", inputs.join(", ")));
    }
    if !rebuilt.is_empty() {
        append(
            page,
            format_args!(
                "<sub>Same versions, other digests: {}</sub>\n",
                line(&rebuilt.join(", "))
            ),
        );
    }
    page.push('\n');
}

fn unexpected(comparison: &Comparison, page: &mut String) {
    let changes: Vec<_> = comparison.unexpected().collect();
    if changes.is_empty() {
        return;
    }
    page.push_str("| Step | What changed | Blame |\n|---|---|---|\n");
    let left_out = within(UNEXPECTED_SHARE / 2, &changes, |change| row(change), page);
    say_left_out(left_out, page);
    page.push_str("\n<details><summary>Before and after</summary>\n\n");
    let left_out = within(
        UNEXPECTED_SHARE / 2,
        &changes,
        |change| detail(change),
        page,
    );
    say_left_out(left_out, page);
    page.push_str("\n</details>\n\n");
}

fn row(change: &Change) -> String {
    let blamed = match change.blame.blamed() {
        Some(input) => code_cell(input),
        None => line(&words::blame(&change.blame)),
    };
    format!(
        "| {} | {}<br>{} | {blamed} |\n",
        code_cell(&change.step),
        line(&words::about(change)),
        line(&change.words()),
    )
}

fn detail(change: &Change) -> String {
    let at = change.location.iter();
    let at = at.map(|location| format!(" ({})", code(&location.to_string())));
    let mut text = format!(
        "- {} {}, {}{}\n",
        code(&change.step),
        line(words::place(change)),
        line(&words::about(change)),
        at.collect::<String>(),
    );
    for (label, value) in [("before", &change.before), ("after", &change.after)] {
        let value = value.as_deref().unwrap_or("not told");
        append(&mut text, format_args!("  - {label}: {}\n", code(value)));
    }
    for failure in &change.failures {
        append(
            &mut text,
            format_args!(
                "  - {}: expected {}, observed {}; {}\n",
                code(&failure.subject),
                code(&failure.expected),
                code(&failure.observed),
                line(&failure.why),
            ),
        );
    }
    append(
        &mut text,
        format_args!("  - blame: {}\n", line(&words::blame(&change.blame))),
    );
    text
}

fn expected(comparison: &Comparison, page: &mut String) {
    let changes: Vec<_> = comparison.explained().collect();
    if changes.is_empty() {
        return;
    }
    append(
        page,
        format_args!(
            "<details><summary>Expected changes: {}</summary>\n\n| Step | What changed | Because |\n|---|---|---|\n",
            changes.len()
        ),
    );
    let row = |change: &&Change| {
        let because = change.explanation.as_ref().map(|explanation| {
            let (because, reference) = words::explanation(explanation);
            let reference = reference.map(|reference| format!("<br>{}", line(reference)));
            format!("{}{}", line(&because), reference.unwrap_or_default())
        });
        format!(
            "| {} | {}<br>{} | {} |\n",
            code_cell(&change.step),
            line(&words::about(change)),
            line(&change.words()),
            because.unwrap_or_default(),
        )
    };
    let left_out = within(EXPECTED_SHARE, &changes, row, page);
    say_left_out(left_out, page);
    page.push_str("\n</details>\n\n");
}

fn rest(comparison: &Comparison, page: &mut String) {
    let mut timing: Vec<_> = comparison
        .timings
        .changes
        .iter()
        .map(words::timing)
        .collect();
    if !timing.is_empty() {
        timing.push(words::band(&comparison.timings.band));
    }
    let parts = [
        (
            "Not compared",
            comparison.not_compared.iter().map(words::gap).collect(),
        ),
        ("Timing", timing),
        (
            "Known changes that were not seen",
            comparison.unmatched.iter().map(words::unmatched).collect(),
        ),
    ];
    for (title, lines) in parts {
        let lines: Vec<String> = lines;
        if lines.is_empty() {
            continue;
        }
        append(
            page,
            format_args!("<details><summary>{title}</summary>\n\n"),
        );
        let left_out = within(
            REST_SHARE,
            &lines,
            |text| format!("- {}\n", line(text)),
            page,
        );
        say_left_out(left_out, page);
        page.push_str("\n</details>\n\n");
    }
}

fn say_left_out(number: usize, page: &mut String) {
    if number > 0 {
        append(
            page,
            format_args!("\n_{number} more are left out here; the JSON has all._\n"),
        );
    }
}

fn again(comparison: &Comparison, page: &mut String) {
    append(
        page,
        format_args!(
            "<sub>base {}: {}<br>candidate {}: {}</sub>\n",
            line(&comparison.base.run),
            line(&comparison.base.command),
            line(&comparison.candidate.run),
            line(&comparison.candidate.command),
        ),
    );
}
