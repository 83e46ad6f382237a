//! The data of `Secret` objects in JSON and in YAML's flow form, and the values of pairs such as
//! `{"name": "PASSWORD", "value": "x"}`: anywhere in a text, also cut off, and also quoted inside a JSON string, as the
//! annotation of `kubectl apply` holds a whole object.

use std::ops::Range;

use super::{Secrets, names};

/// How often JSON is looked for inside JSON strings.
const LEVELS: u32 = 4;

pub(super) fn find(text: &str, secrets: &mut Secrets<'_>) {
    let has_secret = names_the_kind(text);
    if !has_secret && !text.contains("alue") {
        return;
    }
    for level in 0..LEVELS {
        let mark = format!("{}\"", "\\".repeat((1 << level) - 1));
        if !text.contains(&mark) && level > 0 {
            break;
        }
        Scanner::new(text, level).run(false, secrets);
    }
    // JSON in a quoted message whose marks were not escaped, or after a lone mark, is read with the marks' meaning turned
    // around. Nothing else can look like a Secret that way, as commas and colons then stand for its texts.
    if has_secret {
        Scanner::new(text, 0).run(true, secrets);
    }
}

/// Whether `Secret` or `SecretList` stands somewhere as a whole word.
fn names_the_kind(text: &str) -> bool {
    text.match_indices("Secret").any(|(at, word)| {
        let rest = &text[at + word.len()..];
        let rest = rest.strip_prefix("List").unwrap_or(rest);
        !rest.starts_with(|next: char| next.is_ascii_alphanumeric())
    })
}

/// What a quotation mark is to JSON that is quoted `level` times, by the number of backslashes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// It opens or closes a string.
    Structural,
    /// It is a character of a string.
    Inner,
    /// It belongs to the text around.
    Outer,
}

pub(super) fn quote(level: u32, mut backslashes: usize) -> Quote {
    for _ in 0..level {
        // One level of quoting doubles each backslash and puts one before each mark.
        if backslashes.is_multiple_of(2) {
            return Quote::Outer;
        }
        backslashes = (backslashes - 1) / 2;
    }
    if backslashes.is_multiple_of(2) {
        Quote::Structural
    } else {
        Quote::Inner
    }
}

/// One pass over a text. It knows strings, brackets, commas and colons, and forgives everything else.
struct Scanner<'text> {
    text: &'text str,
    level: u32,
    open: Vec<Container<'text>>,
    /// Texts inside `data` and `stringData` of containers that are still open, and whether they are bare.
    data: Vec<(Range<usize>, bool)>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "what was seen of a container, each by itself"
)]
struct Container<'text> {
    is_object: bool,
    /// The key whose value comes next; none where a key comes next.
    key: Option<&'text str>,
    is_secret: bool,
    is_data: bool,
    /// Whether its keys stand in marks.
    is_marked: bool,
    /// Whether its `name` is that of a secret.
    is_named: bool,
    /// Its `value`.
    value: Option<(Range<usize>, bool)>,
    /// How much of [`Scanner::data`] was there before.
    first: usize,
}

impl<'text> Scanner<'text> {
    fn new(text: &'text str, level: u32) -> Self {
        Self {
            text,
            level,
            open: Vec::new(),
            data: Vec::new(),
        }
    }

