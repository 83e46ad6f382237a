//! Secrets that stand beside a telling name: keys of JSON and YAML, environment variables, flags, headers, parameters of
//! a query, printed structures. What a name is, `names` says; here is where its value begins and ends.

use std::ops::Range;

use super::json::{self, Quote};
use super::names::{self, Telling};
use super::nearby::{is_name_of_an_object, looks_random};
use super::{REDACTED, Secrets, run_end};

/// How a value of a key is told from a key's own line: values that are no secret.
const CONSTANTS: [&str; 16] = [
    "null", "~", "true", "false", "none", "nil", "yes", "no", "on", "off", "enabled", "disabled",
    "required", "unset", "<nil>", "<none>",
];

pub(super) fn find(text: &str, secrets: &mut Secrets<'_>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    // The short flag of a program that was named in this line.
    let mut flag = None;
    while let Some(found) = bytes[at..].iter().position(u8::is_ascii_alphanumeric) {
        let start = at + found;
        let end = run_end(bytes, start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
        });
        // In JSON, a line that begins with the word reads `\ntoken`.
        let is_escape =
            start > at && bytes[start - 1] == b'\\' && matches!(bytes[start], b'n' | b't' | b'r');
        let name = Name {
            text,
            word: start + usize::from(is_escape)..end,
            after: at,
        };
        if text[at..start].contains('\n') {
            flag = None;
        }
        let word = &text[name.word.clone()];
        flag = PROGRAMS
            .iter()
            .find(|(program, _)| *program == word)
            .map(|(_, letter)| *letter)
            .or(flag);
        let seen = match flag.filter(|letter| word.starts_with(*letter)) {
            Some(_) if name.before() == b'-' && !text[..name.word.start].ends_with("--") => {
                name.short_flag(secrets)
            }
            _ => name.value(secrets),
        };
        at = seen.max(end);
    }
}

/// Programs, by the last word of their name, whose short flag takes a password, also without a blank.
const PROGRAMS: [(&str, char); 8] = [
    ("mysql", 'p'),
    ("mysqldump", 'p'),
    ("mysqladmin", 'p'),
    ("mariadb", 'p'),
    ("sshpass", 'p'),
    ("redis-cli", 'a'),
    ("login", 'p'),
    ("ldapsearch", 'w'),
];

/// A word that may be a name. Nothing before `after`, the end of the word before, is looked at.
struct Name<'text> {
    text: &'text str,
    word: Range<usize>,
    after: usize,
}

/// What encloses a value.
#[derive(Clone, Copy)]
struct Delimiter {
    quote: u8,
    backslashes: usize,
}

impl Delimiter {
    /// The delimiter that begins here, and where it ends.
    fn at(bytes: &[u8], at: usize) -> Option<(Self, usize)> {
        let mark = run_end(bytes, at, |byte| byte == b'\\');
        let &quote = bytes.get(mark)?;
        let backslashes = mark - at;
        matches!(quote, b'"' | b'\'').then_some((Self { quote, backslashes }, mark + 1))
    }

    /// The end of the same delimiter, where it stands here.
    fn ends_at(self, bytes: &[u8], at: usize) -> Option<usize> {
        let (other, end) = Self::at(bytes, at)?;
        (other.quote == self.quote && other.backslashes == self.backslashes).then_some(end)
    }

    /// The end of the text in a string that begins here; at the latest the line's end.
    fn text_end(self, bytes: &[u8], start: usize) -> usize {
        let level = (self.backslashes + 1).ilog2();
        let mut run = 0;
        for (at, &byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'\\' => run += 1,
                b'\n' => return at,
                _ if byte == self.quote => {
                    if self.quote == b'\'' || json::quote(level, run) != Quote::Inner {
                        return at - run.min(self.backslashes);
                    }
                    run = 0;
                }
                _ => run = 0,
            }
        }
        bytes.len()
    }
}

