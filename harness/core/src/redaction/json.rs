//! The data of `Secret` objects in JSON: anywhere in a text, also cut off, and also quoted inside a JSON string, as the
//! annotation of `kubectl apply` holds a whole object.

use std::ops::Range;

use super::Secrets;

/// How often JSON is looked for inside JSON strings.
const LEVELS: u32 = 4;

pub(super) fn find(text: &str, secrets: &mut Secrets) {
    for level in 0..LEVELS {
        Scanner::new(text, level).run(false, secrets);
    }
    // JSON in a quoted message whose marks were not escaped, or after a lone mark, is read with the marks' meaning turned
    // around. Nothing else can look like a Secret that way, as commas and colons then stand for its texts.
    Scanner::new(text, 0).run(true, secrets);
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
    /// Texts inside `data` and `stringData` of containers that are still open.
    data: Vec<Range<usize>>,
}

struct Container<'text> {
    is_object: bool,
    /// The key whose value comes next; none where a key comes next.
    key: Option<&'text str>,
    is_secret: bool,
    is_data: bool,
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

    fn run(mut self, lines_begin_inside: bool, secrets: &mut Secrets) {
        let mut string = lines_begin_inside.then_some(0);
        let mut backslashes = 0;
        for (at, byte) in self.text.bytes().enumerate() {
            if byte == b'\\' {
                backslashes += 1;
                continue;
            }
            let before = std::mem::take(&mut backslashes);
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
                        self.text_value(start..at - mark);
                    }
                },
                b'\n' => {
                    // No JSON string goes over the line's end, so a lone mark in prose hides nothing after it.
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
        self.close_all(secrets);
    }

    fn open(&mut self, is_object: bool) {
        let is_data = self.open.last().is_some_and(|parent| {
            parent.is_data || matches!(parent.key, Some("data" | "stringData"))
        });
        self.open.push(Container {
            is_object,
            key: None,
            is_secret: false,
            is_data,
            first: self.data.len(),
        });
    }

    fn close(&mut self, secrets: &mut Secrets) {
        if let Some(container) = self.open.pop()
            && container.is_secret
        {
            for range in self.data.drain(container.first..) {
                secrets.keep(range);
            }
        }
    }

    fn close_all(&mut self, secrets: &mut Secrets) {
        while !self.open.is_empty() {
            self.close(secrets);
        }
        self.data.clear();
    }

    fn text_value(&mut self, range: Range<usize>) {
        let Some(container) = self.open.last_mut() else {
            return;
        };
        let text = &self.text[range.clone()];
        if container.is_object && container.key.is_none() {
            container.key = Some(text);
        } else if container.is_data {
            self.data.push(range);
        } else if container.key == Some("kind") && matches!(text, "Secret" | "SecretList") {
            container.is_secret = true;
        }
    }
}
