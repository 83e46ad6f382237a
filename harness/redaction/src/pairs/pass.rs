//! `pass` as a login's word: `pass=PW`, `pass: PW`, `"pass":"PW"`. It is a verdict's word too, so that less is taken for a
//! value than beside other names: no number, no sentence, nothing after `PASS:`.

use super::after_colon::Place;
use super::delimiter::Delimiter;
use super::values::skip_blanks;
use super::{Name, Telling};
use crate::{Secrets, run_end};

impl Name<'_> {
    pub(super) fn pass(&self, secrets: &mut Secrets<'_>) -> usize {
        let bytes = self.text.as_bytes();
        let end = self.word.end;
        let name = &self.text[self.word.clone()];
        let separator = skip_blanks(bytes, end);
        let is_first = !matches!(self.place(), Place::Middle);
        let after = bytes.get(separator + 1).copied();
        let value = match bytes.get(separator) {
            Some(b'=') if matches!(after, Some(b'=' | b'~' | b'>')) => return end,
            Some(b'=') if separator == end => separator + 1,
            Some(b'=') if is_first => skip_blanks(bytes, separator + 1),
            Some(b':') if name != "PASS" => {
                let value = skip_blanks(bytes, separator + 1);
                let is_key = is_first && name == "pass";
                let is_sentence = value > separator + 1 && !(is_key && self.is_one_word(value));
                if is_sentence {
                    return end;
                }
                value
            }
            Some(b'"' | b'\'' | b'\\') if separator == end => match self.quoted_text() {
                Some(value) => value,
                None => return end,
            },
            _ => return end,
        };
        let (start, stop) = match Delimiter::opens(bytes, value) {
            Some((delimiter, begin)) => (begin, delimiter.text_end(bytes, begin)),
            None => (value, self.word_end(value)),
        };
        let is_count = self.text[start..stop]
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"./%,".contains(&byte));
        if is_count {
            return end;
        }
        self.keep(start..stop, Telling::Strong, secrets)
    }

    /// Where the text begins, with its mark, whose key in marks is this name.
    fn quoted_text(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let (delimiter, after) = Delimiter::at(bytes, self.word.end)?;
        let blanks = |at: usize| run_end(bytes, at, |byte| byte.is_ascii_whitespace());
        let colon = blanks(after);
        let value = blanks(colon + usize::from(bytes.get(colon) == Some(&b':')));
        let is_pair = self.before() == delimiter.quote && bytes.get(colon) == Some(&b':');
        (is_pair && delimiter.ends_at(bytes, value).is_some()).then_some(value)
    }

    /// Whether the value that begins here is in marks or the last word before a line's or a list's next part.
    fn is_one_word(&self, value: usize) -> bool {
        let bytes = self.text.as_bytes();
        let next = skip_blanks(bytes, self.word_end(value));
        Delimiter::opens(bytes, value).is_some()
            || bytes
                .get(next)
                .is_none_or(|byte| b"\r\n\"'\\#,}".contains(byte))
    }
}
