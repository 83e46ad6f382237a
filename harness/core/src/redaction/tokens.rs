//! Secrets that show by themselves: JWTs, bearer tokens, private keys, passwords in URLs.

use super::{Secrets, run_end};

/// What a JWT's first two parts have at least: the shortest header, `{"alg":"HS256"}`, has 20 characters.
const SHORTEST_JWT_PART: usize = 10;

/// Shorter words after `bearer` are prose, such as "bearer authentication".
const SHORTEST_BEARER_TOKEN: usize = 16;

/// A private key's PEM in base64, as kubeconfigs and Secrets hold it, begins so.
const ENCODED_PEM: &str = "LS0tLS1CRUdJTi";

/// How [`ENCODED_PEM`] goes on for certificates and for public keys.
const ENCODED_PUBLIC: [&str; 2] = ["BD", "BQVUJM"];

pub(super) fn find(text: &str, secrets: &mut Secrets) {
    json_web_tokens(text, secrets);
    bearer_tokens(text, secrets);
    private_keys(text, secrets);
    encoded_private_keys(text, secrets);
    url_passwords(text, secrets);
}

/// Anything that begins with `eyJ` (a JSON object in base64) and has at least two parts. What stands before it does not
/// matter, so that no separator hides a token.
fn json_web_tokens(text: &str, secrets: &mut Secrets) {
    let bytes = text.as_bytes();
    let is_base64url =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    let mut at = 0;
    while let Some(start) = text[at..].find("eyJ").map(|found| at + found) {
        let header = run_end(bytes, start, is_base64url);
        at = header;
        if header - start < SHORTEST_JWT_PART || bytes.get(header) != Some(&b'.') {
            continue;
        }
        let payload = run_end(bytes, header + 1, is_base64url);
        if payload - (header + 1) < SHORTEST_JWT_PART {
            continue;
        }
        let mut end = payload;
        while bytes.get(end) == Some(&b'.') {
            let part = run_end(bytes, end + 1, is_base64url);
            if part == end + 1 {
                break;
            }
            end = part;
        }
        at = secrets.keep(start..end);
    }
}

fn bearer_tokens(text: &str, secrets: &mut Secrets) {
    let bytes = text.as_bytes();
    let is_token = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
    };
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|&byte| byte == b' ') {
        let space = at + found;
        at = space + 1;
        let is_bearer = space
            .checked_sub("bearer".len())
            .is_some_and(|start| bytes[start..space].eq_ignore_ascii_case(b"bearer"));
        if is_bearer {
            let start = run_end(bytes, space, |byte| byte == b' ');
            let end = run_end(bytes, start, is_token);
            if end - start >= SHORTEST_BEARER_TOKEN {
                secrets.keep(start..end);
            }
            at = end;
        }
    }
}

/// The body of each PEM private key. A key that was cut off takes all up to the next dashes, as nothing shows its end.
fn private_keys(text: &str, secrets: &mut Secrets) {
    const BEGIN: &str = "-----BEGIN ";
    const DASHES: &str = "-----";
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(label) = text[at..].find(BEGIN).map(|found| at + found + BEGIN.len()) {
        at = label;
        let label_end = run_end(bytes, label, |byte| {
            byte.is_ascii_alphanumeric() || byte == b' '
        });
        if !text[label..label_end].contains("PRIVATE KEY") || !text[label_end..].starts_with(DASHES)
        {
            continue;
        }
        let body = label_end + DASHES.len();
        let next = text[body..].find(DASHES).map(|found| body + found);
        let end = next.unwrap_or(text.len());
        at = secrets.keep(body..end);
    }
}

fn encoded_private_keys(text: &str, secrets: &mut Secrets) {
    let mut at = 0;
    while let Some(start) = text[at..].find(ENCODED_PEM).map(|found| at + found) {
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

/// `user:password` between `://` and `@`.
fn url_passwords(text: &str, secrets: &mut Secrets) {
    const SEPARATOR: &str = "://";
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(start) = text[at..]
        .find(SEPARATOR)
        .map(|found| at + found + SEPARATOR.len())
    {
        let authority = run_end(bytes, start, |byte| {
            !byte.is_ascii_whitespace()
                && !matches!(
                    byte,
                    b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`'
                )
        });
        if let Some(length) = text[start..authority].rfind('@')
            && text[start..start + length].contains(':')
        {
            secrets.keep(start..start + length);
        }
        at = authority.max(start);
    }
}
