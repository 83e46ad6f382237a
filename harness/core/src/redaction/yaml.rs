//! The data of `Secret` objects in YAML, whatever the order of their keys. It reads indentation, keys and list marks, and
//! forgives everything else.

use std::ops::Range;

use super::Secrets;

pub(super) fn find(text: &str, secrets: &mut Secrets) {
    let mut scanner = Scanner::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        scanner.line(line.trim_ascii_end(), start, secrets);
        start += line.len();
    }
    scanner.close(0, secrets);
}

#[derive(Default)]
struct Scanner {
    open: Vec<Mapping>,
    /// Texts inside `data` and `stringData` of mappings that are still open.
    data: Vec<Range<usize>>,
}

struct Mapping {
    column: usize,
    is_secret: bool,
    data: Data,
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

impl Scanner {
    fn line(&mut self, line: &str, start: usize, secrets: &mut Secrets) {
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
            } else {
                value(content)
            };
            if !text.is_empty() {
                let at = start + indentation;
                self.data.push(at + text.start..at + text.end);
            }
            return;
        }
        let entry = content.trim_start_matches("- ");
        let key_column = line.len() - entry.len();
        if self
            .open
            .last()
            .is_none_or(|mapping| mapping.column < key_column)
        {
            self.open.push(Mapping {
                column: key_column,
                is_secret: false,
                data: Data::No,
                first: self.data.len(),
            });
        }
        self.entry(entry, start + key_column);
    }

    fn entry(&mut self, entry: &str, start: usize) {
        let Some(mapping) = self.open.last_mut() else {
            return;
        };
        mapping.data = Data::No;
        let Some((key, _)) = entry.split_once(':') else {
            return;
        };
        let text = value(entry);
        match key.trim_matches(['"', '\'']) {
            "kind" => {
                let kind = entry[text].trim_matches(['"', '\'']);
                mapping.is_secret |= matches!(kind, "Secret" | "SecretList");
            }
            "data" | "stringData" if text.is_empty() => mapping.data = Data::Expected,
            "data" | "stringData" => self.data.push(start + text.start..start + text.end),
            _ => {}
        }
    }

    /// Closes the mappings whose keys stand in this column or further in.
    fn close(&mut self, column: usize, secrets: &mut Secrets) {
        while let Some(mapping) = self.open.pop_if(|mapping| mapping.column >= column) {
            if mapping.is_secret {
                for range in self.data.drain(mapping.first..) {
                    secrets.keep(range);
                }
            }
        }
        if self.open.is_empty() {
            self.data.clear();
        }
    }
}

/// Where a line's value is; empty where it has none, where it follows on other lines, and for a comment.
fn value(entry: &str) -> Range<usize> {
    let Some(colon) = entry.find(": ") else {
        let has_text = !entry.ends_with(':') && !entry.starts_with('#');
        return if has_text { 0..entry.len() } else { 0..0 };
    };
    let text = entry[colon + 2..].trim_ascii_start();
    // A lone bracket is pretty-printed JSON, which is read elsewhere.
    let is_nothing = text.starts_with(['|', '>', '#'])
        || (text.starts_with('{') && !text.ends_with('}'))
        || matches!(text, "" | "\"\"" | "''" | "{}" | "null" | "~")
        || entry.starts_with('#');
    if is_nothing {
        0..0
    } else {
        entry.len() - text.len()..entry.len()
    }
}
