//! Secrets that stand beside a telling name: keys of JSON and YAML, environment variables, flags, headers, parameters of
//! a query, printed structures. What a name is, `names` says; here is where its value begins and ends.

mod after_colon;
mod delimiter;
mod flags;
mod headers;
mod lines;
mod pass;
mod settings;
mod values;

use std::ops::Range;

use self::delimiter::Delimiter;
use self::flags::{PROGRAMS, is_user};
use self::values::{looks_mixed, names_a_password, skip_blanks};
use super::names::{self, Telling};
use super::{Secrets, run_end};

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

/// A word that may be a name. Nothing before `after`, the end of the word before, is looked at.
struct Name<'text> {
    text: &'text str,
    word: Range<usize>,
    after: usize,
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
        if matches!(name, "name" | "Name" | "NAME" | "key")
            && let Some(seen) = self.named_variable(secrets)
        {
            return seen;
        }
        if is_user(name, before) {
            return self.user(secrets);
        }
        if name == "from-literal" && self.is_of_a_secret() {
            return self.literal(secrets);
        }
        // How OpenSSL is given a password.
        if name == "pass"
            && bytes.get(end) == Some(&b':')
            && follows_a_pass_flag(&text[..word.start])
        {
            return self.assigned(end + 1, Telling::Strong, secrets);
        }
        if name.eq_ignore_ascii_case("pass") {
            return self.pass(secrets);
        }
        if let Some(start) = self.of_a_device() {
            return self.assigned(start, Telling::Strong, secrets);
        }
        let Some(telling) = names::telling(name) else {
            return end;
        };
        if let Some(start) = self.setting(telling) {
            return self.assigned(start, Telling::Strong, secrets);
        }
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
            Some(b'\r' | b'\n') if before == b' ' && text[..word.start].ends_with("? ") => {
                self.below(telling, secrets)
            }
            // In a query that is a parameter of another one.
            Some(b'%') if matches!(text.get(end + 1..end + 3), Some("3D" | "3d")) => {
                self.assigned(end + 3, telling, secrets)
            }
            Some(b'>') if before == b'<' => {
                let stop = run_end(bytes, end + 1, |byte| !matches!(byte, b'<' | b'\n'));
                if bytes[stop..].starts_with(b"</") {
                    secrets.keep(end + 1..stop)
                } else {
                    end
                }
            }
            Some(b'"' | b'\'' | b'\\') => self.quoted(telling, secrets),
            Some(b'&') => self.in_markup(telling, secrets),
            _ => end,
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

    /// A value that begins here: what follows `=`, a flag's next word.
    fn assigned(&self, start: usize, telling: Telling, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        if let Some((delimiter, begin)) = Delimiter::opens(bytes, start) {
            return self.keep(begin..delimiter.text_end(bytes, begin), telling, secrets);
        }
        let stop = self.word_end(start);
        self.keep(start..stop, telling, secrets)
    }

    /// `Name:PASSWORD,Value:x`, `name=PASSWORD value=x`: how Go and logs print an environment variable.
    fn named_variable(&self, secrets: &mut Secrets<'_>) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let start = match bytes.get(self.word.end)? {
            b':' | b'=' => skip_blanks(bytes, self.word.end + 1),
            _ => return None,
        };
        let start = Delimiter::opens(bytes, start).map_or(start, |(_, begin)| begin);
        let stop = run_end(bytes, start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
        });
        names::telling(&self.text[start..stop])?;
        let stop = Delimiter::at(bytes, stop).map_or(stop, |(_, end)| end);
        let value = run_end(bytes, stop, |byte| matches!(byte, b' ' | b','));
        let rest = &bytes[value..];
        let is_value = rest.len() > 6 && rest[..5].eq_ignore_ascii_case(b"value");
        (is_value && matches!(rest[5], b':' | b'='))
            .then(|| self.assigned(skip_blanks(bytes, value + 6), Telling::Strong, secrets))
    }
}

fn follows_a_pass_flag(before: &str) -> bool {
    let before = before.trim_end_matches(['"', '\'', ' ', ',', '=']);
    before.ends_with("-passin") || before.ends_with("-passout")
}
