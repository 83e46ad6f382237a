//! Settings of routers, firewalls and VPNs, and cells of tables: values that stand behind a name without `=` or a colon.

use super::delimiter::Delimiter;
use super::values::{looks_mixed, skip_blanks};
use super::{Name, Telling};
use crate::run_end;

impl Name<'_> {
    /// Where the value begins of `snmp-server community VALUE` and, in `ipsec.secrets`, of `: EAP "VALUE"`.
    pub(super) fn of_a_device(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let next = skip_blanks(bytes, self.word.end);
        match &self.text[self.word.clone()] {
            "snmp-server" => {
                let rest = self.text[next..].strip_prefix("community ")?;
                let value = skip_blanks(bytes, self.text.len() - rest.len());
                let is_prose = ["is ", "string ", "strings "]
                    .iter()
                    .any(|word| self.text[value..].starts_with(word));
                (!is_prose).then_some(value)
            }
            "EAP" | "XAUTH" | "NTLM" => {
                let is_entry = self.text[..self.word.start].ends_with(": ");
                (is_entry && Delimiter::opens(bytes, next).is_some()).then_some(next)
            }
            _ => None,
        }
    }

    /// Where the value begins of `set passwd ENC VALUE`, `enable secret 5 VALUE`, `set password VALUE`, and where the
    /// value looks like no word, of `| password | VALUE |`, `password -> VALUE`, `password==VALUE`.
    pub(super) fn setting(&self, telling: Telling) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let end = self.word.end;
        let next = skip_blanks(bytes, end);
        let rest = self.text.get(next..)?;
        let is_mixed = |value: usize| {
            let begin = Delimiter::opens(bytes, value).map_or(value, |(_, begin)| begin);
            looks_mixed(&self.text[begin..self.word_end(begin)])
        };
        let between = &self.text[self.after..self.word.start];
        let value = if rest.starts_with("==") {
            run_end(bytes, next, |byte| matches!(byte, b'=' | b' '))
        } else if rest.starts_with("-> ") {
            skip_blanks(bytes, next + 2)
        } else if rest.starts_with('|') && between.trim_end_matches(' ').ends_with('|') {
            skip_blanks(bytes, next + 1)
        } else if next == end || self.is_flag() {
            return None;
        } else if rest.starts_with("ENC ") {
            return Some(skip_blanks(bytes, next + 3));
        } else if matches!(bytes[next..], [b'0'..=b'9', b' ', ..]) {
            let value = skip_blanks(bytes, next + 1);
            return (bytes.get(value) == Some(&b'$') || is_mixed(value)).then_some(value);
        } else {
            return (self.is_command(between) && self.is_last_and_no_word(next)).then_some(next);
        };
        (telling == Telling::Strong && is_mixed(value)).then_some(value)
    }

    /// Whether `set` or `enable` stands before the name, and first in its line.
    fn is_command(&self, between: &str) -> bool {
        let before = &self.text[..self.after];
        let command = before
            .strip_suffix("set")
            .or_else(|| before.strip_suffix("enable"));
        let is_first = |before: &str| {
            let before = before.trim_end_matches([' ', '\t']);
            before.is_empty() || before.ends_with(['\n', '"', '\''])
        };
        between.trim_matches(' ').is_empty() && command.is_some_and(is_first)
    }

    /// Whether what begins here is the last of its line, and in marks or no word of prose such as `failed`.
    fn is_last_and_no_word(&self, value: usize) -> bool {
        let bytes = self.text.as_bytes();
        if Delimiter::opens(bytes, value).is_some() {
            return true;
        }
        let stop = self.word_end(value);
        let word = self.text[value..stop].trim_end_matches(['.', ':', ',', '!']);
        bytes
            .get(skip_blanks(bytes, stop))
            .is_none_or(|byte| b"\r\n\"'\\".contains(byte))
            && word.bytes().any(|byte| !byte.is_ascii_lowercase())
    }
}
