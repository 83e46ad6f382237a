//! Makes text safe for the medium that shows it: what a cluster, a document or a file says is text, and never control.
//!
//! Every medium shares two rules. A character that steers or hides (escapes, NUL, C1, bidirectional and zero-width
//! controls) is shown and does nothing; and no line is a command of a workflow's runner, which takes `::` at a line's first
//! word, and `##[`, or the likes of `##vso[`, anywhere in a line. Nothing here cuts or wraps.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::ops::Deref;

/// A text that is safe in the medium it was made for. What prints and writes takes only this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safe(String);

impl Safe {
    /// For a terminal or a log. With `colour`, the escapes of our own that set a colour stay.
    pub fn terminal(text: &str, colour: bool) -> Self {
        let shown = if colour {
            shown_with_colour(text)
        } else {
            shown(text).into_owned()
        };
        Self(without_commands(&shown, "\\::", &in_text))
    }

    /// For Markdown.
    pub fn markdown(text: &str) -> Self {
        Self(without_commands(&shown(text), "\\::", &in_text))
    }

    /// For a page whose text was escaped already.
    pub fn html(text: &str) -> Self {
        Self(without_commands(&shown(text), "&#58;:", &in_markup))
    }

    /// For XML whose text was escaped already.
    pub fn xml(text: &str) -> Self {
        let shown = shown(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
        Self(without_commands(&shown, "&#58;:", &in_markup))
    }

    /// For JSON: what is in its strings is escaped, so that who reads it gets the same texts.
    pub fn json(text: &str) -> Self {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            let is_space = matches!(character, '\n' | '\t' | '\r');
            if !is_space && (steers(character) || character == JOINER) {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    // Writing to a text cannot fail.
                    write!(escaped, "\\u{unit:04x}").unwrap_or_default();
                }
            } else {
                escaped.push(character);
            }
        }
        Self(without_brackets(&escaped, &|name| {
            format!("#\\u0023{name}[")
        }))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as an owned one.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Safe {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for Safe {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl PartialEq<&str> for Safe {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A command of GitHub's workflows, such as an annotation: one line, whatever its texts hold.
#[derive(Clone, Debug)]
pub struct WorkflowCommand {
    line: String,
}

impl WorkflowCommand {
    /// `::name property=value,…::message`. A message that is empty is shown nowhere, so that the last property stands in.
    pub fn new(name: &str, properties: &[(&str, &str)], message: &str) -> Self {
        let list: Vec<String> = properties
            .iter()
            .map(|(key, value)| format!("{key}={}", escaped_property(value)))
            .collect();
        let message = match (message.trim(), properties.last()) {
            ("", Some((_, value))) => value,
            (message, _) => message,
        };
        Self {
            line: format!("::{name} {}::{}", list.join(","), escaped(message)),
        }
    }
}

impl fmt::Display for WorkflowCommand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.line)
    }
}

/// Commands, a line each, as a text for the log of the workflow that is to take them.
impl FromIterator<WorkflowCommand> for Safe {
    fn from_iter<Commands: IntoIterator<Item = WorkflowCommand>>(commands: Commands) -> Self {
        let lines = commands.into_iter().map(|command| command.line + "\n");
        Self(lines.collect())
    }
}

/// A message: what would end the command's line is escaped, as the runner reads it.
fn escaped(text: &str) -> String {
    let escaped = shown_but(text, |character| character == '\r')
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    without_brackets(&escaped, &in_text)
}

/// A property: what would end it is escaped as well.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

/// The text with each character that steers or hides as a picture or as its number; line feeds and tabs stay.
pub fn shown(text: &str) -> Cow<'_, str> {
    shown_but(text, |_| false)
}

