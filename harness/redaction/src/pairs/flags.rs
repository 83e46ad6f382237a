//! Values of flags: `--password x`, `-pVALUE`, `"--token", "x"`, `-u name:x`.

use super::delimiter::Delimiter;
use super::values::skip_blanks;
use super::{Name, Telling};
use crate::{Secrets, run_end};

/// Programs, by the last word of their name, whose short flag takes a password, also without a blank.
pub(super) const PROGRAMS: [(&str, char); 8] = [
    ("mysql", 'p'),
    ("mysqldump", 'p'),
    ("mysqladmin", 'p'),
    ("mariadb", 'p'),
    ("sshpass", 'p'),
    ("redis-cli", 'a'),
    ("login", 'p'),
    ("ldapsearch", 'w'),
];

impl Name<'_> {
    /// `-pVALUE`, `-p VALUE`, `"-p", "VALUE"`.
    pub(super) fn short_flag(&self, secrets: &mut Secrets<'_>) -> usize {
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

    /// `--password`, `-token`.
    pub(super) fn is_flag(&self) -> bool {
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

    /// The value of a flag that stands in the next word.
    pub(super) fn of_flag(&self, start: usize, secrets: &mut Secrets<'_>) -> usize {
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

    /// The value of a flag that is the next item of a list, in YAML or a line each.
    pub(super) fn next_item(&self, newline: usize, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let first = run_end(bytes, newline + 1, |byte| byte == b' ');
        if bytes[first..].starts_with(b"- ") {
            return self.of_flag(skip_blanks(bytes, first + 2), secrets);
        }
        // As `kubectl describe` prints arguments: each in a line of its own, in one column.
        let line = self.text[..self.word.start]
            .rfind('\n')
            .map_or(0, |at| at + 1);
        let dashes = &self.text[line..self.word.start];
        let column = dashes.len() - dashes.trim_start_matches(' ').len();
        let stop = run_end(bytes, first, |byte| byte != b'\n');
        let is_one_word = !self.text[first..stop].trim_ascii_end().contains(' ');
        if dashes
            .trim_start_matches(' ')
            .trim_start_matches('-')
            .is_empty()
            && column > 0
            && first - newline - 1 == column
            && is_one_word
        {
            return self.of_flag(first, secrets);
        }
        newline
    }

    pub(super) fn of_flag_quoted(
        &self,
        start: usize,
        delimiter: Delimiter,
        secrets: &mut Secrets<'_>,
    ) -> usize {
        let bytes = self.text.as_bytes();
        let stop = delimiter.text_end(bytes, start);
        if bytes[start..].starts_with(b"--") || delimiter.is_of_key(bytes, stop) {
            return start;
        }
        self.keep(start..stop, Telling::Strong, secrets)
    }

    /// Whether a Secret is made in this line.
    pub(super) fn is_of_a_secret(&self) -> bool {
        let before = &self.text[..self.word.start];
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let begin = before
            .floor_char_boundary(before.len().saturating_sub(NEAR))
            .max(line);
        before[begin..].contains("create secret ")
    }

    /// `--from-literal=name=VALUE`, whatever the name.
    pub(super) fn literal(&self, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let start = run_end(bytes, self.word.end, |byte| matches!(byte, b'=' | b' '));
        let start = Delimiter::opens(bytes, start).map_or(start, |(_, begin)| begin);
        let name = run_end(bytes, start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
        });
        if bytes.get(name) == Some(&b'=') {
            self.assigned(name + 1, Telling::Strong, secrets)
        } else {
            self.word.end
        }
    }

    /// `--user name:password`, `-u name:password`, `--creds name:password`.
    pub(super) fn user(&self, secrets: &mut Secrets<'_>) -> usize {
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
        let (start, stop) = match Delimiter::opens(bytes, next) {
            Some((delimiter, begin)) => {
                let stop = delimiter.text_end(bytes, begin);
                if delimiter.is_of_key(bytes, stop) {
                    return end;
                }
                (begin, stop)
            }
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
}

/// How far before a flag its command is looked for.
const NEAR: usize = 500;

pub(super) fn is_user(name: &str, before: u8) -> bool {
    before == b'-'
        && matches!(
            name,
            "u" | "user" | "proxy-user" | "creds" | "src-creds" | "dest-creds"
        )
}