/// Where a plain key stands.
#[derive(Clone, Copy)]
enum Place {
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
    /// Takes out what stands beside the name. Gives where to look on.
    fn value(&self, secrets: &mut Secrets<'_>) -> usize {
        let Self { text, word, .. } = self;
        let bytes = text.as_bytes();
        let end = word.end;
        let name = &text[word.clone()];
        let before = self.before();
        if matches!(before, b'?' | b'&')
            && bytes.get(end) == Some(&b'=')
            && names::is_telling_parameter(name)
        {
            return self.assigned(end + 1, Telling::Strong, secrets);
        }
        if names::is_authorization(name) {
            return self.header(true, secrets);
        }
        if names::is_cookie(name) {
            return self.header(false, secrets);
        }
        if matches!(name, "name" | "Name" | "NAME")
            && let Some(seen) = self.named_variable(secrets)
        {
            return seen;
        }
        if is_user(name, before) {
            return self.user(secrets);
        }
        let Some(telling) = names::telling(name) else {
            return end;
        };
        match bytes.get(end) {
            Some(b'=') => match bytes.get(end + 1) {
                Some(b'=' | b'~') => end,
                Some(b'>') => self.assigned(skip_blanks(bytes, end + 2), telling, secrets),
                _ => self.assigned(end + 1, telling, secrets),
            },
            Some(b':') => self.colon(end, telling, secrets),
            Some(b' ' | b'\t') => {
                let next = skip_blanks(bytes, end);
                if self.is_flag() {
                    return self.of_flag(next, secrets);
                }
                match bytes.get(next) {
                    Some(b'=') => match bytes.get(next + 1) {
                        Some(b'=' | b'~') => end,
                        Some(b'>') => self.assigned(skip_blanks(bytes, next + 2), telling, secrets),
                        _ => self.assigned(skip_blanks(bytes, next + 1), telling, secrets),
                    },
                    Some(b':') if bytes.get(next + 1) == Some(&b'=') => {
                        self.assigned(skip_blanks(bytes, next + 2), telling, secrets)
                    }
                    Some(b':') => self.colon(next, telling, secrets),
                    _ => self.next_word(next, telling, secrets),
                }
            }
            Some(b'\n') if self.is_flag() => self.next_item(end, secrets),
            Some(b'>') if before == b'<' => {
                let stop = run_end(bytes, end + 1, |byte| !matches!(byte, b'<' | b'\n'));
                if bytes[stop..].starts_with(b"</") {
                    secrets.keep(end + 1..stop)
                } else {
                    end
                }
            }
            Some(b'"' | b'\'' | b'\\') => self.quoted(telling, secrets),
            _ => end,
        }
    }

    /// `-pVALUE`, `-p VALUE`, `"-p", "VALUE"`.
    fn short_flag(&self, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let (start, end) = (self.word.start, self.word.end);
        if end - start > 1 {
            return secrets.keep(start + 1..self.word_end(start + 1));
        }
        match bytes.get(end) {
            Some(b' ') => self.of_flag(skip_blanks(bytes, end), secrets),
            Some(_) => match Delimiter::at(bytes, end) {
                Some((delimiter, after)) => {
                    let next = run_end(bytes, after, |byte| {
                        byte.is_ascii_whitespace() || byte == b','
                    });
                    match delimiter.ends_at(bytes, next) {
                        Some(start) => self.of_flag_quoted(start, delimiter, secrets),
                        None => end,
                    }
                }
                None => end,
            },
            None => end,
        }
    }

    fn before(&self) -> u8 {
        let bytes = self.text.as_bytes();
        let start = self.word.start;
        if start > self.after {
            bytes[start - 1]
        } else {
            0
        }
    }

