//! Which values are secrets, and where a value without marks ends.

use std::ops::Range;

use super::{Name, Telling};
use crate::nearby::is_name_of_an_object;
use crate::{REDACTED, Secrets, run_end};

/// How a value of a key is told from a key's own line: values that are no secret.
pub(super) const CONSTANTS: [&str; 16] = [
    "null", "~", "true", "false", "none", "nil", "yes", "no", "on", "off", "enabled", "disabled",
    "required", "unset", "<nil>", "<none>",
];

impl Name<'_> {
    /// The end of an unquoted value: blanks end it, marks, and what separates it from another pair.
    pub(super) fn word_end(&self, start: usize) -> usize {
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

    /// Takes a value out, unless it is one that is no secret.
    pub(super) fn keep(
        &self,
        range: Range<usize>,
        telling: Telling,
        secrets: &mut Secrets<'_>,
    ) -> usize {
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
    pub(super) fn keep_text(&self, range: Range<usize>, secrets: &mut Secrets<'_>) -> usize {
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

pub(super) fn names_a_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("pass")
}

/// Whether another `name=` begins here.
pub(super) fn is_pair(bytes: &[u8], at: usize) -> bool {
    let end = run_end(bytes, at, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
    });
    end > at && end - at < 64 && matches!(bytes.get(end), Some(b'=' | b':'))
}

pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at.min(bytes.len()), |byte| {
        matches!(byte, b' ' | b'\t')
    })
}

/// `$NAME`, `${NAME}`, `$(NAME)`, `{{ name }}`, `<name>`, `%s`, `***`: what stands for a value.
pub(super) fn is_reference(value: &str) -> bool {
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
pub(super) fn is_path(value: &str) -> bool {
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
pub(super) fn looks_mixed(value: &str) -> bool {
    let bytes = value.as_bytes();
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    let has_letter = bytes.iter().any(u8::is_ascii_alphabetic);
    bytes.len() >= 6 && has_digit && has_letter && !is_name_of_an_object(value)
}
