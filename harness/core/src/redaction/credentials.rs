//! Secrets that show by their name: the credentials of kubeconfigs, command-line flags, authorization headers.

use std::ops::Range;

use super::json::{self, Quote};
use super::{Secrets, run_end};

/// Keys whose text value is a secret, in lower case.
const KEYS: [&str; 12] = [
    "access-token",
    "access_token",
    "certificatekey",
    "client-certificate-data",
    "client-key-data",
    "client-secret",
    "id-token",
    "id_token",
    "password",
    "refresh-token",
    "refresh_token",
    "token",
];

/// Flags whose value is a secret, without their dashes.
const FLAGS: [&str; 3] = ["certificate-key", "password", "token"];

/// Schemes of an `Authorization` header, in lower case.
const SCHEMES: [&str; 4] = ["basic", "bearer", "digest", "token"];

pub(super) fn find(text: &str, secrets: &mut Secrets) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(u8::is_ascii_alphanumeric) {
        let start = at + found;
        let end = run_end(bytes, start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
        });
        // In JSON, a line that begins with the word reads `\ntoken`.
        let is_newline = start > at && bytes[start - 1] == b'\\' && bytes[start] == b'n';
        let word = start + usize::from(is_newline)..end;
        let name = text[word.clone()].to_ascii_lowercase();
        let is_flag = bytes[at..start].ends_with(b"--");
        let seen = if is_flag && FLAGS.contains(&name.as_str()) {
            value_of_flag(bytes, end, secrets)
        } else if KEYS.contains(&name.as_str()) {
            value_of_key(text, word, at, secrets)
        } else if name == "authorization" {
            authorization(text, end, secrets)
        } else {
            end
        };
        at = seen.max(end);
    }
}

/// Gives where to look on. Nothing before `after`, the end of the word before, is looked at.
fn value_of_key(text: &str, word: Range<usize>, after: usize, secrets: &mut Secrets) -> usize {
    let bytes = text.as_bytes();
    match bytes[after..word.start].last() {
        Some(&quote @ (b'"' | b'\'')) => {
            let before = bytes[after..word.start - 1].iter().rev();
            let backslashes = before.take_while(|&&byte| byte == b'\\').count();
            value_of_quoted_key(text, word.end, quote, backslashes, secrets)
        }
        _ => value_of_plain_key(text, word, after, secrets),
    }
}

fn value_of_quoted_key(
    text: &str,
    end: usize,
    quote: u8,
    backslashes: usize,
    secrets: &mut Secrets,
) -> usize {
    let bytes = text.as_bytes();
    let delimiter = |at: usize| {
        let end = run_end(bytes, at, |byte| byte == b'\\');
        (end - at == backslashes && bytes.get(end) == Some(&quote)).then_some(end + 1)
    };
    let Some(after_key) = delimiter(end) else {
        return end;
    };
    let colon = run_end(bytes, after_key, |byte| byte.is_ascii_whitespace());
    if bytes.get(colon) != Some(&b':') {
        return end;
    }
    let value = run_end(bytes, colon + 1, |byte| byte.is_ascii_whitespace());
    match delimiter(value) {
        Some(start) => secrets.keep(start..string_end(bytes, start, quote, backslashes)),
        None => plain_value(text, value, secrets),
    }
}

/// The end of the text in a string whose quotes have so many backslashes before them; at the latest the line's end.
fn string_end(bytes: &[u8], start: usize, quote: u8, backslashes: usize) -> usize {
    let level = (backslashes + 1).ilog2();
    let mut run = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'\\' => run += 1,
            b'\n' => return at,
            _ if byte == quote => {
                if quote == b'\'' || json::quote(level, run) != Quote::Inner {
                    return at - run.min(backslashes);
                }
                run = 0;
            }
            _ => run = 0,
        }
    }
    bytes.len()
}

