//! The gate between what was fetched and what is kept, judged or shown: takes secrets out of a text and leaves
//! everything else to the byte.
//!
//! A text that comes from elsewhere is a [`RawText`], which can be neither printed nor written. Only its [`Redacted`] form
//! can, and there is no other way to one.
//!
//! It knows the shapes that a cluster's outputs have: JWTs and bearer tokens, private keys, the credentials of
//! kubeconfigs, the data of `Secret` objects (YAML, JSON, and JSON quoted inside JSON) and passwords in URLs. It decides
//! by shape only; a secret that looks like an ordinary word, somewhere else than in these places, stays.

mod credentials;
mod json;
mod text;
mod tokens;
mod yaml;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use text::{RawText, Redacted};

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// How often the rules are applied at most. One secret that is taken out can show another, such as a key that is cut off
/// by the token inside it; two rounds are what outputs need, a round more finds nothing and ends it.
const ROUNDS: usize = 8;

/// The text without its secrets: each is replaced by [`REDACTED`]. The time is linear in the text's length, and doing it
/// again changes nothing.
pub fn redact(text: &str) -> String {
    let mut redacted = once(text);
    for _ in 1..ROUNDS {
        let again = once(&redacted);
        if again == redacted {
            break;
        }
        redacted = again;
    }
    redacted
}

fn once(text: &str) -> String {
    let mut secrets = Secrets::default();
    tokens::find(text, &mut secrets);
    credentials::find(text, &mut secrets);
    json::find(text, &mut secrets);
    yaml::find(text, &mut secrets);
    secrets.replace(text)
}

/// Where secrets are: byte ranges, in any order, that may overlap. Each begins and ends at a character's boundary.
#[derive(Default)]
struct Secrets {
    ranges: Vec<Range<usize>>,
}

impl Secrets {
    /// Gives the range's end, where to look on.
    fn keep(&mut self, range: Range<usize>) -> usize {
        let end = range.end;
        if !range.is_empty() {
            self.ranges.push(range);
        }
        end
    }

    fn replace(mut self, text: &str) -> String {
        self.ranges.sort_unstable_by_key(|range| range.start);
        let mut replaced = String::with_capacity(text.len());
        let mut kept = 0;
        let mut ranges = self.ranges.into_iter().peekable();
        while let Some(mut secret) = ranges.next() {
            // Secrets that touch are one: two marks side by side would be taken for one the next time.
            while let Some(next) = ranges.next_if(|next| next.start <= secret.end) {
                secret.end = secret.end.max(next.end);
            }
            replaced.push_str(&text[kept..secret.start]);
            replaced.push_str(REDACTED);
            kept = secret.end;
        }
        replaced.push_str(&text[kept..]);
        replaced
    }
}

/// The end of the run of bytes that begins at `start`.
fn run_end(bytes: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[start..]
        .iter()
        .position(|&byte| !belongs(byte))
        .map_or(bytes.len(), |length| start + length)
}
