//! Secrets that show by themselves: JWTs, what issuers give a prefix of its own, bearer and bootstrap tokens, passwords in
//! URLs.

use std::sync::LazyLock;

use super::shapes::{SHAPES, Shape};
use super::{REDACTED, Secrets, find_at, run_end};

/// What a JWT's first two parts have at least: the shortest header, `{"alg":"HS256"}`, has 20 characters.
const SHORTEST_JWT_PART: usize = 10;

/// Shorter words after `bearer` are prose, such as "bearer authentication".
const SHORTEST_BEARER_TOKEN: usize = 16;

pub(super) fn find(text: &str, secrets: &mut Secrets<'_>) {
    json_web_tokens(text, secrets);
    shapes(text, secrets);
    bearer_tokens(text, secrets);
    bootstrap_tokens(text, secrets);
    telegram_tokens(text, secrets);
    url_passwords(text, secrets);
}

/// `/bot123456789:TOKEN/`, how a bot of Telegram calls its server; the bot's number stays.
fn telegram_tokens(text: &str, secrets: &mut Secrets<'_>) {
    const SHORTEST_NUMBER: usize = 6;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = find_at(text, at, "/bot") {
        let number = found + "/bot".len();
        at = run_end(bytes, number, |byte| byte.is_ascii_digit());
        let separator = [":", "%3A", "%3a"]
            .iter()
            .find(|separator| text[at..].starts_with(**separator));
        if at - number >= SHORTEST_NUMBER
            && let Some(separator) = separator
        {
            let start = at + separator.len();
            at = secrets.keep(start..run_end(bytes, start, is_base64url));
        }
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=')
}

/// Anything that begins with `eyJ` (a JSON object in base64) and has at least two parts, also where it was broken into
/// lines. What stands before it does not matter, so that no separator hides a token.
fn json_web_tokens(text: &str, secrets: &mut Secrets<'_>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(start) = find_at(text, at, "eyJ") {
        let header = run_end(bytes, start, is_base64url);
        at = header;
        let (end, dots, length) = token_end(bytes, start);
        let is_whole = header - start >= SHORTEST_JWT_PART
            && bytes.get(header) == Some(&b'.')
            && run_end(bytes, header + 1, is_base64url) - (header + 1) >= SHORTEST_JWT_PART;
        let is_broken = dots > 0 && length >= 3 * SHORTEST_JWT_PART;
        if is_whole || is_broken {
            at = secrets.keep(start..end);
        }
    }
}

/// The end of a token that may be broken into lines, how many dots it has and how many characters.
fn token_end(bytes: &[u8], start: usize) -> (usize, usize, usize) {
    let (mut end, mut dots, mut length) = (start, 0, 0);
    let mut from = start;
    loop {
        let stop = run_end(bytes, from, |byte| is_base64url(byte) || byte == b'.');
        let stop = from + trimmed(&bytes[from..stop]);
        let run = &bytes[from..stop];
        let is_continuation = from > start;
        let is_token = run.len() >= 8
            && (run.len() >= 24 || run.contains(&b'.') || run.iter().any(u8::is_ascii_digit));
        if is_continuation && !is_token {
            break;
        }
        dots += run.split(|&byte| byte == b'.').count() - 1;
        length += run.len();
        end = stop;
        // The next line's first word, where the line ends here.
        let next = match bytes.get(stop) {
            Some(b'\n') => stop + 1,
            Some(b'\r') if bytes.get(stop + 1) == Some(&b'\n') => stop + 2,
            Some(b'\\') if matches!(bytes.get(stop + 1), Some(b'n' | b'\n')) => stop + 2,
            Some(b'\\') if bytes[stop..].starts_with(b"\\r\\n") => stop + 4,
            _ => break,
        };
        from = run_end(bytes, next, |byte| matches!(byte, b' ' | b'\t' | b'"'));
        let whole = run_end(bytes, from, |byte| is_base64url(byte) || byte == b'.');
        // A line of prose has blanks, and a key has a colon.
        if length < SHORTEST_JWT_PART || matches!(bytes.get(whole), Some(b' ' | b':' | b'/')) {
            break;
        }
    }
    (end, dots, length)
}

/// Without the dots that end a sentence.
fn trimmed(run: &[u8]) -> usize {
    run.iter()
        .rposition(|&byte| byte != b'.')
        .map_or(0, |last| last + 1)
}

/// The shapes by the first byte of their prefixes.
static BY_FIRST: LazyLock<Vec<Vec<&'static Shape>>> = LazyLock::new(|| {
    let mut all = vec![Vec::new(); 256];
    for shape in SHAPES {
        if let Some(&first) = shape.prefix.as_bytes().first() {
            all[usize::from(first)].push(shape);
        }
    }
    all
});