    fn run(mut self, lines_begin_inside: bool, secrets: &mut Secrets<'_>) {
        let mut string = lines_begin_inside.then_some(0);
        // YAML's flow form has texts without marks, and ones in single marks.
        let has_bare = self.level == 0 && !lines_begin_inside;
        let mut bare: Option<usize> = None;
        let mut is_single = false;
        let mut backslashes = 0;
        for (at, byte) in self.text.bytes().enumerate() {
            if is_single {
                if matches!(byte, b'\'' | b'\n') {
                    is_single = false;
                    if byte == b'\''
                        && let Some(start) = bare.take()
                    {
                        self.text_value(start + 1..at, false);
                    }
                    bare = None;
                }
                continue;
            }
            if byte == b'\\' {
                backslashes += 1;
                continue;
            }
            let before = std::mem::take(&mut backslashes);
            if string.is_none() && has_bare && !self.open.is_empty() {
                match (byte, bare) {
                    (b'\'', None) => {
                        is_single = true;
                        bare = Some(at);
                        continue;
                    }
                    (b',' | b'{' | b'}' | b'[' | b']' | b'"' | b'\n', Some(start)) => {
                        bare = None;
                        self.bare_value(start, at);
                    }
                    (b':', Some(start)) => {
                        let next = self.text.as_bytes().get(at + 1);
                        if next.is_none_or(u8::is_ascii_whitespace) {
                            bare = None;
                            self.bare_value(start, at);
                        }
                    }
                    (
                        b':' | b',' | b'{' | b'}' | b'[' | b']' | b'"' | b' ' | b'\t' | b'\n'
                        | b'\r',
                        None,
                    ) => {}
                    (_, None) => bare = Some(at),
                    _ => {}
                }
            }
            match byte {
                b'"' => match (quote(self.level, before), string) {
                    (Quote::Outer, _) => {
                        string = None;
                        self.close_all(secrets);
                    }
                    (Quote::Inner, _) => {}
                    (Quote::Structural, None) => string = Some(at + 1),
                    (Quote::Structural, Some(start)) => {
                        string = None;
                        let mark = (1 << self.level) - 1;
                        self.text_value(start..at - mark, false);
                    }
                },
                b'\n' => {
                    // No JSON string goes over the line's end, so a lone mark in prose hides nothing after it.
                    if let Some(start) = string {
                        self.cut_off(start..at);
                    }
                    string = lines_begin_inside.then_some(at + 1);
                    if self.level > 0 {
                        self.close_all(secrets);
                    }
                }
                _ if string.is_some() => {}
                b'{' | b'[' => self.open(byte == b'{'),
                b'}' | b']' => self.close(secrets),
                b',' => {
                    if let Some(container) = self.open.last_mut() {
                        container.key = None;
                    }
                }
                _ => {}
            }
        }
        let end = self.text.len();
        match (string, bare) {
            (Some(start), _) => self.cut_off(start..end),
            (None, Some(start)) if is_single => self.cut_off(start + 1..end),
            (None, Some(start)) => self.bare_value(start, end),
            (None, None) => {}
        }
        self.close_all(secrets);
    }

    /// A text without marks, up to where it ends.
    fn bare_value(&mut self, start: usize, end: usize) {
        let length = self.text[start..end].trim_ascii_end().len();
        let text = &self.text[start..start + length];
        if !matches!(text, "null" | "~" | "true" | "false" | "") {
            self.text_value(start..start + length, true);
        }
    }

    /// The end of the text came before the string's: a value that was cut is one.
    fn cut_off(&mut self, range: Range<usize>) {
        let has_key = self
            .open
            .last()
            .is_some_and(|container| container.key.is_some());
        if has_key {
            self.text_value(range, false);
        }
    }

    fn open(&mut self, is_object: bool) {
        let parent = self.open.last();
        let is_data = parent.is_some_and(|parent| {
            parent.is_data || matches!(parent.key, Some("data" | "stringData"))
        });
        // `"password": {"value": "x"}`
        let key = parent.and_then(|parent| parent.key);
        let is_named = is_object && key.is_some_and(|key| names::telling(key).is_some());
        self.open.push(Container {
            is_object,
            key: None,
            is_secret: false,
            is_data,
            is_marked: false,
            is_named,
            value: None,
            first: self.data.len(),
        });
    }

    fn close(&mut self, secrets: &mut Secrets<'_>) {
        let Some(container) = self.open.pop() else {
            return;
        };
        // A bare text between marked ones is a number, in whose place a text needs marks.
        let marks = |is_bare: bool| {
            let is_json = container.is_marked && is_bare;
            is_json.then_some((b'"', (1 << self.level) - 1))
        };
        if container.is_named
            && let Some((range, is_bare)) = container.value
        {
            secrets.keep_quoted(range, marks(is_bare));
        }
        if container.is_secret {
            for (range, is_bare) in self.data.drain(container.first..) {
                secrets.keep_quoted(range, marks(is_bare));
            }
        }
    }

    fn close_all(&mut self, secrets: &mut Secrets<'_>) {
        while !self.open.is_empty() {
            self.close(secrets);
        }
        self.data.clear();
    }

    fn text_value(&mut self, range: Range<usize>, is_bare: bool) {
        let Some(container) = self.open.last_mut() else {
            return;
        };
        let text = &self.text[range.clone()];
        let Some(key) = container.key.filter(|_| container.is_object) else {
            if container.is_object {
                container.key = Some(text);
                container.is_marked = !is_bare;
            } else if container.is_data {
                self.data.push((range, is_bare));
            }
            return;
        };
        if container.is_data || matches!(key, "data" | "stringData") {
            self.data.push((range, is_bare));
        } else if key == "kind" {
            container.is_secret |= matches!(text, "Secret" | "SecretList");
        } else if matches!(key, "name" | "Name" | "key" | "Key") {
            container.is_named |= names::telling(text).is_some();
        } else if matches!(key, "value" | "Value") {
            container.value = Some((range, is_bare));
        }
    }
}
