//! The gate between what was fetched and what is kept, judged or shown: takes secrets out of a text and leaves
//! everything else to the byte.
//!
//! A text that comes from elsewhere is a [`RawText`], which can be neither printed nor written. Only its [`Redacted`] form
//! can, and there is no other way to one.
//!
//! It knows credentials that show by themselves (JWTs, private keys, what issuers give a prefix of its own), what stands
//! beside a telling name (keys, flags, environment variables, headers, parameters of a query), what Kubernetes marks by its
//! type (the data of `Secret` objects in YAML and JSON, also quoted inside JSON), passwords in URLs, long random texts
//! right after a telling word, and all of that in base64, also where colours or characters without width cut it. It decides by shape only; a secret that looks like an ordinary word, somewhere else than in
//! these places, stays. So do digests, ids of objects and containers, addresses, paths and names.

mod clean;
mod encoded;
mod hidden;
mod json;
mod names;
mod nearby;
mod pairs;
mod private_keys;
mod quoted;
mod shapes;
mod text;
mod tokens;
mod yaml;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

pub use text::{RawText, Redacted};

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// How often the rules are applied at most. One secret that is taken out can show another, such as a key that is cut off
/// by the token inside it; two rounds are what outputs need, a round more finds nothing and ends it.
const ROUNDS: usize = 8;

/// The text without its secrets: each is replaced by [`REDACTED`]. The time is linear in the text's length, and doing it
/// again changes nothing. JSON stays JSON.
pub fn redact(text: &str) -> String {
    redact_at(text, 0).unwrap_or_else(|| text.to_owned())
}

/// As [`redact`], of a text that stands so deep in others; none where there is nothing to take out.
fn redact_at(text: &str, depth: usize) -> Option<String> {
    if clean::is_known(text, depth) {
        return None;
    }
    if is_objects_in_lines(text) {
        return each_line(text, depth);
    }
    let Some(mut redacted) = once(text, depth) else {
        clean::remember(text, depth);
        return None;
    };
    for _ in 1..ROUNDS {
        let Some(again) = once(&redacted, depth) else {
            break;
        };
        redacted = again;
    }
    Some(redacted)
}

/// Whether each line is an object of JSON, as in a journal, and nothing is in it that can go on in the next line.
fn is_objects_in_lines(text: &str) -> bool {
    let mut lines = text.lines();
    text.contains("}\n{")
        && lines.all(|line| line.starts_with('{') && line.ends_with('}'))
        && !["eyJ", "PRIVATE", "Private", "Static key"]
            .iter()
            .any(|begun| text.contains(begun))
}

fn each_line(text: &str, depth: usize) -> Option<String> {
    let mut redacted = String::new();
    let (mut start, mut kept) = (0, 0);
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if let Some(with) = redact_at(content, depth) {
            redacted.push_str(&text[kept..start]);
            redacted.push_str(&with);
            kept = start + content.len();
        }
        start += line.len();
    }
    if kept == 0 {
        clean::remember(text, depth);
        return None;
    }
    redacted.push_str(&text[kept..]);
    Some(redacted)
}

/// Where a text stands at or after a place.
fn find_at(text: &str, at: usize, part: &str) -> Option<usize> {
    let rest = &text[at..];
    // That it stands nowhere is told many times faster than where it stands, and is the rule.
    (at > 0 || rest.contains(part))
        .then(|| rest.find(part))
        .flatten()
        .map(|found| at + found)
}

fn once(text: &str, depth: usize) -> Option<String> {
    let inside = quoted::redact(text, depth);
    match (plain(&inside, depth), inside) {
        (Some(redacted), _) => Some(redacted),
        (None, Cow::Owned(redacted)) => (redacted != text).then_some(redacted),
        (None, Cow::Borrowed(_)) => None,
    }
}

/// The rules applied to a text as it stands, so deep in others.
fn plain(text: &str, depth: usize) -> Option<String> {
    let mut secrets = Secrets {
        text,
        found: find_all(text, depth),
    };
    hidden::find(text, depth, &mut secrets);
    secrets.replace()
}

/// What the rules find in a text as it stands.
fn find_all(text: &str, depth: usize) -> Vec<Secret> {
    let mut secrets = Secrets {
        text,
        found: Vec::new(),
    };
    tokens::find(text, &mut secrets);
    private_keys::find(text, &mut secrets);
    pairs::find(text, &mut secrets);
    nearby::find(text, &mut secrets);
    json::find(text, &mut secrets);
    yaml::find(text, &mut secrets);
    encoded::find(text, depth, &mut secrets);
    secrets.found
}

/// Where secrets are: byte ranges, in any order, that may overlap. Each begins and ends at a character's boundary.
struct Secrets<'text> {
    text: &'text str,
    found: Vec<Secret>,
}

struct Secret {
    range: Range<usize>,
    /// The quotation mark that is put around the mark, with its backslashes: what stood there was a number.
    quote: Option<(u8, usize)>,
}

impl Secrets<'_> {
    /// Gives the range's end, where to look on. What was taken out before is no secret.
    fn keep(&mut self, range: Range<usize>) -> usize {
        self.keep_quoted(range, None)
    }

    fn keep_quoted(&mut self, range: Range<usize>, quote: Option<(u8, usize)>) -> usize {
        let end = range.end;
        // In flow form a mark looks like a list of one text.
        let range = mark_around(self.text, range.start)
            .map_or(range.start, |mark| mark.start.min(range.start))
            ..mark_around(self.text, range.end.saturating_sub(1))
                .map_or(range.end, |mark| mark.end.max(range.end));
        let text = &self.text[range.clone()];
        let is_punctuation = |character: char| character.is_ascii_punctuation() || character == ' ';
        let mut pieces = text.split(REDACTED);
        let has_mark = text.len() >= REDACTED.len() && text.contains(REDACTED);
        let is_taken = has_mark && pieces.all(|piece| piece.chars().all(is_punctuation));
        if !text.trim_ascii().is_empty() && !is_taken {
            self.found.push(Secret { range, quote });
        }
        end
    }

    fn replace(mut self) -> Option<String> {
        if self.found.is_empty() {
            return None;
        }
        let text = self.text;
        self.found
            .sort_unstable_by_key(|secret| (secret.range.start, secret.range.end));
        let mut replaced = String::with_capacity(text.len());
        let mut kept = 0;
        let mut found = self.found.into_iter().peekable();
        while let Some(Secret { mut range, quote }) = found.next() {
            // Secrets that touch are one: two marks side by side would be taken for one the next time.
            while let Some(next) = found.next_if(|next| next.range.start <= range.end) {
                range.end = range.end.max(next.range.end);
            }
            replaced.push_str(&text[kept..range.start]);
            let quote = quote.map(|(quote, backslashes)| {
                let mut mark = "\\".repeat(backslashes);
                mark.push(char::from(quote));
                mark
            });
            let quote = quote.unwrap_or_default();
            replaced.push_str(&quote);
            replaced.push_str(REDACTED);
            replaced.push_str(&quote);
            kept = range.end;
        }
        replaced.push_str(&text[kept..]);
        (replaced != text).then_some(replaced)
    }
}

/// Where the mark is that this place is in.
fn mark_around(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let first = (at + 1).saturating_sub(REDACTED.len());
    (first..=at)
        .rev()
        .find(|&start| bytes[start..].starts_with(REDACTED.as_bytes()))
        .map(|start| start..start + REDACTED.len())
}

/// The end of the run of bytes that begins at `start`.
fn run_end(bytes: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[start..]
        .iter()
        .position(|&byte| !belongs(byte))
        .map_or(bytes.len(), |length| start + length)
}
