//! Broken inputs made of good ones: bytes, lines and tokens changed, moved, repeated and nested.
//!
//! The same number gives the same input everywhere, so that a run is fixed and a finding can be had again.

/// The most bytes of an input.
const LARGEST: usize = 64 * 1024;

/// What formats mean something by: ends, openers, extremes, references, and texts that are nearly right.
const TOKENS: [&str; 48] = [
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "é",
    "\r\n",
    "\n\n",
    "\t",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    ": ",
    "- ",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "-9223372036854775809",
    "255.255.255.255",
    "0.0.0.0/0",
    "10.0.0.0/33",
    "::/0",
    "default",
    "via",
    "&a [*a, *a]",
    "*a",
    "<<: *a",
    "!!binary ",
    "|\n",
    ">-\n",
    "{{",
    "}}",
    "{%",
    "```",
    "<!--",
    "EOF",
    "9999-12-31T23:59:59Z",
    "__REALTIME_TIMESTAMP",
];

/// What is nested so deep that a reader that calls itself would run out of stack.
const OPENERS: [&str; 6] = ["[", "{\"a\":", "- ", "? ", "(", "> "];

/// Numbers from a number, evenly spread (`SplitMix64`).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One below a limit; 0 where the limit is.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let number = self.next().checked_rem(limit).unwrap_or(0);
        usize::try_from(number).unwrap_or(0)
    }

    fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts
            .get(self.below(texts.len()))
            .copied()
            .unwrap_or_default()
    }
}

/// A seed after a few changes.
pub(crate) fn mutated(seeds: &[String], numbers: &mut Numbers) -> String {
    let pick = numbers.below(seeds.len());
    let mut bytes = seeds.get(pick).cloned().unwrap_or_default().into_bytes();
    for _ in 0..=numbers.below(6) {
        change(&mut bytes, seeds, numbers);
        bytes.truncate(LARGEST);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn change(bytes: &mut Vec<u8>, seeds: &[String], numbers: &mut Numbers) {
    let at = numbers.below(bytes.len() + 1);
    let some = range(bytes.len(), numbers);
    match numbers.below(11) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << numbers.below(8);
            }
        }
        1 => drop(bytes.drain(some)),
        2 => {
            let copies = bytes[some].repeat(1 + numbers.below(8));
            bytes.splice(at..at, copies);
        }
        3 | 4 => drop(bytes.splice(at..at, numbers.one_of(&TOKENS).bytes())),
        5 => {
            let other = seeds
                .get(numbers.below(seeds.len()))
                .map(String::as_bytes)
                .unwrap_or_default();
            let piece = other[range(other.len(), numbers)].to_vec();
            bytes.splice(some, piece);
        }
        6 => {
            let token = numbers.one_of(&TOKENS).as_bytes();
            replace_number(bytes, at, token);
        }
        7 => bytes.truncate(at),
        8 => {
            let opener = numbers.one_of(&OPENERS);
            let times = 1 + numbers.below(3000);
            bytes.splice(at..at, opener.repeat(times).into_bytes());
        }
        9 => {
            let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
            let (left, right) = (numbers.below(lines.len()), numbers.below(lines.len()));
            lines.swap(left, right);
            *bytes = lines.join(&b'\n');
        }
        _ => {
            let blanks = numbers.below(4);
            let line = bytes[..at]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1);
            bytes.splice(line..line, std::iter::repeat_n(b' ', blanks));
        }
    }
}

/// A range of at most some hundred bytes inside of a length.
fn range(length: usize, numbers: &mut Numbers) -> std::ops::Range<usize> {
    let start = numbers.below(length + 1);
    let end = start + numbers.below((length - start).min(400) + 1);
    start..end
}

/// Puts a token in place of the next run of digits.
fn replace_number(bytes: &mut Vec<u8>, from: usize, token: &[u8]) {
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let start = from + start;
    let length = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    bytes.splice(start..start + length, token.iter().copied());
}
