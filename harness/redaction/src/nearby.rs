//! Long random texts right after a telling word: `token is 8f…`, `secret "Zk…"`. What a name gives with a separator is
//! found elsewhere; here the two are only neighbours, so the text must look random.

use super::{REDACTED, Secrets, run_end};

/// The shortest text that can be told from a word.
const SHORTEST: usize = 16;

/// How many small words may stand between.
const BETWEEN: usize = 3;

const WORDS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "key",
    "apikey",
    "credential",
    "credentials",
    "bearer",
    "basic",
    "passcode",
    "jwt",
    "cookie",
];

const SMALL: [&str; 14] = [
    "is", "was", "to", "of", "the", "value", "with", "set", "as", "now", "be", "new", "header",
    "from",
];

pub(super) fn find(text: &str, secrets: &mut Secrets<'_>) {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(u8::is_ascii_alphanumeric) {
        let start = at + found;
        let end = run_end(bytes, start, is_word);
        at = end;
        let last = text[start..end]
            .rsplit(['_', '-'])
            .next()
            .unwrap_or_default();
        let tells = (3..=11).contains(&last.len())
            && WORDS.iter().any(|word| last.eq_ignore_ascii_case(word));
        if !tells {
            continue;
        }
        let mut next = end;
        for _ in 0..=BETWEEN {
            let begin = run_end(bytes, next, |byte| {
                matches!(
                    byte,
                    b' ' | b'\t' | b':' | b'=' | b'"' | b'\'' | b'`' | b'(' | b'[' | b'\\'
                )
            });
            // A backslash before a letter is a written line end, or the like.
            if begin == next || begin - next > 8 || bytes[begin - 1] == b'\\' {
                break;
            }
            let stop = run_end(bytes, begin, |byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'~')
            });
            let stop = begin + text[begin..stop].trim_end_matches('.').len();
            let word = &text[begin..stop];
            if SMALL.iter().any(|small| word.eq_ignore_ascii_case(small)) {
                next = stop;
                continue;
            }
            let is_digest = text[..begin].ends_with("sha256:") || bytes.get(stop) == Some(&b':');
            if !is_digest && looks_random(word) {
                at = secrets.keep(begin..stop);
            }
            break;
        }
    }
}

/// Whether a text is long and made of mixed characters as a generator does, and no name, path, version or address.
pub(super) fn looks_random(text: &str) -> bool {
    let trimmed = text.trim_end_matches(['.', ',']);
    let bytes = trimmed.as_bytes();
    if bytes.len() < SHORTEST || text.contains(REDACTED) || is_name_of_an_object(trimmed) {
        return false;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let lower = bytes
        .iter()
        .filter(|byte| byte.is_ascii_lowercase())
        .count();
    let upper = bytes
        .iter()
        .filter(|byte| byte.is_ascii_uppercase())
        .count();
    if digits == 0 || lower + upper == 0 || is_dated(trimmed) {
        return false;
    }
    // Of a file's path the letters are words.
    if trimmed.starts_with('/') || trimmed.starts_with("./") {
        return false;
    }
    let is_mixed = (lower > 0 && upper > 0) || digits * 8 >= bytes.len();
    is_mixed && entropy(bytes) >= 2.8
}

/// Lower-case words with separators: what objects, files and volumes are called; a UUID is none.
pub(super) fn is_name_of_an_object(text: &str) -> bool {
    let is_lower = text.bytes().all(|byte| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'-' | b'.' | b'/' | b'_')
    });
    is_lower && text.contains('/')
        || (is_lower && text.contains(['-', '.', '_']) && !is_uuid(text) && {
            // A part of a name is short, or a word.
            text.split(['-', '.', '_'])
                .all(|part| part.len() <= 10 || part.bytes().all(|byte| byte.is_ascii_lowercase()))
        })
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
}

/// Whether it begins like a date: `2025-11-30T…`.
fn is_dated(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[7] == b'-'
}

/// Shannon's, in bits a byte.
#[expect(clippy::cast_precision_loss, reason = "counts of a word's bytes")]
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let all = bytes.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / all;
            -share * share.log2()
        })
        .sum()
}
