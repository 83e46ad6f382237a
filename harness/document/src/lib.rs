//! A Markdown document as blocks: what is typed, what is printed, what is put into a file, and what is told.
//!
//! Every line that is not blank is in one block, and every block knows its lines, its bytes and its digest. A fence that
//! is left open ends with the document. [`lint`] judges one by rules that hold for any, [`overlay`] says what a scenario makes
//! of one. This crate reads no file and runs nothing.

use std::ops::Range;

use rehearse_core::problem::SourceText;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

mod block;
pub mod errata;
pub mod examination;
pub mod finding;
pub mod links;
pub mod links_findings;
pub mod lint;
mod markdown;
pub mod overlay;
pub mod shell;
mod transcript;

pub use block::{Block, Fence, Kind, Lines, Piece, PieceKind, Prompt};

/// A document that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The text and the path that it is known by.
    pub source: SourceText,
    /// The digest of the whole text, in hexadecimal digits.
    pub sha256: String,
    /// Its blocks, in order; no two share a line.
    pub blocks: Vec<Block>,
    /// Whether all of it was looked at as far as its statements go; otherwise some were read line by line.
    pub examined: bool,
    text: String,
    /// Of each line, its first byte.
    starts: Vec<usize>,
    /// The same in the text as it is written.
    source_starts: Vec<usize>,
    /// Of each line, how many bytes before it are not shown.
    hidden: Vec<usize>,
}

impl Document {
    /// Reads a text; every text is a document.
    pub fn parse(file: &str, text: &str) -> Self {
        let source_starts: Vec<usize> = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .filter(|start| *start < text.len())
            .collect();
        let outline = markdown::outline(text, &source_starts);
        let mut document = Self {
            source: SourceText::new(file, text),
            sha256: digest(text),
            blocks: Vec::new(),
            examined: true,
            text: String::with_capacity(text.len()),
            starts: Vec::with_capacity(source_starts.len()),
            hidden: outline.prefixes.clone(),
            source_starts,
        };
        for (line, hidden) in text.split_inclusive('\n').zip(&outline.prefixes) {
            document.starts.push(document.text.len());
            let body = line.trim_end_matches(['\n', '\r']);
            document
                .text
                .push_str(body.get(*hidden..).unwrap_or_default());
            if line.ends_with('\n') {
                document.text.push('\n');
            }
        }
        let (blocks, examined) = markdown::blocks(&document, &outline);
        document.blocks = blocks;
        document.examined = examined;
        document
    }

    /// The whole text as Markdown shows its lines: what lists and quotes put before the lines of a code block, a byte
    /// order mark and carriage returns at lines' ends are left out. All bytes that this crate names are bytes of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the text as it is written that these bytes of [`Document::text`] are.
    pub fn written(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.written_byte(span.start);
        let end = match span.end.checked_sub(1) {
            Some(last) if span.end > span.start => self.written_byte(last) + 1,
            _ => start,
        };
        let whole = &self.source.text;
        whole.floor_char_boundary(start)..whole.ceil_char_boundary(end.max(start))
    }

    fn written_byte(&self, byte: usize) -> usize {
        let index = self.line_at(byte) - 1;
        let of = |starts: &[usize]| starts.get(index).copied().unwrap_or_default();
        let inside = byte.saturating_sub(of(&self.starts));
        (of(&self.source_starts) + of(&self.hidden) + inside).min(self.source.text.len())
    }

    /// How many lines it has.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The bytes of a line, counted from 1, without its line break; empty beyond the document.
    pub fn line_span(&self, line: usize) -> Range<usize> {
        let text = self.text();
        let Some(start) = line.checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return text.len()..text.len();
        };
        let end = self.starts.get(line).copied().unwrap_or(text.len());
        let without_break = text[*start..end].trim_end_matches(['\n', '\r']).len();
        *start..start + without_break
    }

    /// A line, counted from 1, without its line break.
    pub fn line(&self, line: usize) -> &str {
        &self.text()[self.line_span(line)]
    }

    /// The bytes from a line's first to another's last one, line breaks between and after them included.
    pub fn lines_span(&self, lines: Lines) -> Range<usize> {
        let start = self.line_span(lines.first).start;
        let end = self
            .starts
            .get(lines.last)
            .copied()
            .unwrap_or(self.text().len());
        start..end.max(start)
    }

    /// The line, counted from 1, that a byte is in.
    pub fn line_at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).max(1)
    }

    /// The column in characters, counted from 1, of a byte in its line as it is written.
    pub fn column_at(&self, byte: usize) -> usize {
        let line = self.line_at(byte);
        let start = self
            .source_starts
            .get(line - 1)
            .copied()
            .unwrap_or_default();
        let written = self.written(&(byte..byte)).start;
        let before = &self.source.text[start.min(written)..written];
        before.trim_start_matches('\u{feff}').chars().count() + 1
    }

    /// Each piece with its block, in order.
    pub fn pieces(&self) -> impl Iterator<Item = (&Block, &Piece)> {
        self.blocks
            .iter()
            .flat_map(|block| block.pieces.iter().map(move |piece| (block, piece)))
    }

    /// What a piece holds: of a command, what is typed, without its prompt.
    pub fn content(&self, piece: &Piece) -> &str {
        &self.text()[piece.content.clone()]
    }
}

/// The SHA-256 of a text, in hexadecimal digits.
pub fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// What [`Document`] is as JSON: its blocks without their text.
#[derive(Debug, Serialize)]
pub struct Outline<'a> {
    /// The path that the document is known by.
    pub file: &'a str,
    /// The digest of the whole text.
    pub sha256: &'a str,
    /// How many lines it has.
    pub lines: usize,
    /// Its blocks.
    pub blocks: &'a [Block],
}

impl<'a> From<&'a Document> for Outline<'a> {
    fn from(document: &'a Document) -> Self {
        Self {
            file: &document.source.file,
            sha256: &document.sha256,
            lines: document.line_count(),
            blocks: &document.blocks,
        }
    }
}

#[cfg(test)]
mod tests;
