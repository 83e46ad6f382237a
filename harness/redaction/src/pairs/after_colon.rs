//! Values after a colon: of keys of YAML and JSON, of pairs that Go prints, of lists.

use super::delimiter::Delimiter;
use super::lines::{following_lines, following_text};
use super::values::{CONSTANTS, looks_mixed, skip_blanks};
use super::{Name, Telling};
use crate::nearby::looks_random;
use crate::{Secrets, run_end};

/// How markup writes a mark.
const MARKS: [&str; 4] = ["&quot;", "&#34;", "&#39;", "&#x27;"];

/// Where a plain key stands.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// First in its line, in this column.
    Line { column: usize },
    /// First in a line whose end is written `\n`, inside a JSON string.
    EscapedLine,
    /// In `{…}` or after a comma.
    Flow,
    /// Anywhere else.
    Middle,
}

impl Name<'_> {
    /// What stands after a colon.
    pub(super) fn colon(&self, colon: usize, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let (place, end) = (self.place(), self.word.end);
        let value = run_end(bytes, colon + 1, |byte| matches!(byte, b' ' | b'\t'));
        let Some(&first) = bytes.get(value) else {
            return end;
        };
        if value == colon + 1 && !matches!(first, b'\r' | b'\n') {
            return self.glued(value, telling, secrets);
        }
        match (place, first) {
            (Place::Line { column }, b'\r' | b'\n' | b'|' | b'>') => {
                following_lines(self.text, value, column, secrets)
            }
            (_, b'\r' | b'\n') => end,
            (_, b'"' | b'\'' | b'\\') if Delimiter::at(bytes, value).is_some() => {
                self.assigned(value, telling, secrets)
            }
            (Place::Line { column }, _) => {
                let stop = run_end(bytes, value, |byte| byte != b'\n');
                let length = self.text[value..stop].trim_ascii_end().len();
                let kept = self.keep_text(value..value + length, secrets);
                if kept < value + length {
                    return kept;
                }
                following_text(self.text, stop, column, secrets)
            }
            (Place::EscapedLine, b'\\') => end,
            (Place::EscapedLine, _) => {
                let stop = run_end(bytes, value, |byte| !matches!(byte, b'\n' | b'\\' | b'"'));
                self.keep_text(value..stop, secrets)
            }
            (Place::Flow, _) => {
                let stop = run_end(bytes, value, |byte| {
                    !byte.is_ascii_whitespace()
                        && !matches!(byte, b',' | b'}' | b'"' | b'\'' | b'\\')
                });
                self.keep_text(value..stop, secrets)
            }
            // `/etc/passwd: no such file`
            (Place::Middle, _) if self.before() == b'/' => end,
            (Place::Middle, _) => {
                let stop = self.word_end(value);
                let text = &self.text[value..stop];
                if telling == Telling::Strong || looks_random(text) {
                    self.keep_text(value..stop, secrets)
                } else {
                    end
                }
            }
        }
    }

    /// `? name`, and `: value` in the next line.
    pub(super) fn below(&self, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let line = run_end(bytes, self.word.end, |byte| matches!(byte, b'\r' | b'\n'));
        let colon = skip_blanks(bytes, line);
        if bytes.get(colon) != Some(&b':') {
            return self.word.end;
        }
        let value = skip_blanks(bytes, colon + 1);
        match bytes.get(value) {
            None => value,
            Some(b'"' | b'\'') => self.assigned(value, telling, secrets),
            Some(b'\r' | b'\n' | b'|' | b'>') => {
                following_lines(self.text, value, colon - line, secrets)
            }
            Some(_) => {
                let stop = run_end(bytes, value, |byte| !matches!(byte, b'\r' | b'\n'));
                self.keep_text(value..stop, secrets)
            }
        }
    }

    /// Whether the name is the first argument of a call.
    fn is_argument(&self, delimiter: Delimiter, telling: Telling) -> bool {
        let before = &self.text[..self.word.start];
        let mark = delimiter.backslashes + 1;
        telling == Telling::Strong
            && before.len() > mark
            && before.as_bytes()[before.len() - mark - 1] == b'('
    }

    /// `&quot;name&quot;:&quot;value&quot;`, as JSON stands in markup.
    pub(super) fn in_markup(&self, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let rest = &self.text[self.word.end..];
        let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) else {
            return self.word.end;
        };
        let value = rest[mark.len()..].trim_start().strip_prefix(':');
        let value = value.and_then(|value| value.trim_start().strip_prefix(mark));
        let Some((value, stop)) = value.and_then(|value| Some((value, value.find(mark)?))) else {
            return self.word.end;
        };
        let start = self.text.len() - value.len();
        self.keep(start..start + stop, telling, secrets)
    }

    /// `name:value`, as Go prints maps and structures.
    pub(super) fn glued(&self, value: usize, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        if bytes[value..].starts_with(b"//") || matches!(bytes[value], b':' | b'{' | b'[') {
            return self.word.end;
        }
        if Delimiter::at(bytes, value).is_some() {
            return self.assigned(value, telling, secrets);
        }
        let stop = self.word_end(value);
        let text = &self.text[value..stop];
        if telling == Telling::Strong || looks_random(text) || looks_mixed(text) {
            self.keep_text(value..stop, secrets)
        } else {
            self.word.end
        }
    }

    /// The name was the end of a quoted text.
    pub(super) fn quoted(&self, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let end = self.word.end;
        let Some((delimiter, after_name)) = Delimiter::at(bytes, end) else {
            return end;
        };
        let colon = run_end(bytes, after_name, |byte| byte.is_ascii_whitespace());
        let value = match bytes.get(colon) {
            Some(b':') => colon + 1,
            Some(b'=') if bytes.get(colon + 1) == Some(&b'>') => colon + 2,
            // `- "--password"`, and the value as the next item
            Some(b'-') if self.is_flag() && bytes.get(colon + 1) == Some(&b' ') => {
                let next = skip_blanks(bytes, colon + 2);
                return match delimiter.ends_at(bytes, next) {
                    Some(start) => self.of_flag_quoted(start, delimiter, secrets),
                    None => self.of_flag(next, secrets),
                };
            }
            // `"--password", "value"`, `setenv("PASSWORD", "value")`
            Some(b',') if self.is_flag() || self.is_argument(delimiter, telling) => {
                let next = run_end(bytes, colon + 1, |byte| byte.is_ascii_whitespace());
                return match delimiter.ends_at(bytes, next) {
                    Some(start) => self.of_flag_quoted(start, delimiter, secrets),
                    None => end,
                };
            }
            _ => return end,
        };
        let value = run_end(bytes, value, |byte| byte.is_ascii_whitespace());
        if let Some(start) = delimiter.ends_at(bytes, value) {
            let stop = delimiter.text_end(bytes, start);
            return self.keep(start..stop, telling, secrets);
        }
        // `b'…'` of Python, `[]byte("…")` of Go.
        let prefix = run_end(bytes, value, |byte| {
            byte.is_ascii_alphabetic() || b"[](".contains(&byte)
        });
        let is_prefix = matches!(&self.text[value..prefix], "b" | "u" | "r" | "[]byte(");
        if is_prefix && let Some((delimiter, start)) = Delimiter::opens(bytes, prefix) {
            let stop = delimiter.text_end(bytes, start);
            return self.keep(start..stop, telling, secrets);
        }
        if bytes.get(value) == Some(&b'[') {
            return self.array(value + 1, delimiter, secrets);
        }
        let stop = run_end(bytes, value, |byte| {
            !byte.is_ascii_whitespace()
                && !matches!(byte, b',' | b'}' | b']' | b'"' | b'\'' | b'\\')
        });
        let text = &self.text[value..stop];
        if text.starts_with('{') || CONSTANTS.contains(&text) || text.is_empty() {
            return value;
        }
        let quote = (delimiter.quote, delimiter.backslashes);
        secrets.keep_quoted(value..stop, Some(quote))
    }

    /// The texts of a list, up to what is no text.
    pub(super) fn array(
        &self,
        start: usize,
        delimiter: Delimiter,
        secrets: &mut Secrets<'_>,
    ) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        loop {
            at = run_end(bytes, at, |byte| byte.is_ascii_whitespace() || byte == b',');
            let Some(begin) = delimiter.ends_at(bytes, at) else {
                return at;
            };
            let stop = delimiter.text_end(bytes, begin);
            self.keep(begin..stop, Telling::Strong, secrets);
            match delimiter.ends_at(bytes, stop) {
                Some(next) => at = next,
                None => return stop,
            }
        }
    }

    pub(super) fn place(&self) -> Place {
        let bytes = self.text.as_bytes();
        let word = self.word.start;
        let blanks = bytes[self.after.min(word)..word].iter().rev();
        let blanks = blanks.take_while(|&&byte| matches!(byte, b' ' | b'\t' | b'-'));
        let start = word - blanks.count();
        match start.checked_sub(1).map(|before| bytes[before]) {
            None | Some(b'\n') => Place::Line {
                column: word - start,
            },
            // The prefix with which clients print a header.
            Some(b'>' | b'<') if start == 1 || bytes[start - 2] == b'\n' => Place::Line {
                column: word - start + 1,
            },
            Some(b'{' | b',') => Place::Flow,
            Some(b'n') if start > 1 && bytes[start - 2] == b'\\' => Place::EscapedLine,
            Some(b'"' | b'\'') if start == word => Place::EscapedLine,
            _ => Place::Middle,
        }
    }
}
