//! Where each name of a file or folder and each identifier stands, so that no rule reads the whole document for each of its questions.

use std::collections::HashMap;
use std::ops::Range;

use crate::lint::facts::tokens;
use crate::{Document, Kind};

/// What the shown text of a document mentions.
pub(in crate::lint) struct Mentions<'a> {
    names: HashMap<&'a str, Vec<usize>>,
    identifiers: HashMap<&'a str, usize>,
    lower: String,
}

impl<'a> Mentions<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let mut mentions = Self {
            names: HashMap::new(),
            identifiers: HashMap::new(),
            lower: String::new(),
        };
        for block in &document.blocks {
            if block.kind != Kind::Hidden {
                mentions.add(document, &block.span);
            }
        }
        mentions
    }

    fn add(&mut self, document: &'a Document, span: &Range<usize>) {
        let text = &document.text()[span.clone()];
        self.lower.push_str(&text.to_lowercase());
        self.lower.push('\n');
        for (at, token) in tokens(text) {
            // Each folder of a path is mentioned, too.
            let mut start = span.start + at.start;
            for name in token.split('/') {
                if !name.is_empty() {
                    self.names.entry(name).or_default().push(start);
                }
                start += name.len() + 1;
            }
        }
        let mut start = None;
        let mut before = ' ';
        for (at, next) in text.char_indices().chain([(text.len(), ' ')]) {
            let part = next.is_ascii_alphanumeric() || next == '_';
            match (part, start) {
                (true, None) => start = Some((at, before)),
                (false, Some((from, sign))) => {
                    // What is expanded is used, not set.
                    if !matches!(sign, '$' | '{' | '!') {
                        self.identifiers
                            .entry(&text[from..at])
                            .or_insert(span.start + from);
                    }
                    start = None;
                }
                _ => {}
            }
            before = next;
        }
    }

    /// The shown text in lower case.
    pub(in crate::lint) fn lower(&self) -> &str {
        &self.lower
    }

    /// The bytes at which a file's or a folder's name starts.
    pub(in crate::lint) fn of_file(&self, name: &str) -> &[usize] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The first byte at which an identifier stands that is not expanded there.
    pub(in crate::lint) fn identifier(&self, name: &str) -> Option<usize> {
        self.identifiers.get(name).copied()
    }
}