    /// `--password`, `-token`.
    fn is_flag(&self) -> bool {
        let before = &self.text.as_bytes()[self.after..self.word.start];
        let dashes = before
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'-')
            .count();
        dashes > 0
            && before[..before.len() - dashes]
                .last()
                .is_none_or(|byte| !byte.is_ascii_alphanumeric())
            && (dashes > 1
                || before.len() == 1
                || matches!(
                    before[before.len() - 2],
                    b' ' | b'"' | b'\'' | b'[' | b'\n' | b','
                ) && self.text.as_bytes().get(self.word.end) != Some(&b'\n'))
    }

    /// `password "value"`, and `password value` at its line's end, as configurations of routers and `.netrc` have them.
    fn next_word(&self, next: usize, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let name = &self.text[self.word.clone()];
        if telling == Telling::Weak || next == self.word.end {
            return self.word.end;
        }
        if Delimiter::at(bytes, next).is_some() {
            return self.assigned(next, telling, secrets);
        }
        let stop = self.word_end(next);
        let is_last = bytes
            .get(skip_blanks(bytes, stop))
            .is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b';' | b'"' | b'\\'));
        if is_last && names_a_password(name) && looks_mixed(&self.text[next..stop]) {
            return self.keep(next..stop, telling, secrets);
        }
        self.word.end
    }

    /// The value of a flag that stands in the next word.
    fn of_flag(&self, start: usize, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        if bytes.get(start).is_some_and(|&byte| byte == b'-')
            && bytes
                .get(start + 1)
                .is_some_and(|byte| *byte == b'-' || byte.is_ascii_alphabetic())
        {
            return start;
        }
        self.assigned(start, Telling::Strong, secrets)
    }

    /// The value of a flag that is the next item of a YAML list.
    fn next_item(&self, newline: usize, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let dash = run_end(bytes, newline + 1, |byte| byte == b' ');
        if !bytes[dash..].starts_with(b"- ") {
            return newline;
        }
        self.of_flag(skip_blanks(bytes, dash + 2), secrets)
    }

    /// A value that begins here: what follows `=`, a flag's next word.
    fn assigned(&self, start: usize, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        if let Some((delimiter, begin)) = Delimiter::at(bytes, start) {
            return self.keep(begin..delimiter.text_end(bytes, begin), telling, secrets);
        }
        let stop = self.word_end(start);
        self.keep(start..stop, telling, secrets)
    }

    /// The end of an unquoted value: blanks end it, marks, and what separates it from another pair.
    fn word_end(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied();
            let ends = match byte {
                b'"' | b'\'' | b'`' => true,
                b'\\' => matches!(next, Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\' | b'u')),
                b'<' => next == Some(b'/'),
                b'&' | b';' | b',' | b'|' => {
                    next.is_none_or(|next| !next.is_ascii_alphanumeric() && next != b'_')
                        || is_pair(bytes, at + 1)
                }
                b')' | b']' | b'}' => {
                    next.is_none_or(|next| {
                        next.is_ascii_whitespace()
                            || matches!(next, b')' | b']' | b'}' | b',' | b'"' | b'\\' | b'\'')
                    }) && !self.text[start..=at].ends_with(REDACTED)
                }
                _ => byte.is_ascii_whitespace(),
            };
            if ends {
                break;
            }
            at += 1;
        }
        at
    }

    /// What stands after a colon.
    fn colon(&self, colon: usize, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
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

    /// `name:value`, as Go prints maps and structures.
    fn glued(&self, value: usize, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
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
    fn quoted(&self, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
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
            // `"--password", "value"`
            Some(b',') if self.is_flag() => {
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

    fn of_flag_quoted(
        &self,
        start: usize,
        delimiter: Delimiter,
        secrets: &mut Secrets<'_>,
    ) -> usize {
        let bytes = self.text.as_bytes();
        if bytes[start..].starts_with(b"--") {
            return start;
        }
        self.keep(
            start..delimiter.text_end(bytes, start),
            Telling::Strong,
            secrets,
        )
    }

    /// The texts of a list, up to what is no text.
    fn array(&self, start: usize, delimiter: Delimiter, secrets: &mut Secrets<'_>) -> usize {
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

    /// `Authorization: Scheme value`, `Cookie: value`; the scheme stays.
    fn header(&self, has_scheme: bool, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let end = self.word.end;
        let separator = run_end(bytes, end, |byte| {
            matches!(byte, b' ' | b'"' | b'\'' | b'\\')
        });
        let Some(b':' | b'=') = bytes.get(separator) else {
            return end;
        };
        let blanks = skip_blanks(bytes, separator + 1);
        let gap = Delimiter::at(bytes, blanks).map_or(blanks, |(_, begin)| begin);
        if self.text[gap..]
            .trim_start_matches('[')
            .starts_with(&REDACTED[1..])
        {
            return gap;
        }
        let start = match bytes.get(gap) {
            Some(b'[') => {
                let inside = run_end(bytes, gap, |byte| byte == b'[');
                Delimiter::at(bytes, inside).map_or(inside, |(_, begin)| begin)
            }
            _ => gap,
        };
        // In Go's maps and in JSON's lists the value ends with its bracket, else with its mark or its line.
        let is_listed = bytes[separator + 1..start].contains(&b'[');
        let mark = Delimiter::at(bytes, separator + 1)
            .or_else(|| Delimiter::at(bytes, skip_blanks(bytes, separator + 1)));
        let stop = match mark {
            Some((delimiter, begin)) if begin == start => delimiter.text_end(bytes, start),
            _ => header_end(bytes, start, is_listed),
        };
        let stop = start + self.text[start..stop].trim_ascii_end().len();
        let value = &self.text[start..stop];
        if value.is_empty() || value.starts_with(['{', '$', '<']) {
            return end;
        }
        if has_scheme && let Some(blank) = value.find(' ') {
            let scheme = &value[..blank];
            let rest = start + blank + 1;
            let is_scheme = scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let words = value[blank..].split_ascii_whitespace().count();
            let is_prose = words > 1
                && !matches!(
                    scheme.to_ascii_lowercase().as_str(),
                    "basic" | "bearer" | "digest" | "token" | "negotiate"
                )
                && !value.contains(['=', '"']);
            if is_prose && matches!(self.place(), Place::Middle) {
                return end;
            }
            if is_reference(self.text[rest..stop].trim_ascii()) {
                return end;
            }
            if is_scheme {
                return secrets.keep(rest..stop);
            }
        }
        secrets.keep(start..stop)
    }

    /// `Name:PASSWORD,Value:x`, `name=PASSWORD value=x`: how Go and logs print an environment variable.
    fn named_variable(&self, secrets: &mut Secrets<'_>) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let start = match bytes.get(self.word.end)? {
            b':' | b'=' => skip_blanks(bytes, self.word.end + 1),
            _ => return None,
        };
        let stop = run_end(bytes, start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
        });
        names::telling(&self.text[start..stop])?;
        let value = run_end(bytes, stop, |byte| matches!(byte, b' ' | b','));
        let rest = &bytes[value..];
        let is_value = rest.len() > 6 && rest[..5].eq_ignore_ascii_case(b"value");
        (is_value && matches!(rest[5], b':' | b'='))
            .then(|| self.assigned(skip_blanks(bytes, value + 6), Telling::Strong, secrets))
    }

    /// `--user name:password`, `-u name:password`.
    fn user(&self, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let end = self.word.end;
        let next = match bytes.get(end) {
            Some(b' ' | b'=') => skip_blanks(bytes, end + 1),
            Some(_) => match Delimiter::at(bytes, end) {
                // `"-u", "name:password"`
                Some((_, after)) => run_end(bytes, after, |byte| {
                    byte.is_ascii_whitespace() || byte == b','
                }),
                None => return end,
            },
            None => return end,
        };
        let (start, stop) = match Delimiter::at(bytes, next) {
            Some((delimiter, begin)) => (begin, delimiter.text_end(bytes, begin)),
            None => (next, self.word_end(next)),
        };
        match self.text[start..stop].find(':') {
            Some(colon)
                if self.text[start + colon + 1..]
                    .starts_with(|next: char| !next.is_ascii_whitespace()) =>
            {
                secrets.keep(start + colon + 1..stop)
            }
            _ => end,
        }
    }

    fn place(&self) -> Place {
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

    /// Takes a value out, unless it is one that is no secret.
    fn keep(&self, range: Range<usize>, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let name = &self.text[self.word.clone()];
        let value = &self.text[range.clone()];
        let stays = CONSTANTS.contains(&value)
            || is_reference(value)
            || (!names_a_password(name) && is_path(value))
            || (matches!(name, "PWD" | "OLDPWD") && value.starts_with('/'))
            || (telling == Telling::Weak && is_name_of_an_object(value));
        if stays {
            range.end
        } else {
            secrets.keep(range)
        }
    }

    /// Keeps a plain value that is a text: no mapping, list, anchor, comment or constant.
    fn keep_text(&self, range: Range<usize>, secrets: &mut Secrets<'_>) -> usize {
        let value = &self.text[range.clone()];
        // An anchor or a tag stands before the text.
        if value.starts_with(['&', '!']) {
            return match value.find(' ') {
                Some(blank) => self.keep_text(range.start + blank + 1..range.end, secrets),
                None if value.starts_with('!') => secrets.keep(range),
                None => range.start,
            };
        }
        let is_list = value.starts_with('[') && value.ends_with(']') && !value.contains(' ');
        let is_nothing = value.starts_with('{')
            || value.starts_with('#')
            || value.starts_with('*') && value.len() < 32
            || value.starts_with("[{")
            || is_list
            || CONSTANTS.contains(&value)
            || is_reference(value)
            || (!names_a_password(&self.text[self.word.clone()]) && is_path(value));
        if is_nothing {
            range.start
        } else {
            secrets.keep(range)
        }
    }
}

/// The end of a header's value: its line, the mark that closes the text around it, in a list the bracket. Marks that
/// enclose a parameter (`response="…"`) belong to it.
fn header_end(bytes: &[u8], start: usize, is_listed: bool) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => break,
            b']' if is_listed && !bytes[..=at].ends_with(REDACTED.as_bytes()) => break,
            b'"' | b'\'' | b'\\' => {
                let parameter = (at > start && bytes[at - 1] == b'=')
                    .then(|| Delimiter::at(bytes, at))
                    .flatten();
                let Some((delimiter, begin)) = parameter else {
                    break;
                };
                let stop = delimiter.text_end(bytes, begin);
                match delimiter.ends_at(bytes, stop) {
                    Some(next) => at = next,
                    None => return stop,
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn is_user(name: &str, before: u8) -> bool {
    before == b'-' && matches!(name, "u" | "user" | "proxy-user")
}

fn names_a_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("pass")
}

/// Whether another `name=` begins here.
fn is_pair(bytes: &[u8], at: usize) -> bool {
    let end = run_end(bytes, at, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
    });
    end > at && end - at < 64 && matches!(bytes.get(end), Some(b'=' | b':'))
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at.min(bytes.len()), |byte| {
        matches!(byte, b' ' | b'\t')
    })
}

/// `$NAME`, `${NAME}`, `$(NAME)`, `{{ name }}`, `<name>`, `%s`, `***`: what stands for a value.
fn is_reference(value: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    if let Some(rest) = value.strip_prefix('$') {
        let inner = rest
            .strip_prefix(['{', '('])
            .map_or(rest, |inner| inner.trim_end_matches(['}', ')']));
        return is_name(inner) || rest.starts_with("(cat ") || rest == "(";
    }
    value.starts_with("{{")
        || value.len() == 2 && value.starts_with('%')
        || value.starts_with('<') && value.ends_with('>')
        || !value.is_empty()
            && value
                .bytes()
                .all(|byte| matches!(byte, b'*' | b'.' | b'x' | b'X'))
}

/// A file's absolute path in words.
fn is_path(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('/') else {
        return false;
    };
    rest.contains(['/', '.'])
        && rest.bytes().all(|byte| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'/' | b'.' | b'-' | b'_')
        })
}

