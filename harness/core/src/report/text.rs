//! What every report needs of text: durations, document lines, widths.

use std::borrow::Cow;
use std::fmt;

use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

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

/// How many columns of a terminal a text takes: some letters take two, some none.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// At most so many columns; `…` stands for the rest.
pub(super) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut used = 0;
    let kept = text.chars().take_while(|character| {
        used += character.width().unwrap_or(0);
        used < columns
    });
    let kept: String = kept.collect();
    let rest = if columns > 0 { "…" } else { "" };
    kept.trim_end().to_owned() + rest
}

/// Shortened or filled up with blanks to so many columns.
pub(super) fn cell(text: &str, columns: usize) -> String {
    let text = shorten(text, columns);
    let blanks = columns.saturating_sub(width(&text));
    format!("{text}{:blanks$}", "")
}

/// Lines of at most so many columns, broken between words; a longer word has a line of its own. Line feeds stay.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let options = Options::new(columns)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    text.split('\n')
        .flat_map(|paragraph| {
            let words: Vec<_> = paragraph.split_whitespace().collect();
            let paragraph = words.join(" ");
            let lines = textwrap::wrap(&paragraph, &options).into_iter();
            lines.map(Cow::into_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// Appends formatted text; `write!` would give a `Result` that can never be an error.
pub(super) fn append(text: &mut String, arguments: fmt::Arguments<'_>) {
    text.push_str(&fmt::format(arguments));
}
