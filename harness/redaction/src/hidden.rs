//! Text as a reader sees it: without the sequences that colour it and without characters that have no width. A name that
//! they cut tells there, and a value ends where it is seen to end.

use super::{REDACTED, Secret, Secrets, find_all};

const ESCAPE: char = '\u{1b}';

/// Characters that show nothing: soft hyphen, zero-width space and joiners, marks of direction, word joiner, byte order
/// mark.
const INVISIBLE: [char; 8] = [
    '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}',
];

pub(super) fn find(text: &str, depth: usize, secrets: &mut Secrets<'_>) {
    let is_plain = text.is_ascii() && !text.contains(ESCAPE);
    if is_plain || !text.contains(|next| next == ESCAPE || INVISIBLE.contains(&next)) {
        return;
    }
    let (seen, places) = seen(text);
    for Secret { range, quote } in find_all(&seen, depth) {
        if let (Some(&start), Some(&last)) = (places.get(range.start), places.get(range.end - 1)) {
            secrets.keep_quoted(start..last + 1, quote);
        }
    }
}

/// What is seen of a text, and for each of its bytes where it stands in the text.
fn seen(text: &str) -> (String, Vec<usize>) {
    let mut seen = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let end = at + next.len_utf8();
        let hidden = if next == ESCAPE {
            end + sequence(&text[end..])
        } else {
            end
        };
        if next != ESCAPE && !INVISIBLE.contains(&next) {
            seen.push(next);
            places.extend(at..end);
        }
        at = hidden;
    }
    (seen, places)
}

/// How long the rest of a sequence is after its escape (ECMA-48): `[31m`, `]8;;address` up to its end, a character.
fn sequence(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    match bytes.first() {
        Some(b'[') if !rest.starts_with(REDACTED) => {
            let last = bytes[1..]
                .iter()
                .position(|byte| !(0x20..0x40).contains(byte));
            match last {
                Some(length) if (0x40..0x7f).contains(&bytes[1 + length]) => length + 2,
                Some(length) => length + 1,
                None => bytes.len(),
            }
        }
        Some(b']') => {
            let end = rest.find(['\u{7}', ESCAPE, '\n']).unwrap_or(1);
            end + usize::from(bytes.get(end) == Some(&7))
        }
        Some(0x40..=0x5f) if !rest.starts_with(REDACTED) => 1,
        _ => 0,
    }
}
