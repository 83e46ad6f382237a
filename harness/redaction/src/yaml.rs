//! The data of `Secret` objects in YAML, whatever the order of their keys, and the values of pairs such as
//! `name: PASSWORD`, `value: x`. It reads indentation, keys and list marks, and forgives everything else. Lines may also be
//! those of a YAML text that is quoted in JSON, where a line's end is written `\n`.

use std::ops::Range;

use super::{Secrets, names};

pub(super) fn find(text: &str, secrets: &mut Secrets<'_>) {
    let mut scanner = Scanner::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        scanner.line(line.trim_ascii_end(), start, secrets);
        start += line.len();
    }
    scanner.close(0, secrets);
    for escape in ["\\n", "\\\\n", "\\\\\\\\n"] {
        if text.contains(escape) {
            quoted(text, escape, secrets);
        }
    }
}

/// YAML whose line ends are written by an escape. It begins after a mark and ends before one.
fn quoted(text: &str, escape: &str, secrets: &mut Secrets<'_>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut scanner = Scanner::default();
        let mut at = start;
        for piece in line.split(escape) {
            // A longer escape ends with this one.
            let content = piece.trim_end_matches('\\');
            let content = content.rsplit(['"', '\r']).next().unwrap_or_default();
            let skipped = piece.trim_end_matches('\\').len() - content.len();
            if skipped > 0 {
                let first = piece.split('"').next().unwrap_or_default();
                scanner.line(first.trim_end_matches('\\').trim_ascii_end(), at, secrets);
                scanner.close(0, secrets);
            }
            scanner.line(content.trim_ascii_end(), at + skipped, secrets);
            at += piece.len() + escape.len();
        }
        scanner.close(0, secrets);
        start += line.len();
    }
}

#[derive(Default)]
struct Scanner<'text> {
    open: Vec<Mapping>,
    /// A key in a line of its own, `? key`, and the column of its mark.
    alone: Option<(usize, &'text str)>,
    /// Texts inside `data` and `stringData` of mappings that are still open, and values of pairs.
    data: Vec<(Part, Range<usize>)>,
}

/// Of what a text is a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Data,
    Value,
}

struct Mapping {
    column: usize,
    is_secret: bool,
    /// Whether its `name` is that of a secret.
    is_named: bool,
    data: Data,
    /// Of what the lines further in are a part.
    part: Part,
    /// How much of [`Scanner::data`] was there before.
    first: usize,
}

/// Whether the lines further in are a mapping's data.
enum Data {
    No,
    /// They are, and none was seen yet.
    Expected,
    /// They are, and their keys stand in this column.
    Keys {
        column: usize,
    },
}

impl<'text> Scanner<'text> {
    fn line(&mut self, line: &'text str, start: usize, secrets: &mut Secrets<'_>) {
        let content = line.trim_start_matches(' ');
        if content.is_empty() {
            return;
        }
        let indentation = line.len() - content.len();
        let is_document_mark = indentation == 0 && matches!(content, "---" | "...");
        self.close(if is_document_mark { 0 } else { indentation + 1 }, secrets);
        if is_document_mark {
            return;
        }
        if let Some(mapping) = self.open.last_mut()
            && mapping.column < indentation
            && !matches!(mapping.data, Data::No)
        {
            let column = match mapping.data {
                Data::Keys { column } => column,
                Data::No | Data::Expected => indentation,
            };
            mapping.data = Data::Keys { column };
            let text = if indentation > column {
                0..content.len()
            } else if content.starts_with("? ") {
                0..0
            } else {
                value(content)
            };
            if !text.is_empty() {
                let at = start + indentation;
                let part = mapping.part;
                let whole = if part == Part::Value {
                    0..content.len()
                } else {
                    text
                };
                self.data.push((part, at + whole.start..at + whole.end));
            }
            return;
        }
        let entry = content.trim_start_matches("- ");
        let key_column = line.len() - entry.len();
        let alone = self.alone.take();
        if let Some(key) = entry.strip_prefix("? ") {
            self.alone = Some((key_column, word(key)));
        }
        if self
            .open
            .last()
            .is_none_or(|mapping| mapping.column < key_column)
        {
            self.open.push(Mapping {
                column: key_column,
                is_secret: false,
                is_named: false,
                data: Data::No,
                part: Part::Data,
                first: self.data.len(),
            });
        }
        match alone {
            Some((column, key)) if column == key_column && is_value_alone(entry) => {
                self.entry(key, entry, start + key_column);
            }
            _ => {
                let key = entry.split_once(':').map(|(key, _)| key);
                self.entry(key.unwrap_or_default(), entry, start + key_column);
            }
        }
    }

