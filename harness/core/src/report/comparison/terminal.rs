//! A comparison on a terminal: what nobody expected first, word for word; the rest in a line each.

use super::words;
use crate::medium::Safe;
use crate::record::compare::{Change, Comparison, Conclusion};
use crate::report::terminal::Look;
use crate::report::text::{one_line, printable, shorten, wrap};

/// Narrower terminals are written to as if they were so wide.
const NARROWEST: usize = 60;

/// Wider lines than this are hard to read.
const WIDEST: usize = 140;

/// SGR parameters.
const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

/// The comparison, with a line feed at its end.
pub fn render(comparison: &Comparison, look: Look) -> Safe {
    let mut page = Page {
        text: String::new(),
        width: look.width.clamp(NARROWEST, WIDEST),
        colour: look.colour,
    };
    page.head(comparison);
    if comparison.incomparable.is_none() {
        page.unexpected(comparison);
        page.explained(comparison);
        page.rest(comparison);
    }
    page.foot(comparison);
    Safe::terminal(&page.text, look.colour)
}

struct Page {
    text: String,
    width: usize,
    colour: bool,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, parameters: &str, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{parameters}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// `label  text`, the text wrapped behind the label.
    fn labelled(&mut self, indent: usize, label: &str, text: &str) {
        const LABEL: usize = 11;
        let width = self.width.saturating_sub(indent + LABEL);
        for (index, line) in wrap(&printable(text), width).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.paint(DIM, &format!("{label:LABEL$}"));
            self.line(&format!("{:indent$}{label}{line}", ""));
        }
    }

    fn heading(&mut self, text: &str) {
        self.line("");
        self.line(&self.paint(BOLD, text));
    }

    fn head(&mut self, comparison: &Comparison) {
        let sides = [
            ("base", &comparison.base),
            ("candidate", &comparison.candidate),
        ];
        for (label, side) in sides {
            let text = format!(
                "{} of {} on {}, {}",
                side.run, side.scenario, side.stage, side.started
            );
            self.labelled(0, label, &one_line(&text));
        }
        let (inputs, rebuilt) = words::inputs(comparison);
        if !inputs.is_empty() {
            self.labelled(0, "differ", &inputs.join(", "));
        }
        if !rebuilt.is_empty() {
            let text = format!(
                "the same versions with other digests: {}",
                rebuilt.join(", ")
            );
            self.labelled(0, "rebuilt", &text);
        }
        if inputs.is_empty() && rebuilt.is_empty() && comparison.incomparable.is_none() {
            self.labelled(0, "differ", "no component and nothing of the machine");
        }
    }

    fn unexpected(&mut self, comparison: &Comparison) {
        let changes: Vec<_> = comparison.unexpected().collect();
        if changes.is_empty() {
            return;
        }
        self.heading(&format!("Unexpected ({})", changes.len()));
        let mut place = None;
        for change in changes {
            let own = (&change.step, words::place(change));
            if place != Some(own) {
                let mark = self.paint(RED, " ✗ ");
                let text = format!("{}: {}", change.step, words::place(change));
                let text = self.paint(BOLD, &one_line(&text));
                self.line(&format!("{mark}{text}"));
                place = Some(own);
            }
            self.change(change);
        }
    }

    fn change(&mut self, change: &Change) {
        let about = words::about(change);
        for (index, difference) in change.differences.iter().enumerate() {
            let about = if index == 0 { about.as_str() } else { "" };
            let text = if about.is_empty() {
                difference.to_string()
            } else {
                format!("{about}: {difference}")
            };
            self.labelled(3, "", &one_line(&text));
        }
        if let (Some(before), Some(after)) = (&change.before, &change.after) {
            self.labelled(5, "before", before);
            self.labelled(5, "after", after);
        }
        for failure in &change.failures {
            let text = format!(
                "{}: expected {}, observed {} ({})",
                failure.subject, failure.expected, failure.observed, failure.why
            );
            self.labelled(5, "failure", &one_line(&text));
        }
        self.labelled(5, "blame", &words::blame(&change.blame));
    }

    fn explained(&mut self, comparison: &Comparison) {
        let changes: Vec<_> = comparison.explained().collect();
        if changes.is_empty() {
            return;
        }
        self.heading(&format!("Expected ({})", changes.len()));
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
            let width = self.width.saturating_sub(3);
            // An expected change is shown to be recognised; the other forms have all of it.
            let text = shorten(&one_line(&text), 3 * width);
            for (index, line) in wrap(&text, width).into_iter().enumerate() {
                let mark = if index == 0 { " ✓ " } else { "   " };
                self.line(&format!("{}{line}", self.paint(GREEN, mark)));
            }
            if reason != Some(explanation) {
                let (because, reference) = words::explanation(explanation);
                self.labelled(5, "because", &because);
                if let Some(reference) = reference {
                    self.labelled(5, "upstream", reference);
                }
                reason = Some(explanation);
            }
        }
    }

    fn rest(&mut self, comparison: &Comparison) {
        if !comparison.not_compared.is_empty() {
            self.heading(&format!("Not compared ({})", comparison.not_compared.len()));
            for gap in &comparison.not_compared {
                self.bullet(&words::gap(gap));
            }
        }
        if !comparison.reached_by_neither.is_empty() {
            let steps = comparison.reached_by_neither.join(", ");
            self.heading("Reached by neither");
            self.bullet(&steps);
        }
        if !comparison.timings.changes.is_empty() {
            self.heading("Timing");
            for change in &comparison.timings.changes {
                self.bullet(&words::timing(change));
            }
            let band = words::band(&comparison.timings.band);
            self.labelled(3, "", &band);
        }
        if !comparison.unmatched.is_empty() {
            self.heading("Known changes that were not seen");
            for unmatched in &comparison.unmatched {
                self.bullet(&words::unmatched(unmatched));
            }
        }
    }

    fn bullet(&mut self, text: &str) {
        let width = self.width.saturating_sub(3);
        for (index, line) in wrap(&one_line(text), width).into_iter().enumerate() {
            let bullet = if index == 0 { " • " } else { "   " };
            self.line(&format!("{bullet}{line}"));
        }
    }

    fn foot(&mut self, comparison: &Comparison) {
        let colour = match comparison.result() {
            Conclusion::NothingUnexpected => GREEN,
            Conclusion::Unexpected => RED,
            Conclusion::NotComparable => YELLOW,
        };
        self.line("");
        let headline = one_line(&words::headline(comparison));
        self.line(&self.paint(&format!("{BOLD};{colour}"), &headline));
    }
}
