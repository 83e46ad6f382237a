//! A text → commands, words, redirections and here-documents, leniently.
//!
//! A here-document ends at the first line that is its end word, blanks around it or not: [`End`] says which, so that a
//! rule can tell what the shell makes of it while the rest is still read as it was meant.

use std::ops::Range;

use super::words::{self, Word};

/// What a text types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its commands, in order.
    pub commands: Vec<Command>,
    /// Its here-documents, in order.
    pub here_documents: Vec<HereDocument>,
    open: bool,
}

impl Script {
    /// Whether nothing is left open: no quote, expansion, here-document, loop, group or continued line.
    pub fn is_complete(&self) -> bool {
        !self.open
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
    /// Its bytes.
    pub span: Range<usize>,
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

const OPERATORS: [&str; 17] = [
    "<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">", "&>>", "&>", "&&", "&", "||", "|",
    ";;",
];

/// Words that stand before a command and are none.
const KEYWORDS: [&str; 11] = [
    "do", "done", "then", "else", "elif", "fi", "esac", "{", "}", "!", "time",
];

/// Reads a text; every text is a script.
pub fn scan(text: &str) -> Script {
    let mut scanner = Scanner {
        text,
        at: 0,
        script: Script::default(),
        current: None,
        pending: Vec::new(),
        pipeline: 0,
        depth: 0,
        groups: 0,
    };
    scanner.run();
    scanner.script
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    script: Script,
    current: Option<Command>,
    /// Here-documents whose bodies start at the next line.
    pending: Vec<usize>,
    pipeline: usize,
    /// Loops and branches that are open.
    depth: usize,
    /// Round brackets that are open.
    groups: usize,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let mut continues = false;
        while let Some(next) = self.text[self.at..].chars().next() {
            match next {
                '\n' => {
                    self.at += 1;
                    self.end_command(true);
                    self.bodies();
                }
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.text[self.at + 1..].starts_with('\n') => {
                    self.at += 2;
                    continues = self.at == self.text.len();
                    continue;
                }
                '\\' if self.at + 1 == self.text.len() => {
                    self.at += 1;
                    continues = true;
                    continue;
                }
                '#' => {
                    let line = self.text[self.at..].find('\n');
                    self.at += line.unwrap_or(self.text.len() - self.at);
                }
                ';' | '&' | '|' | '<' | '>' => {
                    continues = self.operator();
                    continue;
                }
                '(' => {
                    self.at += 1;
                    self.groups += 1;
                }
                ')' => {
                    self.at += 1;
                    self.groups = self.groups.saturating_sub(1);
                    self.end_command(true);
                }
                _ => self.word(),
            }
            if !next.is_whitespace() && next != '#' {
                continues = false;
            }
        }
        let pending = !self.pending.is_empty();
        self.end_command(true);
        self.script.open |= continues || pending || self.depth > 0 || self.groups > 0;
    }

    /// Takes an operator; whether the command goes on behind it on the next line.
    fn operator(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let Some(operator) = OPERATORS.iter().find(|one| rest.starts_with(**one)) else {
            self.at += 1;
            self.end_command(true);
            return false;
        };
        self.at += operator.len();
        match *operator {
            "|" => self.end_command(false),
            "&&" | "||" | "&" | ";;" => self.end_command(true),
            _ => {
                self.redirection(operator);
                return false;
            }
        }
        matches!(*operator, "|" | "&&" | "||")
    }

    fn redirection(&mut self, operator: &'static str) {
        let blanks =
            self.text[self.at..].len() - self.text[self.at..].trim_start_matches([' ', '\t']).len();
        self.at += blanks;
        let (target, closed) = words::read(self.text, self.at);
        self.script.open |= !closed;
        if target.span.is_empty() {
            return;
        }
        self.at = target.span.end;
        let number = self.script.here_documents.len();
        let end = self.at;
        let command = self.command();
        command.span.end = end;
        if matches!(operator, "<<" | "<<-") {
            command.here_documents.push(number);
            self.pending.push(number);
            self.script.here_documents.push(HereDocument {
                word: target,
                indented: operator == "<<-",
                body: end..end,
                end: End::Missing,
            });
        } else {
            command.redirections.push(Redirection { operator, target });
        }
    }

    fn command(&mut self) -> &mut Command {
        let (at, pipeline) = (self.at, self.pipeline);
        self.current.get_or_insert_with(|| Command {
            words: Vec::new(),
            redirections: Vec::new(),
            here_documents: Vec::new(),
            pipeline,
            span: at..at,
        })
    }

    fn word(&mut self) {
        let (word, closed) = words::read(self.text, self.at);
        self.script.open |= !closed;
        if word.span.is_empty() {
            // A sign that no word starts with.
            self.at += self.text[self.at..]
                .chars()
                .next()
                .map_or(1, char::len_utf8);
            return;
        }
        self.at = word.span.end;
        let first = self.current.is_none();
        if first && !word.quoted {
            match word.text.as_str() {
                "for" | "while" | "until" | "if" | "case" | "select" | "{" => self.depth += 1,
                "done" | "fi" | "esac" | "}" => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if KEYWORDS.contains(&word.text.as_str()) {
                return;
            }
            if matches!(word.text.as_str(), "while" | "until" | "if") {
                return;
            }
        }
        // The number of a redirected stream belongs to the operator behind it.
        let rest = &self.text[self.at..];
        if rest.starts_with(['<', '>']) && word.text.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let start = word.span.start;
        let end = self.at;
        let command = self.command();
        if command.words.is_empty() && command.redirections.is_empty() {
            command.span.start = start;
        }
        command.words.push(word);
        command.span.end = end;
    }

    fn end_command(&mut self, ends_pipeline: bool) {
        if let Some(command) = self.current.take() {
            self.script.commands.push(command);
        }
        if ends_pipeline {
            self.pipeline += 1;
        }
    }

    /// Takes the lines of the here-documents that the line before started.
    fn bodies(&mut self) {
        for number in std::mem::take(&mut self.pending) {
            let start = self.at;
            let Some(here_document) = self.script.here_documents.get_mut(number) else {
                continue;
            };
            let word = here_document.word.text.clone();
            loop {
                let line_start = self.at;
                if line_start >= self.text.len() {
                    here_document.body = start..self.text.len();
                    self.script.open = true;
                    break;
                }
                let rest = &self.text[line_start..];
                let length = rest.find('\n').unwrap_or(rest.len());
                let line = &rest[..length];
                self.at = (line_start + length + 1).min(self.text.len());
                let exact = if here_document.indented {
                    line.trim_start_matches('\t') == word
                } else {
                    line == word
                };
                if exact || line.trim() == word {
                    let span = line_start..line_start + length;
                    here_document.body = start..line_start;
                    here_document.end = if exact {
                        End::Word(span)
                    } else {
                        End::Blanks(span)
                    };
                    break;
                }
            }
        }
    }
}