fn shapes(text: &str, secrets: &mut Secrets<'_>) {
    let bytes = text.as_bytes();
    let by_first = &*BY_FIRST;
    let mut at = 0;
    while at < bytes.len() {
        if !is_boundary(bytes, at) {
            at += 1;
            continue;
        }
        let candidates = &by_first[usize::from(bytes[at])];
        let end = (!candidates.is_empty())
            .then(|| {
                candidates
                    .iter()
                    .filter(|shape| bytes[at..].starts_with(shape.prefix.as_bytes()))
                    .filter_map(|shape| {
                        let start = at + shape.prefix.len();
                        let end = run_end(bytes, start, |byte| shape.body.takes(byte));
                        let body = &text[start..end];
                        let is_random = shape.prefix.len() > 4
                            || body.bytes().any(|byte| byte.is_ascii_digit())
                                && body.bytes().any(|byte| byte.is_ascii_alphabetic());
                        (end - start >= shape.least && is_random).then_some(end)
                    })
                    .max()
            })
            .flatten();
        at = match end {
            Some(end) => secrets.keep(at..end),
            None => at + 1,
        };
    }
}

/// Whether a word may begin here: also after a written line end.
fn is_boundary(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return true;
    };
    let is_escape =
        matches!(bytes[before], b'n' | b't' | b'r') && before > 0 && bytes[before - 1] == b'\\';
    !bytes[before].is_ascii_alphanumeric() || is_escape
}

fn bearer_tokens(text: &str, secrets: &mut Secrets<'_>) {
    let bytes = text.as_bytes();
    let is_token = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
    };
    for word in ["earer ", "EARER "] {
        let mut at = 0;
        while let Some(found) = find_at(text, at, word) {
            let start = run_end(bytes, found + word.len(), |byte| byte == b' ');
            at = start;
            if found > 0 && bytes[found - 1].eq_ignore_ascii_case(&b'b') {
                at = run_end(bytes, start, is_token);
                if at - start >= SHORTEST_BEARER_TOKEN {
                    secrets.keep(start..at);
                }
            }
        }
    }
}

/// kubeadm's `abcdef.0123456789abcdef`: six and sixteen of base 36. Names of events look so too, after a name and with
/// sixteen hexadecimal digits.
fn bootstrap_tokens(text: &str, secrets: &mut Secrets<'_>) {
    const ID: usize = 6;
    const SECRET: usize = 16;
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut at = 0;
    while let Some(found) = text[at..].find('.') {
        let dot = at + found;
        at = dot + 1;
        let (Some(start), end) = (dot.checked_sub(ID), dot + 1 + SECRET) else {
            continue;
        };
        let Some(secret) = bytes.get(dot + 1..end) else {
            continue;
        };
        let id = &bytes[start..dot];
        let is_edge = |byte: Option<&u8>| {
            byte.is_none_or(|byte| {
                !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.')
            })
        };
        let is_random = id == b"abcdef"
            || secret.iter().any(|byte| (b'g'..=b'z').contains(byte))
                && secret.iter().any(u8::is_ascii_digit);
        if id.iter().all(is_part)
            && secret.iter().all(is_part)
            && is_random
            && (is_boundary(bytes, start) || start == 0)
            && (start == 0 || is_edge(Some(&bytes[start - 1])) || bytes[start - 1] == b'n')
            && is_edge(bytes.get(end))
        {
            at = secrets.keep(start..end);
        }
    }
}

/// `user:password` or a token between `://` and `@`; a user's name alone stays where a login needs it.
fn url_passwords(text: &str, secrets: &mut Secrets<'_>) {
    for separator in ["://", r":\/\/", r":\\/\\/", "%3A%2F%2F", "%3a%2f%2f"] {
        after_separator(text, separator, secrets);
    }
    // Go's MySQL driver: `user:password@tcp(host)/`.
    for network in ["@tcp(", "@unix(", "@tcp6("] {
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut seen = 0;
        while let Some(end) = find_at(text, at, network) {
            at = end + network.len();
            let mut start = end;
            while start > seen
                && !bytes[start - 1].is_ascii_whitespace()
                && !matches!(bytes[start - 1], b'"' | b'\'' | b'=' | b':')
            {
                start -= 1;
            }
            seen = at;
            if start > 0 && bytes[start - 1] == b':' {
                secrets.keep(start..end);
            }
        }
    }
}

fn after_separator(text: &str, separator: &str, secrets: &mut Secrets<'_>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(begin) = find_at(text, at, separator) {
        let start = begin + separator.len();
        let is_end = |byte: u8| {
            byte.is_ascii_whitespace()
                || matches!(
                    byte,
                    b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b',' | b'|'
                )
        };
        let authority = run_end(bytes, start, |byte| {
            !is_end(byte) && !matches!(byte, b'/' | b'?' | b'#')
        });
        let mut end = authority;
        // A password may hold what ends an authority; a port is a number.
        if !text[start..authority].contains('@')
            && let Some(colon) = text[start..authority].find(':')
            && !text[start + colon + 1..authority]
                .bytes()
                .all(|byte| byte.is_ascii_digit())
            && !text[start..authority].starts_with('[')
        {
            end = run_end(bytes, authority, |byte| !is_end(byte));
        }
        at = end.max(start);
        let mark = if separator.starts_with('%') {
            "%40"
        } else {
            "@"
        };
        let Some(length) = text[start..end].rfind(mark) else {
            continue;
        };
        let user = &text[start..start + length];
        let scheme = text[..begin].rsplit(|character: char| !character.is_ascii_alphanumeric());
        let is_login = !matches!(scheme.into_iter().next(), Some("http" | "https"));
        let is_name = user
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'));
        if !(is_login && is_name) && user != REDACTED {
            secrets.keep(start..start + length);
        }
    }
}
