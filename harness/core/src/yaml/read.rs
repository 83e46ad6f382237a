//! From a text to a tree.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Location, Spanned};

use super::{Content, Entry, Node};
use crate::problem::{Problem, SourceText};

/// Reads one YAML document.
///
/// # Errors
/// The first thing that is no YAML, with its place.
pub(crate) fn read(source: &SourceText) -> Result<Node, Problem> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Content>>(&source.text, options)
        .map(node)
        .map_err(|error| problem(source, &error))
}

fn problem(source: &SourceText, error: &serde_saphyr::Error) -> Problem {
    let message = error.to_string();
    match error.location() {
        Some(location) => source.problem(span(&location), message),
        None => Problem::new(&source.file, message),
    }
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
