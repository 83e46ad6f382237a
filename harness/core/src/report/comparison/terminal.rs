//! A comparison on a terminal: what nobody expected first, word for word; the rest in a line each.

use anstyle::{AnsiColor, Style};

use super::words;
use crate::medium::Safe;
use crate::record::compare::{Change, Comparison, Conclusion};
use crate::report::terminal::{BOLD, DIM, Look, Page};
use crate::report::text::{one_line, shorten};

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// The comparison, with a line feed at its end.
pub fn render(comparison: &Comparison, look: Look) -> Safe {
    let mut page = Page::new(look);
    head(&mut page, comparison);
    if comparison.incomparable.is_none() {
        unexpected(&mut page, comparison);
        explained(&mut page, comparison);
        rest(&mut page, comparison);
    }
    foot(&mut page, comparison);
    page.finish()
}

fn head(page: &mut Page, comparison: &Comparison) {
    let sides = [
        ("base", &comparison.base),
        ("candidate", &comparison.candidate),
    ];
    for (label, side) in sides {
        let text = format!(
            "{} of {} on {}, {}",
            side.run, side.scenario, side.stage, side.started
        );
        page.labelled(0, label, &one_line(&text));
    }
    let (inputs, rebuilt) = words::inputs(comparison);
    if !inputs.is_empty() {
        page.labelled(0, "differ", &inputs.join(", "));
    }
    if !rebuilt.is_empty() {
        let text = format!(
            "the same versions with other digests: {}",
            rebuilt.join(", ")
        );
        page.labelled(0, "rebuilt", &text);
    }
    if inputs.is_empty() && rebuilt.is_empty() && comparison.incomparable.is_none() {
        page.labelled(0, "differ", "no component and nothing of the machine");
    }
}

fn unexpected(page: &mut Page, comparison: &Comparison) {
    let changes: Vec<_> = comparison.unexpected().collect();
    if changes.is_empty() {
        return;
    }
    page.section(&format!("Unexpected ({})", changes.len()));
    let mut place = None;
    for change in changes {
        let own = (&change.step, words::place(change));
        if place != Some(own) {
            let mark = page.paint(RED, " ✗ ");
            let text = format!("{}: {}", change.step, words::place(change));
            let text = page.paint(BOLD, &one_line(&text));
            page.line(&format!("{mark}{text}"));
            if let Some(location) = &change.location {
                let location = page.paint(DIM, &one_line(&location.to_string()));
                page.line(&format!("   {location}"));
            }
            place = Some(own);
        }
        self::change(page, change);
    }
}

fn change(page: &mut Page, change: &Change) {
    let about = words::about(change);
    for (index, difference) in change.differences.iter().enumerate() {
        let about = if index == 0 { about.as_str() } else { "" };
        let text = if about.is_empty() {
            difference.to_string()
        } else {
            format!("{about}: {difference}")
        };
        page.labelled(3, "", &one_line(&text));
    }
    if let (Some(before), Some(after)) = (&change.before, &change.after) {
        page.labelled(5, "before", before);
        page.labelled(5, "after", after);
    }
    for failure in &change.failures {
        let text = format!(
            "{}: expected {}, observed {} ({})",
            failure.subject, failure.expected, failure.observed, failure.why
        );
        page.labelled(5, "failure", &one_line(&text));
    }
    page.labelled(5, "blame", &words::blame(&change.blame));
}

fn explained(page: &mut Page, comparison: &Comparison) {
    let changes: Vec<_> = comparison.explained().collect();
    if changes.is_empty() {
        return;
    }
    page.section(&format!("Expected ({})", changes.len()));
    let mut reason = None;
    for change in changes {
        let Some(explanation) = &change.explanation else {
            continue;
        };
        let text = format!(
            "{} · {}: {}",
            change.step,
            words::about(change),
            change.words()
        );
        // An expected change is shown to be recognised; the other forms have all of it.
        let text = shorten(&one_line(&text), 3 * page.width.saturating_sub(3));
        page.marked(" ✓ ", GREEN, &text);
        if reason != Some(explanation) {
            let (because, reference) = words::explanation(explanation);
            page.labelled(5, "because", &because);
            if let Some(reference) = reference {
                page.labelled(5, "upstream", reference);
            }
            reason = Some(explanation);
        }
    }
}

fn rest(page: &mut Page, comparison: &Comparison) {
    if !comparison.not_compared.is_empty() {
        page.section(&format!("Not compared ({})", comparison.not_compared.len()));
        for gap in &comparison.not_compared {
            page.bullet(&words::gap(gap));
        }
    }
    if !comparison.reached_by_neither.is_empty() {
        let steps = comparison.reached_by_neither.join(", ");
        page.section("Reached by neither");
        page.bullet(&steps);
    }
    if !comparison.timings.changes.is_empty() {
        page.section("Timing");
        for change in &comparison.timings.changes {
            page.bullet(&words::timing(change));
        }
        let band = words::band(&comparison.timings.band);
        page.labelled(3, "", &band);
    }
    if !comparison.unmatched.is_empty() {
        page.section("Known changes that were not seen");
        for unmatched in &comparison.unmatched {
            page.bullet(&words::unmatched(unmatched));
        }
    }
}

fn foot(page: &mut Page, comparison: &Comparison) {
    let colour = match comparison.result() {
        Conclusion::NothingUnexpected => GREEN,
        Conclusion::Unexpected => RED,
        Conclusion::NotComparable => YELLOW,
    };
    page.line("");
    let headline = one_line(&words::headline(comparison));
    page.line(&page.paint(colour.bold(), &headline));
}
