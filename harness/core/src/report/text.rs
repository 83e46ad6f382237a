//! What every report needs of text: durations, document lines, widths.

use std::fmt;

use crate::scenario::DocumentLines;

pub(super) use crate::medium::{one_line, shown as printable};

/// A duration of so many milliseconds: `12 ms`, `0.3 s`, `22.3 s`, `1 min 48 s`.
pub(super) fn duration(milliseconds: u64) -> String {
    if milliseconds < 100 {
        return format!("{milliseconds} ms");
    }
    // Rounded first, so that 59.96 s does not read `60.0 s`.
    let tenths = (milliseconds + 50) / 100;
    if tenths < 600 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = (milliseconds + 500) / 1000;
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    if minutes < 60 {
        format!("{minutes} min {seconds:02} s")
    } else {
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// `document:143-209`.
pub(super) fn document_lines(document: &DocumentLines) -> String {
    let [first, last] = document.lines;
    if first == last {
        format!("document:{first}")
    } else {
        format!("document:{first}-{last}")
    }
}

/// `1 step`, `2 steps`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// At most `width` characters; `…` stands for the rest.
pub(super) fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        text.to_owned()
    } else {
        let kept: String = text.chars().take(width.saturating_sub(1)).collect();
        format!("{}…", kept.trim_end())
    }
}

/// Lines of at most `width` characters, broken between words; a longer word has a line of its own. Line feeds stay.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split_whitespace() {
            let word_length = word.chars().count();
            if length > 0 && length + 1 + word_length > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += word_length;
        }
        lines.push(line);
    }
    lines
}

/// Appends formatted text; `write!` would give a `Result` that can never be an error.
pub(super) fn append(text: &mut String, arguments: fmt::Arguments<'_>) {
    text.push_str(&fmt::format(arguments));
}