/// Digits among letters, or capitals within: no word of prose.
fn looks_mixed(value: &str) -> bool {
    let bytes = value.as_bytes();
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    let has_letter = bytes.iter().any(u8::is_ascii_alphabetic);
    bytes.len() >= 6 && has_digit && has_letter && !is_name_of_an_object(value)
}

/// A block scalar, or text on lines of its own: lines that are further in than their key.
fn following_lines(text: &str, value: usize, column: usize, secrets: &mut Secrets<'_>) -> usize {
    let bytes = text.as_bytes();
    let is_block = matches!(bytes[value], b'|' | b'>');
    let newline = run_end(bytes, value, |byte| byte != b'\n');
    lines(text, newline, column, is_block, secrets)
}

/// A plain text that goes on in the lines after its key's.
fn following_text(text: &str, newline: usize, column: usize, secrets: &mut Secrets<'_>) -> usize {
    lines(text, newline, column, false, secrets)
}

fn lines(
    text: &str,
    newline: usize,
    column: usize,
    is_block: bool,
    secrets: &mut Secrets<'_>,
) -> usize {
    let bytes = text.as_bytes();
    let mut at = newline + 1;
    while at < bytes.len() {
        let start = run_end(bytes, at, |byte| byte == b' ');
        let end = run_end(bytes, start, |byte| byte != b'\n');
        let line = text[start..end].trim_ascii_end();
        if !line.is_empty() {
            let is_mapping = line.contains(": ") || line.ends_with(':') || line.starts_with("- ");
            if start - at <= column || (is_mapping && !is_block) {
                break;
            }
            secrets.keep(start..start + line.len());
        }
        at = end + 1;
    }
    at.min(bytes.len())
}
