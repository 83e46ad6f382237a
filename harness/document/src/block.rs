//! What a document consists of: blocks, and the pieces that a block of commands and outputs has.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// Lines of a document, counted from 1, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Lines {
    /// The first line.
    pub first: usize,
    /// The last line; one less than the first where there is none.
    pub last: usize,
}

impl Lines {
    /// Whether a line is one of them.
    pub fn contains(self, line: usize) -> bool {
        (self.first..=self.last).contains(&line)
    }

    /// Whether any line is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first >= self.last {
            write!(formatter, "{}", self.first)
        } else {
            write!(formatter, "{}-{}", self.first, self.last)
        }
    }
}

/// What a block is to the one who follows the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A title.
    Heading,
    /// What is told.
    Prose,
    /// What is typed into a shell, and nothing else.
    Commands,
    /// What something printed, and nothing else.
    Output,
    /// What is typed, and what it printed.
    Transcript,
    /// The text of a file or a manifest.
    File,
    /// What no reader is shown: comments, and the settings at a page's head.
    Hidden,
}

/// The lines that a code block is fenced with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fence {
    /// What is written behind the opening marker, such as a language.
    pub info: String,
    /// The line of the opening marker.
    pub opening: usize,
    /// The line of the closing marker; nothing where the fence is left open.
    pub closing: Option<usize>,
}

/// One part of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Its lines; of a fenced block, those between the markers.
    pub lines: Lines,
    /// The bytes of those lines.
    pub span: Range<usize>,
    /// The digest of those bytes as they are written, in hexadecimal digits.
    pub sha256: String,
    /// The fence of a code block; nothing for what stands among the prose, or is code by its indentation.
    pub fence: Option<Fence>,
    /// Whether it is code by its indentation, as a literal block is.
    #[serde(skip)]
    pub is_indented: bool,
    /// Of commands, outputs and files: what it consists of.
    pub pieces: Vec<Piece>,
    /// Of prose and titles: the bytes of each inline code, without its marks.
    pub code: Vec<Range<usize>>,
}

impl Block {
    /// The lines with those of the fence.
    pub fn whole(&self) -> Lines {
        match &self.fence {
            Some(fence) => Lines {
                first: fence.opening,
                last: fence.closing.unwrap_or(self.lines.last.max(fence.opening)),
            },
            None => self.lines,
        }
    }
}

/// What a piece of a code block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PieceKind {
    /// What is typed: one command after a prompt, or a run of commands without prompts.
    Command,
    /// What was printed.
    Output,
    /// The text of a file or a manifest.
    File,
}

/// A piece of a code block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its lines.
    pub lines: Lines,
    /// The bytes of what is typed or printed, without the prompt.
    pub content: Range<usize>,
    /// The digest of those bytes as they are written, in hexadecimal digits.
    pub sha256: String,
    /// The prompt that a command is typed at.
    pub prompt: Option<Prompt>,
}

/// What a shell printed before a command was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Prompt {
    /// Its bytes, the blank before the command included.
    pub span: Range<usize>,
    /// The host that it names.
    pub host: Option<String>,
}