/// The key of a YAML mapping: the first word of its line, or after `{` or `,`.
fn value_of_plain_key(
    text: &str,
    word: Range<usize>,
    after: usize,
    secrets: &mut Secrets,
) -> usize {
    let bytes = text.as_bytes();
    let Some(place) = place(bytes, word.start, after) else {
        return word.end;
    };
    let colon = run_end(bytes, word.end, |byte| byte == b' ');
    if bytes.get(colon) != Some(&b':') {
        return word.end;
    }
    let value = run_end(bytes, colon + 1, |byte| matches!(byte, b' ' | b'\t'));
    let Some(&first) = bytes.get(value) else {
        return value;
    };
    if value == colon + 1 && !matches!(first, b'\r' | b'\n') {
        // YAML wants a blank after the colon; `token:abc` is a text of another kind.
        return word.end;
    }
    match (place, first) {
        (Place::Line { column }, b'\r' | b'\n' | b'|' | b'>') => {
            following_lines(text, value, column, secrets)
        }
        (Place::Line { .. } | Place::Flow, quote @ (b'"' | b'\'')) => {
            secrets.keep(value + 1..string_end(bytes, value + 1, quote, 0))
        }
        (Place::Line { .. }, _) => {
            let end = run_end(bytes, value, |byte| byte != b'\n');
            keep_text(
                text,
                value..value + text[value..end].trim_ascii_end().len(),
                secrets,
            )
        }
        (Place::EscapedLine, _) => {
            // The text of `\"…\"` lies between its quotes, and an empty value ends with `\n`.
            let start = run_end(bytes, value, |byte| matches!(byte, b'\\' | b'"' | b'\''));
            if bytes[value] == b'\\' && bytes.get(start) == Some(&b'n') {
                return start;
            }
            let end = run_end(bytes, start, |byte| !matches!(byte, b'\n' | b'\\' | b'"'));
            keep_text(text, start..end, secrets)
        }
        (Place::Flow, _) => plain_value(text, value, secrets),
    }
}

/// Where a plain key stands.
enum Place {
    /// First in its line, in this column.
    Line { column: usize },
    /// First in a line whose end is written `\n`, inside a JSON string.
    EscapedLine,
    /// In `{…}`.
    Flow,
}

fn place(bytes: &[u8], word: usize, after: usize) -> Option<Place> {
    let blanks = bytes[after..word].iter().rev();
    let blanks = blanks.take_while(|&&byte| matches!(byte, b' ' | b'\t' | b'-'));
    let start = word - blanks.count();
    match start.checked_sub(1).map(|before| bytes[before]) {
        None | Some(b'\n') => Some(Place::Line {
            column: word - start,
        }),
        Some(b'{' | b',') => Some(Place::Flow),
        Some(b'n') if start > 1 && bytes[start - 2] == b'\\' => Some(Place::EscapedLine),
        // `\ntoken`: the word's own first letter was the end of the line.
        _ => (start == word && word > 1 && bytes[word - 2..word] == *b"\\n")
            .then_some(Place::EscapedLine),
    }
}

/// A block scalar, or one word on a line of its own: lines that are further in than their key.
fn following_lines(text: &str, value: usize, column: usize, secrets: &mut Secrets) -> usize {
    let bytes = text.as_bytes();
    let is_block = matches!(bytes[value], b'|' | b'>');
    let mut at = run_end(bytes, value, |byte| byte != b'\n') + 1;
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

/// One unquoted word inside `{…}` or JSON.
fn plain_value(text: &str, start: usize, secrets: &mut Secrets) -> usize {
    let end = run_end(text.as_bytes(), start, |byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, b',' | b'}' | b'"' | b'\'' | b'\\')
    });
    keep_text(text, start..end, secrets)
}

/// Keeps a plain value that is a text: no mapping, list (also the mark of an earlier time), anchor or constant.
fn keep_text(text: &str, range: Range<usize>, secrets: &mut Secrets) -> usize {
    let value = &text[range.clone()];
    let is_text = !value.starts_with(['{', '[', '&', '*', '#'])
        && !matches!(value, "null" | "~" | "true" | "false");
    if is_text {
        secrets.keep(range)
    } else {
        range.start
    }
}

fn value_of_flag(bytes: &[u8], end: usize, secrets: &mut Secrets) -> usize {
    if !matches!(bytes.get(end), Some(b'=' | b' ')) {
        return end;
    }
    let start = run_end(bytes, end + 1, |byte| matches!(byte, b' ' | b'"' | b'\''));
    secrets.keep(start..word_end(bytes, start))
}

fn authorization(text: &str, end: usize, secrets: &mut Secrets) -> usize {
    let bytes = text.as_bytes();
    let start = run_end(bytes, end, |byte| {
        matches!(byte, b' ' | b'"' | b'\'' | b'\\' | b':' | b'=')
    });
    let scheme = run_end(bytes, start, |byte| byte.is_ascii_alphabetic());
    let is_known = SCHEMES.contains(&text[start..scheme].to_ascii_lowercase().as_str());
    if !is_known || bytes.get(scheme) != Some(&b' ') {
        return end;
    }
    let start = run_end(bytes, scheme, |byte| byte == b' ');
    secrets.keep(start..word_end(bytes, start))
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    run_end(bytes, start, |byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, b',' | b'"' | b'\'' | b'\\')
    })
}
