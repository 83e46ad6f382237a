//! The marks around a value, in texts that are quoted in others.

use crate::json::{self, Quote};
use crate::run_end;

/// What encloses a value.
#[derive(Clone, Copy)]
pub(super) struct Delimiter {
    pub(super) quote: u8,
    pub(super) backslashes: usize,
}

impl Delimiter {
    /// The delimiter that begins here, and where it ends.
    pub(super) fn at(bytes: &[u8], at: usize) -> Option<(Self, usize)> {
        let mark = run_end(bytes, at, |byte| byte == b'\\');
        let &quote = bytes.get(mark)?;
        let backslashes = mark - at;
        matches!(quote, b'"' | b'\'').then_some((Self { quote, backslashes }, mark + 1))
    }

    /// The delimiter that begins a value here, and where the value begins. A mark that ends the text around begins none.
    pub(super) fn opens(bytes: &[u8], at: usize) -> Option<(Self, usize)> {
        Self::at(bytes, at).filter(|&(_, begin)| !ends_a_text(bytes, begin))
    }

    /// The end of the same delimiter, where it stands here.
    pub(super) fn ends_at(self, bytes: &[u8], at: usize) -> Option<usize> {
        let (other, end) = Self::at(bytes, at)?;
        (other.quote == self.quote && other.backslashes == self.backslashes).then_some(end)
    }

    /// Whether the text that ends here is a key, with its value behind a colon.
    pub(super) fn is_of_key(self, bytes: &[u8], stop: usize) -> bool {
        self.ends_at(bytes, stop).is_some_and(|end| {
            let next = run_end(bytes, end, |byte| byte.is_ascii_whitespace());
            bytes.get(next) == Some(&b':')
        })
    }

    /// The end of the text in a string that begins here; at the latest the line's end.
    pub(super) fn text_end(self, bytes: &[u8], start: usize) -> usize {
        let level = (self.backslashes + 1).ilog2();
        let mut run = 0;
        for (at, &byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'\\' => run += 1,
                b'\n' => return at,
                // In single marks nothing is quoted, so that this may be the end of the text around.
                b'"' if self.quote == b'\'' && run == 0 && ends_a_text(bytes, at + 1) => return at,
                _ if byte == self.quote => {
                    if self.quote == b'\'' || json::quote(level, run) != Quote::Inner {
                        return at - run.min(self.backslashes);
                    }
                    run = 0;
                }
                _ => run = 0,
            }
        }
        bytes.len()
    }
}

/// Whether what follows a mark is what follows a text in JSON.
fn ends_a_text(bytes: &[u8], after: usize) -> bool {
    let next = |at: usize| run_end(bytes, at, |byte| byte.is_ascii_whitespace());
    let at = next(after);
    match bytes.get(at) {
        None => true,
        Some(b',') => {
            let item = next(at + 1);
            Delimiter::at(bytes, item).is_some() || matches!(bytes.get(item), Some(b'{' | b'['))
        }
        Some(b':') => {
            let value = bytes.get(at + 1);
            value.is_none_or(|&byte| byte.is_ascii_whitespace() || b"\"\\{[".contains(&byte))
        }
        Some(b'}' | b']') => {
            let outside = bytes.get(at + 1);
            outside.is_none_or(|&byte| byte.is_ascii_whitespace() || b",}]\"'\\".contains(&byte))
        }
        Some(_) => false,
    }
}
