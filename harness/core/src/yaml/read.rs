//! From a text to a tree.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Location, MessageFormatter, Spanned, UserMessageFormatter};

use super::{Content, Entry, Node, Reading};
use crate::problem::{Problem, Problems, SourceText};

impl Reading<'_> {
    /// The tree of a text that is one YAML document. Keys that are there twice are noted, and of each the first is taken.
    ///
    /// # Errors
    /// The first thing that is no YAML, with its place, after which nothing is known.
    pub fn tree(&self) -> Result<Node, Problems> {
        let read = serde_saphyr::from_str_with_options::<Spanned<Content>>;
        let mut node = read(&self.source.text, options())
            .map(node)
            .map_err(|error| problem(self.source, &error))?;
        self.take_first_keys(&mut node);
        Ok(node)
    }

    /// The trees of all YAML documents of a text, without the empty ones; as [`Reading::tree`].
    ///
    /// # Errors
    /// The first thing that is no YAML, with its place.
    pub(crate) fn documents(&self) -> Result<Vec<Node>, Problems> {
        let documents: Vec<Spanned<Content>> =
            serde_saphyr::from_multiple_with_options(&self.source.text, options())
                .map_err(|error| problem(self.source, &error))?;
        let mut nodes: Vec<_> = documents.into_iter().map(node).collect();
        for node in &mut nodes {
            self.take_first_keys(node);
        }
        Ok(nodes)
    }

    fn take_first_keys(&self, node: &mut Node) {
        match &mut node.content {
            Content::List(items) => items.iter_mut().for_each(|item| self.take_first_keys(item)),
            Content::Mapping(entries) => {
                let mut keys = BTreeSet::new();
                entries.retain(|entry| {
                    let is_first = keys.insert(entry.key.clone());
                    if !is_first {
                        let message = format!("the key `{}` is there twice", entry.key);
                        self.problem(entry.key_span.clone(), message);
                    }
                    is_first
                });
                for entry in entries {
                    self.take_first_keys(&mut entry.value);
                }
            }
            _ => {}
        }
    }
}

/// The deepest nesting. Each level is read by a dozen calls, which a thread's stack must hold in a build without
/// optimisation; the schemas of Kubernetes' own resources, which nest deepest of what is read here, have some thirty.
const DEEPEST: usize = 44;

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEEPEST },
        // The tree keeps every key, and all that are repeated are told at once.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        // The tree holds a copy for each alias, so a few lines must not become millions of values.
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000 },
        strict_booleans: true,
        with_snippet: false,
    }
}

fn problem(source: &SourceText, error: &serde_saphyr::Error) -> Problem {
    let message = UserMessageFormatter.format_message(error).into_owned();
    let Some(location) = error.location() else {
        return Problem::new(&source.file, message);
    };
    // Where the text cannot be cut into tokens, there are only a line and a column.
    let place = if location.span().byte_offset().is_some() {
        span(&location)
    } else {
        let start = offset(&source.text, location.line(), location.column());
        start..start
    };
    source.problem(place, message)
}

/// The byte offset of a line and a column of characters, both counted from 1.
fn offset(text: &str, line: u64, column: u64) -> usize {
    let before = bytes(Some(line.saturating_sub(1)));
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let columns = bytes(Some(column.saturating_sub(1)));
    let characters = text[start..].chars().take(columns);
    start + characters.map(char::len_utf8).sum::<usize>()
}

fn node(spanned: Spanned<Content>) -> Node {
    Node {
        span: span(&spanned.referenced),
        content: spanned.value,
    }
}

fn span(location: &Location) -> Range<usize> {
    let start = bytes(location.span().byte_offset());
    start..start.saturating_add(bytes(location.span().byte_len()))
}

fn bytes(count: Option<u64>) -> usize {
    count
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or_default()
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a number, `true`, `false`, a list or a mapping")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Nothing)
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Content, E> {
        Ok(Content::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Content, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(node(item));
        }
        Ok(Content::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            entries.push(Entry {
                key_span: span(&key.referenced),
                key: key.value,
                value: node(map.next_value()?),
            });
        }
        Ok(Content::Mapping(entries))
    }
}
