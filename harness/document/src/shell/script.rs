//! What a text types: commands with their words, redirections and here-documents, as [`super::scan`] finds them.

use std::ops::Range;

use super::words::Word;

/// What a text types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its commands, in order.
    pub commands: Vec<Command>,
    /// Its here-documents, in order.
    pub here_documents: Vec<HereDocument>,
    /// What is left open at its end, and where it starts.
    pub unclosed: Option<Unclosed>,
    /// How many loops, branches and groups are inside of one another at most.
    pub depth: usize,
}

/// What a text leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclosed {
    /// Its first byte.
    pub at: usize,
    /// What it is: `a quote`.
    pub what: &'static str,
}

impl Script {
    /// Whether nothing is left open: no quote, expansion, here-document, loop, group or continued line.
    pub fn is_complete(&self) -> bool {
        self.unclosed.is_none()
    }

    /// The commands of a pipeline, in order.
    pub fn pipeline(&self, number: usize) -> impl Iterator<Item = &Command> {
        self.commands
            .iter()
            .filter(move |command| command.pipeline == number)
    }
}

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its words: name and arguments; keywords of the shell such as `do` before it are not among them.
    pub words: Vec<Word>,
    /// Where it reads from and writes to.
    pub redirections: Vec<Redirection>,
    /// Which of the script's here-documents it reads.
    pub here_documents: Vec<usize>,
    /// The number of its pipeline.
    pub pipeline: usize,
    /// Whether the shell goes on without waiting for it.
    pub background: bool,
    /// Whether it is run for sure, and whether what follows relies on its success.
    pub course: Course,
    /// Its bytes.
    pub span: Range<usize>,
}

/// What a script makes of whether a command is run and of its failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// It is run, and nothing is there for its failure.
    Plain,
    /// It is run, and may fail: `... || true`.
    MayFail,
    /// Whether it is run hangs on something: it is part of an `if`, a `case` or a `while`, or stands behind `||` or a test.
    Conditional,
}

impl Command {
    /// The words' texts.
    pub fn texts(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }
}

/// Where a command reads from or writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// `<`, `>`, `>>`, `<<<`, ...
    pub operator: &'static str,
    /// The file or the text.
    pub target: Word,
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HereDocument {
    /// The word that ends it, without quotes.
    pub word: Word,
    /// Whether its lines' leading tabs are dropped (`<<-`).
    pub indented: bool,
    /// The bytes of its lines.
    pub body: Range<usize>,
    /// How it ends.
    pub end: End,
}

/// How a here-document ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// At a line that is its end word: the line's bytes.
    Word(Range<usize>),
    /// At a line that would be its end word but for the blanks on it: the line's bytes. No shell ends it there.
    Blanks(Range<usize>),
    /// Nowhere.
    Missing,
}
