//! Values on lines of their own: block scalars, and texts that go on.

use crate::{Secrets, run_end};

/// A block scalar, or text on lines of its own: lines that are further in than their key.
pub(super) fn following_lines(
    text: &str,
    value: usize,
    column: usize,
    secrets: &mut Secrets<'_>,
) -> usize {
    let bytes = text.as_bytes();
    let is_block = matches!(bytes[value], b'|' | b'>');
    let newline = run_end(bytes, value, |byte| byte != b'\n');
    lines(text, newline, column, is_block, secrets)
}

/// A plain text that goes on in the lines after its key's.
pub(super) fn following_text(
    text: &str,
    newline: usize,
    column: usize,
    secrets: &mut Secrets<'_>,
) -> usize {
    lines(text, newline, column, false, secrets)
}

pub(super) fn lines(
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
            if start - at <= column {
                break;
            }
            // `password:` and `value: x` further in
            let key = if is_block {
                0
            } else {
                line.len() - line.trim_start_matches("value: ").len()
            };
            let text = &line[key..];
            let is_mapping = text.contains(": ") || text.ends_with(':') || text.starts_with("- ");
            if is_mapping && !is_block {
                break;
            }
            if !(key > 0 && text.starts_with(['{', '[', '|', '>', '"', '\''])) {
                secrets.keep(start + key..start + line.len());
            }
        }
        at = end + 1;
    }
    at.min(bytes.len())
}
