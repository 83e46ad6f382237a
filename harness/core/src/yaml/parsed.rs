//! Types with a grammar of their own inside a text, such as a time, a route, or a text with variables.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Reads a type from a text by its own grammar, so that what is wrong is placed at that text; `expected` is the type as a
/// person would say it. What the grammar says follows `failed to read …:`, and its ` (hint: …)` at the end is the problem's.
///
/// # Errors
/// What is no text, and what the grammar says.
pub(crate) fn parsed<'de, T, D>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    T: FromStr<Err = String>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(TextVisitor {
        expected,
        result: PhantomData,
    })
}

struct TextVisitor<T> {
    expected: &'static str,
    result: PhantomData<T>,
}

impl<T: FromStr<Err = String>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Reads a list to its end although an element is broken, so that all broken elements are told at once.
///
/// # Errors
/// That of the first broken element.
pub(crate) fn each<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_seq(EachVisitor(PhantomData))
}

struct EachVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EachVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        let mut broken = None;
        loop {
            match list.next_element() {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return broken.map_or(Ok(items), Err),
                // Where the rest's length is not known, the list may not go on after an error.
                Err(error) if list.size_hint().is_none() => return Err(error),
                Err(error) => broken = broken.or(Some(error)),
            }
        }
    }
}
