//! A text → commands, words, redirections and here-documents, leniently.
//!
//! A here-document ends at the first line that is its end word, blanks around it or not: [`End`] says which, so that a
//! rule can tell what the shell makes of it while the rest is still read as it was meant.

use std::ops::Range;

use super::placeholder;
use super::script::{Command, Course, End, HereDocument, Redirection, Script, Unclosed};
use super::words;

mod course;

use course::{After, Opener};

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
    let masked = placeholder::masked(text);
    let mut scanner = Scanner::new(&masked);
    scanner.run(false);
    let mut script = scanner.script;
    let words = script
        .commands
        .iter_mut()
        .flat_map(|command| {
            let targets = command.redirections.iter_mut().map(|one| &mut one.target);
            command.words.iter_mut().chain(targets)
        })
        .chain(script.here_documents.iter_mut().map(|one| &mut one.word));
    for word in words {
        word.text = placeholder::unmasked(&word.text, &text[word.span.clone()]);
    }
    script
}

/// Where the first statement of a text ends: behind the line that leaves nothing open. Nothing where all of it does.
pub fn statement_end(text: &str) -> Option<usize> {
    let masked = placeholder::masked(text);
    let mut scanner = Scanner::new(&masked);
    scanner.run(true);
    let is_whole = scanner.script.is_complete();
    is_whole.then_some(scanner.at)
}

/// Each statement of a text: lines that leave nothing open. The last one may.
pub fn statements(text: &str) -> Vec<Range<usize>> {
    let masked = placeholder::masked(text);
    let mut statements = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let mut scanner = Scanner::new(&masked[start..]);
        scanner.run(true);
        let end = start + scanner.at.max(1);
        let end = if scanner.script.is_complete() {
            masked.ceil_char_boundary(end)
        } else {
            text.len()
        };
        statements.push(start..end);
        start = end;
    }
    statements
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    script: Script,
    current: Option<Command>,
    /// Here-documents whose bodies start at the next line.
    pending: Vec<usize>,
    pipeline: usize,
    /// Loops, branches and groups that are open.
    openers: Vec<Opener>,
    /// How many commands there were before the list of `&&` and `||` that is read.
    list: usize,
    /// What the next command hangs on.
    after: After,
    /// Whether the pipeline that is read is behind `!`.
    negated: bool,
}

const BRACKET: &str = "a bracket";
const QUOTE: &str = "a quote or an expansion";

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            script: Script::default(),
            current: None,
            pending: Vec::new(),
            pipeline: 0,
            openers: Vec::new(),
            list: 0,
            after: After::Nothing,
            negated: false,
        }
    }

    /// Reads on to the end, or only to that of the first statement.
    fn run(&mut self, first_only: bool) {
        let mut continues = None;
        while let Some(next) = self.text[self.at..].chars().next() {
            match next {
                '\n' => {
                    self.at += 1;
                    self.end_command(true);
                    if continues.is_none() {
                        self.end_list();
                    }
                    self.bodies();
                    let whole = continues.is_none() && self.openers.is_empty();
                    if first_only && whole && self.pipeline > 0 {
                        break;
                    }
                }
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.text[self.at + 1..].starts_with('\n') => {
                    let at = self.at;
                    self.at += 2;
                    continues = (self.at == self.text.len()).then_some(at);
                    continue;
                }
                '\\' if self.at + 1 == self.text.len() => {
                    continues = Some(self.at);
                    self.at += 1;
                    continue;
                }
                '#' => {
                    let line = self.text[self.at..].find('\n');
                    self.at += line.unwrap_or(self.text.len() - self.at);
                }
                ';' | '&' | '|' | '<' | '>' => {
                    let at = self.at;
                    continues = self.operator().then_some(at);
                    continue;
                }
                '(' => {
                    if let Some(end) = words::arithmetic_end(self.text, self.at) {
                        self.at = end;
                    } else {
                        self.open(self.at, BRACKET, false);
                        self.at += 1;
                    }
                }
                ')' => {
                    self.at += 1;
                    self.end_command(true);
                    if self.openers.last().is_some_and(|one| one.what == BRACKET) {
                        self.close();
                    }
                }
                _ => self.word(),
            }
            if !next.is_whitespace() && next != '#' {
                continues = None;
            }
        }
        let pending = self.pending.first().copied();
        self.end_command(true);
        if let Some(opener) = self.openers.first() {
            let (at, what) = (opener.at, opener.what);
            self.leave_open(at, what);
        }
        if let Some(number) = pending {
            let at = self.script.here_documents[number].word.span.start;
            self.leave_open(at, "a here-document");
        }
        if let Some(at) = continues {
            self.leave_open(at, "a command that goes on behind its line's end");
        }
    }

    fn leave_open(&mut self, at: usize, what: &'static str) {
        self.script.unclosed.get_or_insert(Unclosed { at, what });
    }

    /// Takes an operator; whether the command goes on behind it on the next line.
    fn operator(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let Some(operator) = OPERATORS.iter().find(|one| rest.starts_with(**one)) else {
            self.at += 1;
            self.end_command(true);
            self.end_list();
            return false;
        };
        self.at += operator.len();
        match *operator {
            "|" => self.end_command(false),
            "&" => {
                if let Some(command) = &mut self.current {
                    command.background = true;
                }
                self.end_command(true);
                self.end_list();
            }
            "||" => {
                self.end_command(true);
                self.goes_on(After::Failure);
            }
            "&&" => {
                self.end_command(true);
                self.goes_on(After::Test);
            }
            ";;" => {
                self.end_command(true);
                self.end_list();
            }
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
        if !closed {
            self.leave_open(target.span.start, QUOTE);
        }
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
            background: false,
            course: Course::Plain,
            span: at..at,
        })
    }

    fn word(&mut self) {
        let (word, closed) = words::read(self.text, self.at);
        if !closed {
            self.leave_open(word.span.start, QUOTE);
        }
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
                "for" | "select" => self.open(word.span.start, "a loop", false),
                "while" | "until" => self.open(word.span.start, "a loop", true),
                "if" => self.open(word.span.start, "an `if`", true),
                "case" => self.open(word.span.start, "a `case`", true),
                "{" => self.open(word.span.start, "a group", false),
                "done" | "fi" | "esac" | "}" => self.close(),
                "!" => self.negated = true,
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
                    let at = here_document.word.span.start;
                    self.leave_open(at, "a here-document");
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
