//! Texts in base64, such as a kubeconfig or a manifest: each is decoded, and goes as a whole where the gate would take
//! something out of what it holds.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::quoted::DEPTH;
use super::{Secrets, redact_at, run_end};

/// The shortest text that is decoded: what is shorter is found by the name beside it.
const SHORTEST: usize = 32;

/// How much shows whether it is a text: random bytes are none for so long.
const HEAD: usize = 16;

const CODE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub(super) fn find(text: &str, depth: usize, secrets: &mut Secrets<'_>) {
    if depth >= DEPTH {
        return;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|&byte| is_code(byte)) {
        let start = at + found;
        at = run_end(bytes, start, is_code);
        if at - start < SHORTEST || !begins_a_text(&bytes[start..start + HEAD]) {
            continue;
        }
        let lines = lines(bytes, start, at);
        let mut code: Vec<u8> = Vec::new();
        for line in &lines {
            code.extend(&bytes[line.clone()]);
            at = line.end;
        }
        // Of a text that was cut, one digit can be left that tells nothing.
        if code.len() % 4 == 1 {
            code.pop();
        }
        let holds_a_secret = CODE.decode(&code).is_ok_and(|decoded| {
            redact_at(&String::from_utf8_lossy(&decoded), depth + 1).is_some()
        });
        if holds_a_secret {
            secrets.keep(start..at);
        }
    }
}

fn is_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn begins_a_text(code: &[u8]) -> bool {
    CODE.decode(code).is_ok_and(|decoded| {
        decoded
            .iter()
            .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
    })
}

/// The lines of one text, the first of which is given: a line that is followed by another is whole.
fn lines(bytes: &[u8], start: usize, end: usize) -> Vec<Range<usize>> {
    let (mut start, mut end) = (start, end);
    let mut lines = Vec::new();
    lines.push(start..end);
    while end - start >= SHORTEST && (end - start).is_multiple_of(4) {
        let line_end = run_end(bytes, end, |byte| byte == b'\r');
        if bytes.get(line_end) != Some(&b'\n') {
            break;
        }
        start = run_end(bytes, line_end + 1, |byte| matches!(byte, b' ' | b'\t'));
        end = run_end(bytes, start, is_code);
        // A key or a word of prose is no such line.
        let is_last = run_end(bytes, end, |byte| matches!(byte, b'=' | b'\r'));
        if start == end || bytes.get(is_last).is_some_and(|&byte| byte != b'\n') {
            break;
        }
        lines.push(start..end);
    }
    lines
}
