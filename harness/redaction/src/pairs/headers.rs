//! Values of headers: `Authorization: Scheme value`, `Cookie: value`.

use super::Name;
use super::after_colon::Place;
use super::delimiter::Delimiter;
use super::values::{is_reference, skip_blanks};
use crate::{REDACTED, Secrets, run_end};

impl Name<'_> {
    /// `Authorization: Scheme value`, `Cookie: value`; the scheme stays.
    pub(super) fn header(&self, has_scheme: bool, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let end = self.word.end;
        let separator = run_end(bytes, end, |byte| {
            matches!(byte, b' ' | b'"' | b'\'' | b'\\')
        });
        let Some(b':' | b'=') = bytes.get(separator) else {
            return end;
        };
        let blanks = skip_blanks(bytes, separator + 1);
        let gap = Delimiter::opens(bytes, blanks).map_or(blanks, |(_, begin)| begin);
        if self.text[gap..]
            .trim_start_matches('[')
            .starts_with(&REDACTED[1..])
        {
            return gap;
        }
        let start = match bytes.get(gap) {
            Some(b'[') => {
                let inside = run_end(bytes, gap, |byte| byte == b'[');
                Delimiter::opens(bytes, inside).map_or(inside, |(_, begin)| begin)
            }
            _ => gap,
        };
        // In Go's maps and in JSON's lists the value ends with its bracket, else with its mark or its line.
        let is_listed = bytes[separator + 1..start].contains(&b'[');
        let mark = Delimiter::opens(bytes, separator + 1)
            .or_else(|| Delimiter::opens(bytes, skip_blanks(bytes, separator + 1)));
        let stop = match mark {
            Some((delimiter, begin)) if begin == start => delimiter.text_end(bytes, start),
            _ => header_end(bytes, start, is_listed),
        };
        let stop = start + self.text[start..stop].trim_ascii_end().len();
        let value = &self.text[start..stop];
        if value.is_empty() || value.starts_with(['{', '$', '<']) {
            return end;
        }
        if has_scheme && let Some(blank) = value.find(' ') {
            let scheme = &value[..blank];
            let rest = start + blank + 1;
            let is_scheme = scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let words = value[blank..].split_ascii_whitespace().count();
            let is_prose = words > 1
                && !matches!(
                    scheme.to_ascii_lowercase().as_str(),
                    "basic" | "bearer" | "digest" | "token" | "negotiate"
                )
                && !value.contains(['=', '"']);
            if is_prose && matches!(self.place(), Place::Middle) {
                return end;
            }
            if is_reference(self.text[rest..stop].trim_ascii()) {
                return end;
            }
            if is_scheme {
                return secrets.keep(rest..stop);
            }
        }
        secrets.keep(start..stop)
    }
}

/// The end of a header's value: its line, the mark that closes the text around it, in a list the bracket. Marks that
/// enclose a parameter (`response="…"`) belong to it.
fn header_end(bytes: &[u8], start: usize, is_listed: bool) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => break,
            b']' if is_listed && !bytes[..=at].ends_with(REDACTED.as_bytes()) => break,
            b'"' | b'\'' | b'\\' => {
                let parameter = (at > start && bytes[at - 1] == b'=')
                    .then(|| Delimiter::opens(bytes, at))
                    .flatten();
                let Some((delimiter, begin)) = parameter else {
                    break;
                };
                let stop = delimiter.text_end(bytes, begin);
                match delimiter.ends_at(bytes, stop) {
                    Some(next) => at = next,
                    None => return stop,
                }
            }
            _ => at += 1,
        }
    }
    at
}
