//! One word of a command: where it ends, and what it is without its quotes.

use std::ops::Range;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word without quotes and backslashes; expansions are left as they are written.
    pub text: String,
    /// Its bytes, quotes included.
    pub span: Range<usize>,
    /// Whether any part of it is quoted.
    pub quoted: bool,
}

/// Where a word ends that starts at a byte, and what it says; `false` where a quote or an expansion in it is left open.
pub(super) fn read(text: &str, start: usize) -> (Word, bool) {
    let mut reader = Reader {
        text,
        at: start,
        out: String::new(),
        quoted: false,
        closed: true,
    };
    reader.word();
    let word = Word {
        text: reader.out,
        span: start..reader.at,
        quoted: reader.quoted,
    };
    (word, reader.closed)
}

/// The longest arithmetic that is looked for, in bytes: brackets that nothing closes cost no more.
const LONGEST_ARITHMETIC: usize = 4096;

/// Where `((...))` ends that starts at a byte. Nothing where the brackets are those of groups.
pub(super) fn arithmetic_end(text: &str, start: usize) -> Option<usize> {
    let inside = text[start..].strip_prefix("((")?;
    let mut depth = 2_usize;
    for (at, byte) in inside.bytes().enumerate().take(LONGEST_ARITHMETIC) {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 1 {
            let end = start + 2 + at + 1;
            return text[end..].starts_with(')').then_some(end + 1);
        }
    }
    None
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    out: String,
    quoted: bool,
    closed: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn word(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => {
                    // An array's values are part of the assignment.
                    if next == '(' && self.out.ends_with('=') && !self.quoted {
                        self.balanced('(', ')');
                        continue;
                    }
                    break;
                }
                '\'' => self.single(),
                '"' => self.double(),
                '\\' => {
                    self.at += 1;
                    self.quoted = true;
                    match self.take() {
                        Some('\n') => {}
                        Some(escaped) => self.out.push(escaped),
                        None => self.closed = false,
                    }
                }
                '$' if self.text[self.at..].starts_with("$'") => self.escaped(),
                '$' => self.dollar(),
                '`' => self.until('`'),
                _ => {
                    self.at += next.len_utf8();
                    self.out.push(next);
                }
            }
        }
    }

    /// `$'...'`, in which a backslash keeps a quote from ending it; what it stands for is left as it is written.
    fn escaped(&mut self) {
        self.quoted = true;
        self.out.push('$');
        self.at += 2;
        let from = self.at;
        while let Some(next) = self.take() {
            if next == '\\' {
                self.take();
            } else if next == '\'' {
                self.out.push_str(&self.text[from..self.at - 1]);
                return;
            }
        }
        self.out.push_str(&self.text[from..]);
        self.closed = false;
    }

    fn single(&mut self) {
        self.quoted = true;
        let from = self.at + 1;
        match self.text[from..].find('\'') {
            Some(length) => {
                self.out.push_str(&self.text[from..from + length]);
                self.at = from + length + 1;
            }
            None => self.open(),
        }
    }

    fn double(&mut self) {
        self.quoted = true;
        self.at += 1;
        while let Some(next) = self.peek() {
            match next {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    self.at += 1;
                    match self.take() {
                        Some(escaped @ ('"' | '\\' | '$' | '`')) => self.out.push(escaped),
                        Some('\n') | None => {}
                        Some(other) => {
                            self.out.push('\\');
                            self.out.push(other);
                        }
                    }
                }
                '$' => self.dollar(),
                '`' => self.until('`'),
                _ => {
                    self.at += next.len_utf8();
                    self.out.push(next);
                }
            }
        }
        self.closed = false;
    }

    fn dollar(&mut self) {
        self.at += 1;
        self.out.push('$');
        match self.peek() {
            Some('{') => self.balanced('{', '}'),
            Some('(') => self.balanced('(', ')'),
            // Arithmetic as it was written once.
            Some('[') => self.balanced('[', ']'),
            _ => {}
        }
    }

    /// A piece in brackets, taken as it is written; brackets in quotes do not count.
    fn balanced(&mut self, opening: char, closing: char) {
        let start = self.at;
        let mut depth = 0_usize;
        let mut quote = None;
        let mut before = ' ';
        while let Some(next) = self.take() {
            let behind = std::mem::replace(&mut before, next);
            if let Some((mark, escapes)) = quote {
                if next == mark {
                    quote = None;
                } else if next == '\\' && escapes {
                    self.take();
                }
                continue;
            }
            match next {
                '\\' => {
                    self.take();
                }
                '\'' | '"' => quote = Some((next, next == '"' || behind == '$')),
                _ if next == opening => depth += 1,
                _ if next == closing => {
                    depth -= 1;
                    if depth == 0 {
                        self.out.push_str(&self.text[start..self.at]);
                        return;
                    }
                }
                _ => {}
            }
        }
        self.out.push_str(&self.text[start..self.at]);
        self.closed = false;
    }

    fn until(&mut self, mark: char) {
        let from = self.at;
        self.at += 1;
        while let Some(next) = self.take() {
            if next == '\\' {
                self.take();
            } else if next == mark {
                self.out.push_str(&self.text[from..self.at]);
                return;
            }
        }
        self.out.push_str(&self.text[from..self.at]);
        self.closed = false;
    }

    fn open(&mut self) {
        self.out.push_str(&self.text[self.at + 1..]);
        self.at = self.text.len();
        self.closed = false;
    }
}
