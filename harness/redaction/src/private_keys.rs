//! Private keys: PEM and its relatives, whole or cut at either end, also in base64.

use super::{Secrets, find_at, run_end};

/// A private key's PEM in base64, as kubeconfigs and Secrets hold it, begins so.
const ENCODED_PEM: &str = "LS0tLS1CRUdJTi";

/// How [`ENCODED_PEM`] goes on for certificates and for public keys.
const ENCODED_PUBLIC: [&str; 2] = ["BD", "BQVUJM"];

/// Words in the label of what is private: RFC 7468, OpenSSH, PGP, SSH2 (RFC 4716), OpenVPN.
const PRIVATE: [&str; 2] = ["PRIVATE KEY", "Static key"];

/// A line of a PEM has 64 characters; PGP's and PuTTY's have as many.
const LINE: usize = 40;

/// The last line may be shorter; what is shorter still tells nothing of the key.
const LAST_LINE: usize = 12;

pub(super) fn find(text: &str, secrets: &mut Secrets<'_>) {
    begun(text, secrets);
    ended(text, secrets);
    encoded(text, secrets);
    putty(text, secrets);
}

fn is_private(label: &str) -> bool {
    PRIVATE.iter().any(|word| label.contains(word))
}

/// The body of each PEM private key. A key that was cut off takes all up to the next dashes, as nothing shows its end.
fn begun(text: &str, secrets: &mut Secrets<'_>) {
    const BEGIN: &str = "BEGIN ";
    const DASHES: &str = "----";
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(word) = find_at(text, at, BEGIN) {
        at = word + BEGIN.len();
        let label_end = run_end(bytes, at, |byte| {
            byte.is_ascii_alphanumeric() || byte == b' '
        });
        let label = &text[at..label_end];
        let before = text[..word].trim_end_matches(' ');
        if !is_private(label) || !before.ends_with(DASHES) || !text[label_end..].starts_with(DASHES)
        {
            continue;
        }
        let body = run_end(bytes, label_end, |byte| byte == b'-');
        let next = text[body..].find(DASHES).map(|found| body + found);
        let end = next.unwrap_or(text.len());
        let has_end = text[end..]
            .trim_start_matches(['-', ' '])
            .starts_with("END ");
        let mark = text[body..end]
            .find('"')
            .filter(|mark| !has_end || text[body + mark..end].contains("\":"));
        at = match mark {
            None => secrets.keep(body..end),
            // The quoted text ends before the key does, or is all that is left of it; lines of it may follow in others.
            Some(mark) => {
                let inside = text[body..body + mark].trim_end_matches('\\');
                secrets.keep(body..body + inside.len());
                base64_lines(text, body + mark, end, secrets)
            }
        };
    }
}

/// Takes out long runs of base64, and shorter ones that are no words.
fn base64_lines(text: &str, start: usize, end: usize, secrets: &mut Secrets<'_>) -> usize {
    let bytes = &text.as_bytes()[..end];
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let mut at = start;
    while at < end {
        let run = run_end(bytes, at, is_base64);
        let has = |is: fn(&u8) -> bool| bytes[at..run].iter().any(is);
        let is_mixed =
            has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
        if run - at >= LINE || run - at >= LAST_LINE && is_mixed {
            secrets.keep(at..run);
        }
        at = run_end(bytes, run, |byte| !is_base64(byte));
    }
    end
}

/// What stands before an end whose beginning was cut off: base64 in lines, each of which may have a prefix of a log.
fn ended(text: &str, secrets: &mut Secrets<'_>) {
    const END: &str = "END ";
    const DASHES: &str = "----";
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut seen = 0;
    while let Some(word) = find_at(text, at, END) {
        at = word + END.len();
        let label_end = run_end(bytes, at, |byte| {
            byte.is_ascii_alphanumeric() || byte == b' '
        });
        let before = text[..word].trim_end_matches(' ');
        if !is_private(&text[at..label_end]) || !before.ends_with(DASHES) {
            continue;
        }
        let body_end = before.trim_end_matches('-').len();
        let mut begin = body_end;
        let mut is_first = true;
        let line = back(bytes, body_end, seen, |byte| byte != b'\n');
        if matches!(bytes[..body_end].last(), Some(b' ' | b':' | b'|' | b'\t')) {
            // A log's prefix stands before the dashes too.
            begin = line;
        }
        loop {
            let (line_end, is_escaped) = before_line_end(bytes, begin, seen);
            let run = back(bytes, line_end, seen, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
            });
            let is_escape = run > seen && run < line_end && bytes[run - 1] == b'\\';
            let escape = match bytes[run] {
                b'u' if is_escape => 5,
                b'n' | b'r' | b't' | b'b' | b'f' if is_escape => 1,
                _ => 0,
            };
            let run = (run + escape).min(line_end);
            // A word is as short as a last line can be, so only the last one may be short.
            let length = line_end - run;
            if length == 0 || !(is_first || is_escaped || length >= LINE) {
                break;
            }
            if text[run..line_end].ends_with("redacted") || bytes.get(line_end) == Some(&b']') {
                break;
            }
            secrets.keep(run..line_end);
            is_first = false;
            let prefix = back(bytes, run, seen, |byte| byte != b'\n');
            let has_prefix = !is_escape && run > prefix;
            begin = if has_prefix { prefix } else { run };
        }
        seen = at;
    }
}

/// Where the line before ends, and whether its end is written by an escape.
fn before_line_end(bytes: &[u8], from: usize, least: usize) -> (usize, bool) {
    let (mut at, mut is_escaped) = (from, false);
    while at > least {
        let byte = bytes[at - 1];
        if byte.is_ascii_whitespace() {
            at -= 1;
        } else if at > least + 1 && matches!(byte, b'n' | b'r' | b't') && bytes[at - 2] == b'\\' {
            is_escaped = true;
            at = back(bytes, at - 1, least, |byte| byte == b'\\');
        } else {
            break;
        }
    }
    (at, is_escaped)
}

fn back(bytes: &[u8], from: usize, least: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let mut at = from;
    while at > least && belongs(bytes[at - 1]) {
        at -= 1;
    }
    at
}

fn encoded(text: &str, secrets: &mut Secrets<'_>) {
    let mut at = 0;
    while let Some(start) = find_at(text, at, ENCODED_PEM) {
        let end = run_end(text.as_bytes(), start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
        });
        let label = &text[start + ENCODED_PEM.len()..end];
        if !ENCODED_PUBLIC
            .iter()
            .any(|public| label.starts_with(public))
        {
            secrets.keep(start..end);
        }
        at = end;
    }
}

/// PuTTY's own form: `Private-Lines: 14` and as many lines of base64.
fn putty(text: &str, secrets: &mut Secrets<'_>) {
    const HEAD: &str = "Private-Lines: ";
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = find_at(text, at, HEAD) {
        at = found + HEAD.len();
        let start = run_end(bytes, at, |byte| byte.is_ascii_digit());
        let end = run_end(bytes, start, |byte| {
            byte.is_ascii_alphanumeric()
                || byte.is_ascii_whitespace()
                || matches!(byte, b'+' | b'/' | b'=' | b'\\')
        });
        at = secrets.keep(start..end);
    }
}