/// As [`shown`], on one line.
pub fn one_line(text: &str) -> String {
    shown(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown_but(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_shown = |character: char| {
        steers(character) && !matches!(character, '\n' | '\t') && !stays(character)
    };
    if !text.contains(|character: char| character == JOINER || is_shown(character)) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut joins = false;
    for character in text.chars() {
        if is_shown(character) || character == JOINER && !joins {
            picture(character, &mut shown);
        } else {
            shown.push(character);
        }
        joins = !character.is_ascii() && character != JOINER && !steers(character);
    }
    shown.into()
}

/// The zero-width joiner. Behind a character that is no ASCII it makes emoji and letters of some scripts, so it stays there.
const JOINER: char = '\u{200d}';

/// Whether a character steers a terminal or a layout, or hides.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Soft hyphen, grapheme joiner, Arabic letter mark, zero-width space and marks of direction.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
            // Letters that are blank, and vowels and selectors that are none.
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{3164}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0d}'
            // Separators of lines and paragraphs, embeddings, overrides and isolates.
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // Byte order mark, annotations, shorthand and musical controls, tags and more selectors.
            | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn picture(character: char, shown: &mut String) {
    match u32::from(character) {
        // U+2400 and what follows are pictures of the control characters, in their order.
        code @ 0..0x20 => {
            shown.push(char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        0x7f => shown.push('\u{2421}'),
        // Writing to a text cannot fail.
        code => write!(shown, "<U+{code:04X}>").unwrap_or_default(),
    }
}

/// As [`shown`], but `ESC [ digits ; … m` stays.
fn shown_with_colour(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for (index, piece) in text.split("\u{1b}[").enumerate() {
        let rest = if index == 0 {
            piece
        } else {
            let digits = piece
                .bytes()
                .take_while(|byte| byte.is_ascii_digit() || *byte == b';')
                .count();
            if digits < 16 && piece.as_bytes().get(digits) == Some(&b'm') {
                all.push_str("\u{1b}[");
                all.push_str(&piece[..=digits]);
                &piece[digits + 1..]
            } else {
                all.push_str("\u{241b}[");
                piece
            }
        };
        all.push_str(&shown(rest));
    }
    all
}

/// `##[` and `##name[` in a text.
fn in_text(name: &str) -> String {
    format!("##{name}\\[")
}

/// As [`in_text`], in HTML and XML.
fn in_markup(name: &str) -> String {
    format!("#&#35;{name}[")
}

/// The text with each `##[` and `##name[`, as runners of other makers take commands, in another form.
fn without_brackets(text: &str, form: &dyn Fn(&str) -> String) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut kept = 0;
    for (at, bracket) in text.match_indices('[') {
        let before = &text[kept..at];
        let hashes = before.trim_end_matches(|character: char| character.is_ascii_alphabetic());
        if let Some(free) = hashes.strip_suffix("##") {
            safe.push_str(free);
            safe.push_str(&form(&before[hashes.len()..]));
            kept = at + bracket.len();
        }
    }
    safe.push_str(&text[kept..]);
    safe
}

/// The text with no line that a workflow's runner takes for a command: it trims a line before it looks for `::`, and looks
/// for `##[` anywhere.
fn without_commands(text: &str, colons: &str, brackets: &dyn Fn(&str) -> String) -> String {
    let text = without_brackets(text, brackets);
    if !text.contains("::") {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive('\n') {
        // Escapes of a colour are taken out before a line is looked at.
        let content = line.trim_start_matches(|character: char| character.is_whitespace());
        let blanks = line.len() - content.len();
        let colour = colour_length(content);
        let rest = content[colour..].trim_start();
        if rest.starts_with("::") {
            let start = blanks + colour + (content[colour..].len() - rest.len());
            safe.push_str(&line[..start]);
            safe.push_str(colons);
            safe.push_str(&line[start + 2..]);
        } else {
            safe.push_str(line);
        }
    }
    safe
}

/// How many bytes of escapes of a colour a line begins with.
fn colour_length(line: &str) -> usize {
    let mut length = 0;
    while let Some(rest) = line[length..].strip_prefix("\u{1b}[") {
        let Some(end) = rest.find('m') else { break };
        length += 2 + end + 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether a runner would take a line for a command, by its own rules.
    fn is_command(line: &str) -> bool {
        let vso = line.contains("##vso[");
        line.trim().starts_with("::") || line.contains("##[") || vso
    }

    #[test]
    fn what_steers_is_shown_and_does_nothing() {
        let text = "a\u{1b}]0;t\u{7}\0b\r\u{9b}c\u{202e}d\u{200b}e\u{feff}\n\tf";
        let expected = "a␛]0;t␇␀b␍<U+009B>c<U+202E>d<U+200B>e<U+FEFF>\n\tf";
        assert_eq!(shown(text), expected);
        assert_eq!(Safe::terminal(text, true).as_str(), expected);
        assert_eq!(
            Safe::terminal("\u{1b}[1mx\u{1b}[0m\u{1b}[2J", true).as_str(),
            "\u{1b}[1mx\u{1b}[0m␛[2J"
        );
        assert_eq!(Safe::terminal("\u{1b}[1mx", false).as_str(), "␛[1mx");
    }

    #[test]
    fn what_joins_letters_stays_and_what_hides_does_not() {
        let family = "\u{1f468}\u{200d}\u{1f469}";
        assert_eq!(shown(family), family);
        assert_eq!(
            shown("\u{200d}a\u{200d}b\u{2066}\u{200d}c\u{2069}\u{3164}d\u{e0101}"),
            "<U+200D>a<U+200D>b<U+2066><U+200D>c<U+2069><U+3164>d<U+E0101>"
        );
    }

    #[test]
    fn no_line_is_a_command() {
        for (text, expected) in [
            ("::error::x", "\\::error::x"),
            ("a\n  ::add-mask::e\nb", "a\n  \\::add-mask::e\nb"),
            ("x ##[error]y", "x ##\\[error]y"),
            (
                "###[a ##vso[b ##teamcity[c",
                "###\\[a ##vso\\[b ##teamcity\\[c",
            ),
            ("\u{1b}[1m ::stop-commands::x", "␛[1m ::stop-commands::x"),
            ("a::b fe80::1", "a::b fe80::1"),
        ] {
            assert_eq!(Safe::terminal(text, false).as_str(), expected);
        }
        assert_eq!(
            Safe::terminal("\u{1b}[1m::x", true).as_str(),
            "\u{1b}[1m\\::x"
        );
        assert_eq!(
            Safe::html("<td>\n::x ##[y").as_str(),
            "<td>\n&#58;:x #&#35;[y"
        );
    }

    #[test]
    fn a_command_of_ours_is_one_line() {
        let command = WorkflowCommand::new(
            "error",
            &[("title", "a:b,c")],
            "100%\r\n::error::x\u{1b}##[y",
        );
        let safe: Safe = [command].into_iter().collect();
        assert_eq!(
            safe.as_str(),
            "::error title=a%3Ab%2Cc::100%25%0D%0A::error::x␛##\\[y\n"
        );
    }

    #[test]
    fn json_is_read_back_as_it_was() -> Result<(), serde_json::Error> {
        let value = serde_json::json!({ "text": "\u{202e}##[x]\u{9b}\u{e0041}\0" });
        let text = Safe::json(&format!("{value:#}"));
        assert!(!text.as_str().contains(['\u{202e}', '\u{9b}', '\u{e0041}']));
        assert!(!text.as_str().contains("##["));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(text.as_str())?,
            value
        );
        Ok(())
    }

    proptest! {
        #[test]
        fn nothing_steers_in_any_medium(pieces in prop::collection::vec(prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec!["::", "##[", "##", "vso", "\n", " ", "\u{1b}[1m", "\u{1b}", "\r", "\u{202e}", "#", "["]).prop_map(str::to_owned),
        ], 0..20)) {
            let text = pieces.concat();
            for safe in [Safe::terminal(&text, false), Safe::markdown(&text), Safe::html(&text), Safe::xml(&text)] {
                for line in safe.as_str().lines() {
                    prop_assert!(!is_command(line), "{line:?}");
                    prop_assert!(!line.contains(|character: char| character != '\t' && steers(character)), "{line:?}");
                }
            }
            let command: Safe = [WorkflowCommand::new("error", &[("title", &text)], &text)].into_iter().collect();
            prop_assert_eq!(command.as_str().lines().count(), 1);
            prop_assert!(!command.as_str().contains("##["));
        }
    }
}
