//! Text for a terminal while it is written: lines, styles, and texts that are wrapped behind a label or a bullet.

use anstyle::Style;

use super::Look;
use crate::medium::Safe;
use crate::report::text::{one_line, printable, wrap};

/// Narrower terminals are written to as if they were so wide.
const NARROWEST: usize = 60;

/// Wider lines than this are hard to read.
const WIDEST: usize = 140;

/// The columns of a label with the blanks behind it.
const LABEL: usize = 11;

pub(in crate::report) const BOLD: Style = Style::new().bold();
pub(in crate::report) const DIM: Style = Style::new().dimmed();

/// The text so far.
pub(in crate::report) struct Page {
    text: String,
    pub(in crate::report) width: usize,
    colour: bool,
}

impl Page {
    pub(in crate::report) fn new(look: Look) -> Self {
        Self {
            text: String::new(),
            width: look.width.clamp(NARROWEST, WIDEST),
            colour: look.colour,
        }
    }

    pub(in crate::report) fn finish(&self) -> Safe {
        Safe::terminal(&self.text, self.colour)
    }

    pub(in crate::report) fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// A bold line with an empty one before it.
    pub(in crate::report) fn section(&mut self, text: &str) {
        self.line("");
        self.line(&self.paint(BOLD, text));
    }

    pub(in crate::report) fn paint(&self, style: Style, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// `label  text`, the text wrapped behind the label.
    pub(in crate::report) fn labelled(&mut self, indent: usize, label: &str, text: &str) {
        let width = self.width.saturating_sub(indent + LABEL);
        for (index, line) in wrap(&printable(text), width).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.paint(DIM, &format!("{label:LABEL$}"));
            self.line(&format!("{:indent$}{label}{line}", ""));
        }
    }

    /// A text, wrapped behind a mark of three columns.
    pub(in crate::report) fn marked(&mut self, mark: &str, style: Style, text: &str) {
        let width = self.width.saturating_sub(3);
        for (index, line) in wrap(&one_line(text), width).into_iter().enumerate() {
            let mark = if index == 0 { mark } else { "   " };
            let mark = self.paint(style, mark);
            self.line(&format!("{mark}{line}"));
        }
    }

    pub(in crate::report) fn bullet(&mut self, text: &str) {
        self.marked(" • ", Style::new(), text);
    }
}