    /// An entry of a mapping: its key, and the text that has its value after a colon.
    fn entry(&mut self, key: &str, entry: &str, start: usize) {
        let Some(mapping) = self.open.last_mut() else {
            return;
        };
        mapping.data = Data::No;
        let text = value(entry);
        match key.trim_ascii_end().trim_matches(['"', '\'']) {
            "kind" => mapping.is_secret |= matches!(word(&entry[text]), "Secret" | "SecretList"),
            "name" | "key" => mapping.is_named |= names::telling(word(&entry[text])).is_some(),
            key @ ("data" | "stringData" | "value") => {
                mapping.part = if key == "value" {
                    Part::Value
                } else {
                    Part::Data
                };
                let goes_on = is_value_alone(entry)
                    || entry[text.clone()].starts_with('{') && !entry.ends_with('}');
                if text.is_empty() || goes_on {
                    mapping.data = Data::Expected;
                }
                if !text.is_empty() {
                    let range = start + text.start..start + text.end;
                    self.data.push((mapping.part, range));
                }
            }
            _ => {}
        }
    }

    /// Closes the mappings whose keys stand in this column or further in.
    fn close(&mut self, column: usize, secrets: &mut Secrets<'_>) {
        while let Some(mapping) = self.open.pop_if(|mapping| mapping.column >= column) {
            // A value belongs to its own mapping only; data may be that of a list's Secrets.
            let mut kept = mapping.first;
            for index in mapping.first..self.data.len() {
                let (part, range) = self.data[index].clone();
                let is_own = match part {
                    Part::Data => mapping.is_secret,
                    Part::Value => mapping.is_named,
                };
                if is_own {
                    secrets.keep(range);
                } else if part == Part::Data {
                    self.data[kept] = (part, range);
                    kept += 1;
                }
            }
            self.data.truncate(kept);
        }
        if self.open.is_empty() {
            self.data.clear();
        }
    }
}

/// Whether a line is the value of a key that stands in a line of its own.
fn is_value_alone(entry: &str) -> bool {
    entry == ":" || entry.starts_with(": ")
}

/// A text without its marks, anchor, tag and comment.
fn word(text: &str) -> &str {
    let mut text = text.trim_ascii();
    while text.starts_with(['&', '!']) {
        text = text
            .split_once(' ')
            .map_or("", |(_, rest)| rest.trim_ascii_start());
    }
    let text = text.split(" #").next().unwrap_or_default().trim_ascii();
    text.trim_matches(['"', '\''])
}

/// Where a line's value is; empty where it has none, where it follows on other lines, and for a comment.
fn value(entry: &str) -> Range<usize> {
    let separator = entry
        .bytes()
        .zip(entry.bytes().skip(1))
        .position(|(byte, next)| byte == b':' && matches!(next, b' ' | b'\t'));
    let Some(colon) = separator else {
        let has_text = !entry.ends_with(':') && !entry.starts_with('#');
        return if has_text { 0..entry.len() } else { 0..0 };
    };
    let text = entry[colon + 2..].trim_ascii_start();
    // A lone bracket is pretty-printed JSON, which is read elsewhere.
    let is_nothing = text.starts_with(['|', '>', '#'])
        || text == "{"
        || matches!(text, "" | "\"\"" | "''" | "{}" | "null" | "~")
        || entry.starts_with('#');
    if is_nothing {
        0..0
    } else {
        entry.len() - text.len()..entry.len()
    }
}
